"""The set-up in a browser: from the printed link to a finished full sync, and what can fail."""

import re

from playwright.sync_api import Page, expect

from browser.console.desk import Desk
from browser.console.walking import connect, fill, press, sync_all
from browser.console.watch import Watch


def people(desk: Desk) -> int:
    return sum(1 for _ in desk.sandbox.crm.persons())


def test_a_first_look_says_what_to_do(page: Page) -> None:
    expect(page.get_by_role("heading", name="Nothing is connected yet")).to_be_visible()
    page.get_by_role("link", name="Connect the first").click()
    expect(page.get_by_role("heading", name="Connect", exact=True)).to_be_visible()
    expect(page.get_by_text("nothing is written to either")).to_be_visible()


def test_a_connect_that_fails_says_why_and_keeps_what_was_typed(page: Page, desk: Desk) -> None:
    page.goto("/connect")
    fill(page, desk)
    page.get_by_label("Chargebee API key").fill("not the key")
    press(page, "Check both and connect")
    expect(page.get_by_role("alert")).to_contain_text("Chargebee")
    expect(page.get_by_label("Chargebee site")).to_have_value("sandbox-test")
    fill(page, desk)
    page.get_by_label("Pipedrive API token").fill("not the token")
    press(page, "Check both and connect")
    expect(page.get_by_role("alert")).to_contain_text("Pipedrive")
    page.goto("/")
    expect(page.get_by_role("heading", name="Nothing is connected yet")).to_be_visible()


def test_somebody_who_is_no_admin_there_is_refused(page: Page, desk: Desk) -> None:
    me = desk.sandbox.crm.me
    before = me["access"]
    me["access"] = [{"app": "sales", "admin": False}]
    connect(page, desk)
    expect(page.get_by_role("alert")).to_contain_text("admin")
    me["access"] = before


def test_the_whole_way_to_a_finished_full_sync(page: Page, desk: Desk, watch: Watch) -> None:
    watch.expected.append("status of 422")
    before = people(desk)
    connect(page, desk)
    page.wait_for_url("**/c/acme/setup/configure")
    expect(page.get_by_role("status")).to_contain_text("Connected: ")
    configured(page)
    press(page, "Save and go on")
    page.wait_for_url("**/c/acme/setup/validate")
    press(page, "Validate")
    expect(page.get_by_role("heading", name="customers were checked")).to_be_visible()
    assert people(desk) == before
    page.get_by_role("link", name=re.compile("^Go on")).click()
    page.wait_for_url("**/c/acme/setup/trial")
    press(page, "Run the trial")
    expect(page.get_by_role("heading", name="10 customers were tried")).to_be_visible()
    assert before < people(desk) <= before + 10
    page.get_by_role("link", name="Go on").click()
    page.wait_for_url("**/c/acme/setup/all")
    press(page, "Preview")
    expect(page.get_by_role("link", name="See each change, before and after")).to_be_visible()
    assert people(desk) <= before + 10
    sync_all(page)
    expect(page.get_by_role("heading", name="Everything was synced")).to_be_visible()
    assert people(desk) > before + 10
    page.get_by_role("link", name="To the overview").click()
    expect(page.get_by_text("next in")).to_be_visible()


def configured(page: Page) -> None:
    """The form is followed by its preview, says what is wrong with it, and shows what was tried."""
    examples = page.locator("#examples")
    expect(examples.locator(".example")).to_have_count(3)
    expect(page.locator("#room")).to_contain_text("need 4 custom fields")
    page.get_by_role("checkbox", name="Find and make organizations").check()
    expect(examples).to_contain_text("CB Status")
    expect(page.locator("#room")).to_contain_text("need 5 custom fields")
    expect(page.locator("#standing")).to_contain_text("CB Status")

    deals = page.get_by_role("checkbox", name="Make these deals").first
    pipeline = page.get_by_role("combobox", name="Pipeline").first
    expect(pipeline).not_to_be_visible()
    deals.check()
    expect(pipeline).to_be_visible()
    deals.uncheck()

    every = page.get_by_label("Every", exact=True)
    every.fill("xx")
    press(page, "Save and go on")
    refused = page.get_by_role("alert").filter(has_text="Not saved: 1 to correct")
    expect(refused).to_be_focused()
    expect(refused).to_be_in_viewport()
    refused.get_by_role("link", name="Schedule: Every").click()
    expect(every).to_be_in_viewport()
    expect(every).to_have_attribute("aria-invalid", "true")
    expect(every).to_have_accessible_description(re.compile("must be an interval"))
    every.fill("1h")
    press(page, "Try on three customers")
    expect(examples).to_be_focused()
    expect(examples.locator(".example").first).to_be_in_viewport()


def test_the_match_key_is_locked_now_and_says_why(page: Page) -> None:
    page.goto("/c/acme/settings/")
    locked = page.get_by_role("group").filter(has_text="full sync").locator("select, input")
    assert locked.count() >= 2
    expect(locked.first).to_be_disabled()


def test_a_second_connection_of_the_same_name_is_refused(page: Page, desk: Desk) -> None:
    connect(page, desk)
    expect(page.get_by_text("A connection of this name is there already.")).to_be_visible()
