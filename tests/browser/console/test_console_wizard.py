"""The set-up in a browser: from the printed link to a finished full sync, and what can fail."""

import re

import pytest
from playwright.sync_api import Dialog, Page, expect

from browser.console.desk import Desk
from browser.console.walking import connect, fill, press, sync_all
from browser.console.watch import Watch


@pytest.fixture(scope="module", autouse=True)
def more_to_pick(desk: Desk) -> None:
    """A custom field of people that holds numbers."""
    desk.sandbox.crm.add_field("person", field_name="Score", field_type="double")


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

    expect(examples.locator(".moved").first).to_be_in_viewport()
    picked(page)

    every = page.get_by_label("Every", exact=True)
    expect(every).not_to_be_visible()
    page.get_by_role("navigation", name="Groups of settings").get_by_text("Schedule").click()
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


def picked(page: Page) -> None:
    """Far down the form the preview is in sight; pickers offer what fits."""
    examples = page.locator("#examples")
    pipeline = page.get_by_role("combobox", name="Pipeline").first
    expect(pipeline).not_to_be_visible()
    page.locator("#group-subscription_deals > summary").click()
    deals = page.get_by_role("checkbox", name="Make these deals").first
    deals.check()
    expect(examples).to_contain_text("Deal of subscription")
    stage = page.get_by_role("combobox", name="Stage when in trial").first
    stage.scroll_into_view_if_needed()
    expect(examples.locator(".moved").first).to_be_in_viewport()
    expect(stage.locator("optgroup").first).to_have_attribute("label", "Sales")
    stage.select_option("Proposal Made")
    pipeline.select_option("Renewals")
    expect(stage).to_have_value("")
    hidden = stage.locator("optgroup").evaluate_all(
        "all => all.map((one) => [one.label, one.hidden])"
    )
    assert dict(hidden) == {"Sales": True, "Renewals": False}
    deals.uncheck()

    page.locator("#group-additional > summary").click()
    row = page.get_by_role("group", name="Additional field 1", exact=True)
    row.get_by_label("From Chargebee").fill("subscription.mrr")
    target = row.get_by_label("To Pipedrive")
    target.select_option("A new field of the person ...")
    expect(row.get_by_label("Type")).to_contain_text("by the attribute (money)")
    score = target.locator("option", has_text="Score (number)")
    assert score.evaluate("one => one.hidden")
    row.get_by_label("Type").select_option("number")
    assert not score.evaluate("one => one.hidden")
    name = row.get_by_label("Name of the new field")
    name.fill("Biggest plan")
    expect(examples).to_contain_text("Biggest plan")
    target.select_option("Nothing")
    expect(name).not_to_be_visible()
    row.get_by_label("From Chargebee").fill("")
    page.locator("#group-additional > summary").click()


def test_the_match_key_is_locked_now_and_says_why(page: Page) -> None:
    page.goto("/c/acme/settings/")
    for name in ("Match key in Chargebee", "Match key in Pipedrive"):
        expect(page.get_by_label(name)).to_be_disabled()
    expect(page.get_by_text("Match key in Chargebee cannot change")).to_be_visible()


def test_a_second_connection_of_the_same_name_is_refused(page: Page, desk: Desk) -> None:
    connect(page, desk)
    expect(page.get_by_text("A connection of this name is there already.")).to_be_visible()


def test_unlink_asks_with_what_follows_from_the_choice(page: Page) -> None:
    page.goto("/c/acme/settings/accounts")
    asked = list[str]()

    def no(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", no)
    for choice in ("links are kept", "links are dropped", "taken off people and organizations"):
        page.get_by_role("radio", name=choice).check()
        press(page, "Unlink")
        assert asked[-1].startswith("Unlink acme? ")
        assert choice in asked[-1]
    expect(page.get_by_role("button", name="Unlink")).to_be_enabled()
