"""Runs in a browser: seen to move, paused, cancelled; previewed, written and taken back."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from browser.console.desk import Desk
from browser.console.walking import connect, ended, press, sync_all


@pytest.fixture(scope="module")
def customers() -> int:
    """Enough for several pages of writes: a run stops between two."""
    return 420


def moves(bar: Locator) -> None:
    """See a bar get longer."""
    before = bar.get_attribute("value")
    expect(bar).to_have_attribute("value", re.compile(rf"^(?!{before}$)\d+$"))


def started(page: Page) -> None:
    """Mark the page: what it shows from now on came without another load."""
    page.evaluate("window.sameLoad = true")


def test_a_run_is_seen_to_move_paused_gone_on_with_and_cancelled(page: Page, desk: Desk) -> None:
    connect(page, desk)
    page.wait_for_url("**/setup/configure")
    page.goto("/c/acme/setup/all")
    with desk.slow():
        sync_all(page)
        started(page)
        bar = page.get_by_role("progressbar", name="Changes written")
        expect(bar).to_be_visible()
        moves(bar)
        assert page.evaluate("window.sameLoad")
        press_slowly(page, "Cancel")
        expect(page.get_by_role("button", name="Sync all")).to_be_visible()
    some = len(marked(desk))
    page.goto("/c/acme/setup/all")
    with desk.slow():
        sync_all(page)
        expect(bar).to_be_visible()
        press(page, "Pause")
        expect(page.get_by_text("Paused. Paused by hand")).to_be_visible()
    press(page, "Go on now")
    expect(page.get_by_role("heading", name="Everything was synced")).to_be_visible()
    keys = marked(desk)
    assert some < len(keys) == len(set(keys))


def press_slowly(page: Page, name: str) -> None:
    """Hold a button down while the page moves below it."""
    page.get_by_role("button", name=name, exact=True).hover()
    page.mouse.down()
    with page.expect_response(lambda answer: "hx-request" in answer.request.headers):
        pass
    page.mouse.up()


def marked(desk: Desk) -> list[str]:
    """The customers that people stand for, as the people say; none before there is a mark."""
    crm = desk.sandbox.crm
    codes = [
        each["field_code"]
        for each in crm.fields("person")
        if each["field_name"] == "CB Customer ID"
    ]
    found = (person["custom_fields"].get(code) for person in crm.persons() for code in codes)
    return [key for key in found if key]


@pytest.fixture
def edited(desk: Desk) -> str:
    """A customer that has a new name in Chargebee."""
    desk.sandbox.billing.edit_customer("cust_000006", first_name="Edited", last_name="Today")
    return "Edited Today"


def names(desk: Desk) -> set[str]:
    return {each["name"] for each in desk.sandbox.crm.persons()}


def test_a_preview_is_written_and_taken_back(page: Page, desk: Desk, edited: str) -> None:
    before = names(desk)
    page.goto("/c/acme/runs/")
    press(page, "Preview")
    ended(page)
    expect(page.locator(".will", has_text=edited)).to_be_visible()
    assert names(desk) == before
    press(page, "Write exactly this")
    ended(page)
    assert names(desk) - before == {edited}
    press(page, "Undo this run")
    ended(page, "waiting")
    expect(page.get_by_text("Nothing is written before you say yes.")).to_be_visible()
    press(page, "Yes, go on")
    ended(page)
    assert names(desk) == before
    page.goto("/c/acme/runs/")
    expect(page.get_by_role("row").nth(1)).to_contain_text("undo")


def test_a_record_is_found_and_synced_again(page: Page, desk: Desk) -> None:
    page.goto("/c/acme/records/")
    page.get_by_role("searchbox").fill("Edited Today")
    page.get_by_role("link", name="Edited Today").click()
    expect(page.get_by_text("Nothing is written now")).to_be_visible()
    press(page, "Sync this record")
    ended(page)
    assert "Edited Today" in names(desk)


def test_the_overview_moves_by_itself(page: Page, desk: Desk) -> None:
    page.goto("/c/acme/")
    started(page)
    before = page.locator("#last-runs").inner_text()
    other = page.context.new_page()
    other.goto("/c/acme/")
    press(other, "Sync now")
    ended(other)
    number = other.get_by_role("heading", level=1).inner_text().split(":")[0].lower()
    expect(page.get_by_role("link", name=number, exact=True)).to_be_visible()
    assert page.evaluate("window.sameLoad")
    assert before
