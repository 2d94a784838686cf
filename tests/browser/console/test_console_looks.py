"""Every page, in both themes, on a desktop and on a phone: usable by all, and never too wide."""

import pytest
from playwright.sync_api import Page, expect

from browser.console.conftest import Opens
from browser.console.desk import ADMIN, Desk
from browser.console.looking import looks_right
from browser.console.walking import connect, ended, press
from browser.console.watch import Watch

PAGES = [
    *("/", "/connect", "/people/", "/people/me", "/nowhere", "/c/nobody/"),
    *(f"/c/acme/{part}" for part in ("", "runs/", "errors/", "records/", "settings/")),
    *(f"/c/acme/settings/{part}" for part in ("file", "accounts", "mapping", "copy")),
    *("/c/acme/backfill/", "/c/acme/records/nobody", "/oauth/callback?code=unasked"),
    *(f"/c/acme/setup/{step}" for step in ("connect", "configure", "validate", "trial", "all")),
    *("/c/acme/runs/?kind=undo", "/c/acme/errors/?state=ignored", "/c/acme/records/?q=nobody"),
]
OPENED = ["runs/", "errors/", "records/"]
"""Lists of which the first row is opened."""


@pytest.fixture(scope="module")
def customers() -> int:
    """As few as show every kind of row."""
    return 20


LONG = "a-connection-that-has-the-longest-name-of-them-all"
COMPANY = "Donaudampfschifffahrtsgesellschaftskapitänsmützenhersteller"


@pytest.fixture(scope="module")
def before(desk: Desk) -> None:
    """The first error of the list has candidates; the account's name is too long for a phone."""
    desk.sandbox.crm.me["company_name"] = COMPANY
    email = "twin@example.com"
    desk.sandbox.billing.add_customer(id="twin", first_name="Tilda", email=email)
    for name in ("Tilda at work", "Tilda at home"):
        desk.sandbox.crm.add_person(name=name, emails=[{"value": email}])


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_usable_by_all(page: Page, acme: str, path: str, watch: Watch) -> None:
    watch.expected += ["status of 404", "status of 400"]
    page.goto(path)
    looks_right(page)


@pytest.mark.parametrize("part", OPENED)
def test_what_a_list_leads_to_is_usable_by_all(page: Page, acme: str, part: str) -> None:
    page.goto(acme + part)
    page.locator("tbody a").first.click()
    page.get_by_role("link", name="All ").wait_for()
    looks_right(page)


def test_a_run_that_asks_is_usable_by_all(page: Page, acme: str) -> None:
    page.goto(f"{acme}runs/")
    page.locator("tbody a").first.click()
    press(page, "Undo this run")
    ended(page, "waiting")
    looks_right(page)
    press(page, "No, cancel it")
    ended(page, "cancelled")


def test_a_question_on_a_page_of_its_own_is_usable_by_all(page: Page, acme: str) -> None:
    page.goto(f"{acme}settings/accounts")
    page.evaluate("document.querySelector('form[action$=unlink]').submit()")
    expect(page.get_by_role("heading", name="Unlink acme?")).to_be_visible()
    looks_right(page)


def test_the_difference_to_another_connection_is_usable_by_all(
    page: Page, acme: str, desk: Desk
) -> None:
    connect(page, desk, LONG)
    page.wait_for_url(f"**/c/{LONG}/setup/configure")
    page.get_by_role("checkbox", name="Organizations").check()
    press(page, "Save and go on")
    page.wait_for_url(f"**/c/{LONG}/setup/validate")
    page.goto(f"/c/acme/settings/copy?to={LONG}")
    expect(page.get_by_text("Find and make organizations")).to_be_visible()
    looks_right(page)
    for path in ("/", f"/c/{LONG}/", f"/c/{LONG}/setup/all", f"/c/{LONG}/settings/accounts"):
        page.goto(path)
        looks_right(page)


def test_what_a_stranger_sees_is_usable_by_all(
    opens: Opens, desk: Desk, acme: str, watch: Watch
) -> None:
    watch.expected += ["status of 410", "status of 429"]
    page = opens()
    for path in ("/sign-in", desk.welcome, f"/welcome/{invited(opens)}"):
        page.goto(path)
        looks_right(page)
    page.goto("/sign-in")
    while page.get_by_role("heading", name="Too many attempts").count() == 0:
        page.get_by_label("Email").fill("stranger@example.com")
        page.get_by_label("Password").fill("a guess")
        with page.expect_event("domcontentloaded"):
            press(page, "Sign in")
    looks_right(page)


def invited(opens: Opens) -> str:
    """The token of a link for somebody new."""
    page = opens(ADMIN)
    page.goto("/people/")
    page.get_by_label("Email").fill("new@example.com")
    press(page, "Make a link")
    return page.locator("#welcome-link").inner_text().rpartition("/")[2]
