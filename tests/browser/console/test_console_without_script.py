"""The set-up in a browser that runs no script: the same way, and the same questions."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from browser.console.desk import Desk
from browser.console.walking import come_in, connect, press
from browser.console.watch import Watch
from browser.playing import PATIENCE

QUESTION = re.compile(r"People in Pipedrive will be made and changed in .*\. Start the full sync\?")


@pytest.fixture(scope="module")
def customers() -> int:
    """As few as a trial needs, and some more for the full sync."""
    return 20


@pytest.fixture
def plain(browser: Browser, desk: Desk, watch: Watch) -> Iterator[Page]:
    """The admin's page in a browser without scripts."""
    watch.expected.append("status of 422")
    context = browser.new_context(java_script_enabled=False, base_url=desk.address)
    watch.on(context)
    page = context.new_page()
    page.set_default_timeout(1000 * PATIENCE)
    yield come_in(desk, page)
    context.close()


def comes(page: Page, heading: str) -> None:
    """Wait until the heading is there: the page loads itself again while its run goes on."""
    expect(page.get_by_role("heading", name=heading)).to_be_visible(timeout=1000 * PATIENCE)


def people(desk: Desk) -> int:
    return sum(1 for _ in desk.sandbox.crm.persons())


def test_the_whole_way_without_a_script(plain: Page, desk: Desk) -> None:
    page, before = plain, people(desk)
    connect(page, desk)
    expect(page.get_by_role("heading", name="Configure")).to_be_visible()

    expect(page.get_by_label("Owner of new records")).to_have_value("token")
    page.get_by_label("Owner of new records").fill("sam@sandbox.example")
    press(page, "Read them now")
    owner = page.get_by_role("combobox", name="Owner of new records")
    expect(owner).to_have_value(re.compile("sam@sandbox.example", re.IGNORECASE))
    owner.select_option("The connecting user")
    page.locator("#group-schedule > summary").click()
    page.get_by_label("Every", exact=True).fill("xx")
    press(page, "Save and go on")
    page.get_by_role("link", name="Schedule: Every").click()
    expect(page.get_by_label("Every", exact=True)).to_be_in_viewport()
    page.get_by_label("Every", exact=True).fill("2h")
    press(page, "Try on three customers")
    expect(page.locator(".example").first).to_be_in_viewport()
    expect(page.get_by_text("Under the settings as you change them")).not_to_be_visible()
    expect(page.get_by_label("Every", exact=True)).to_have_value("2h")
    press(page, "Save and go on")

    press(page, "Validate")
    comes(page, "customers were checked")
    page.get_by_role("link", name="Go on").click()
    press(page, "Preview")
    comes(page, "What would be written")
    assert people(desk) == before
    press(page, "Run the trial")
    comes(page, "10 customers were tried")
    tried = people(desk)
    assert before < tried <= before + 10

    page.get_by_role("link", name="Go on").click()
    press(page, "Sync all")
    expect(page.get_by_role("heading", name=QUESTION)).to_be_visible()
    page.get_by_role("link", name="No, go back").click()
    expect(page.get_by_role("heading", name="Sync all")).to_be_visible()
    assert people(desk) == tried
    press(page, "Sync all")
    press(page, "Yes")
    comes(page, "Everything was synced")
    assert people(desk) > tried

    page.goto("/c/acme/settings/accounts")
    press(page, "Unlink")
    expect(page.get_by_role("heading", name="Unlink acme?")).to_be_visible()
    press(page, "Yes")
    expect(page.get_by_role("status")).to_contain_text("acme is unlinked")
