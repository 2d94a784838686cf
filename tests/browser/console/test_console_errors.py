"""Errors in a browser: decided, ignored, put back, and taken away as a file."""

import csv

import pytest
from playwright.sync_api import Page, expect

from browser.console.desk import Desk
from browser.console.walking import ended, press

TWIN = "twin@example.com"
LABEL = "Choose the error of "


@pytest.fixture(scope="module")
def before(desk: Desk) -> None:
    """Two people have the email of one customer."""
    sandbox = desk.sandbox
    sandbox.billing.add_customer(id="twin", first_name="Tilda", last_name="Twin", email=TWIN)
    for name in ("Tilda at work", "Tilda at home"):
        sandbox.crm.add_person(name=name, emails=[{"value": TWIN}])


def test_an_ambiguous_match_is_decided(page: Page, desk: Desk, acme: str) -> None:
    page.goto(f"{acme}errors/")
    page.get_by_role("link", name="Tilda Twin", exact=True).click()
    expect(page.get_by_role("heading", name="Which person is it?")).to_be_visible()
    expect(page.get_by_role("button", name="This one")).to_have_count(2)
    page.get_by_role("button", name="This one: Tilda at home").click()
    expect(page.get_by_role("status")).to_contain_text("Decided.")
    expect(page.locator("#error .badge").first).to_have_text("resolved")
    page.get_by_role("link", name="Look at the run").click()
    ended(page)
    people = {each["name"]: each for each in desk.sandbox.crm.persons() if "Tilda" in each["name"]}
    assert set(people) == {"Tilda at work", "Tilda Twin"}
    page.goto(f"{acme}errors/")
    expect(page.get_by_role("link", name="Tilda Twin", exact=True)).to_have_count(0)
    page.goto(f"{acme}records/twin")
    expect(page.get_by_text("decided by a person")).to_be_visible()


def test_errors_are_ignored_with_a_reason_and_put_back(page: Page, acme: str) -> None:
    page.goto(f"{acme}errors/")
    boxes = page.get_by_role("checkbox", name=LABEL)
    expect(boxes).to_have_count(3)
    who = page.locator("tbody a").first.inner_text()
    boxes.first.check()
    page.get_by_label("Why they are ignored").fill("asked the customer")
    press(page, "Ignore the chosen")
    expect(page.get_by_role("status")).to_contain_text("1 ignored")
    expect(boxes).to_have_count(2)
    page.get_by_label("State").select_option("ignored")
    press(page, "Show")
    expect(page.locator("tbody tr")).to_contain_text([who])
    expect(page.locator("tbody tr")).to_contain_text(["asked the customer"])
    page.get_by_role("checkbox", name="Choose all on this page").check()
    press(page, "Put the chosen back on the list")
    expect(page.get_by_role("heading", name="None ignored")).to_be_visible()
    page.goto(f"{acme}errors/")
    expect(boxes).to_have_count(3)


def test_the_file_holds_the_open_errors_and_none_that_is_ignored(page: Page, acme: str) -> None:
    page.goto(f"{acme}errors/")
    boxes = page.get_by_role("checkbox", name=LABEL)
    keys = [(box.get_attribute("aria-label") or "").removeprefix(LABEL) for box in boxes.all()]
    boxes.first.check()
    press(page, "Ignore the chosen")
    expect(page.locator("tbody tr")).to_have_count(len(keys) - 1)
    with page.expect_download() as waiting:
        page.get_by_role("link", name="CSV", exact=True).click()
    assert waiting.value.suggested_filename == "chargepipe-errors-acme.csv"
    with waiting.value.path().open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {key for row in rows for key in row.values() if key in keys} == set(keys[1:])
    assert len(rows) == len(keys) - 1


def test_all_that_fit_are_ignored_at_once(page: Page, acme: str) -> None:
    page.goto(f"{acme}errors/")
    page.get_by_role("checkbox", name="not only the chosen").check()
    press(page, "Ignore the chosen")
    expect(page.get_by_role("heading", name="No open errors")).to_be_visible()


def test_what_nothing_fits_says_so_and_leads_back(page: Page, acme: str) -> None:
    page.goto(f"{acme}errors/?q=nobody-has-this")
    expect(page.get_by_role("heading", name="No error fits this filter")).to_be_visible()
    page.get_by_role("link", name="Clear the filter").click()
    expect(page.get_by_role("heading", name="No open errors")).to_be_visible()
