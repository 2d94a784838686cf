"""The page says what is going on, keeps the focus, and fits narrow screens."""

from typing import Any

import pytest
from playwright.sync_api import expect

from browser.acting import (
    customer,
    dialog,
    heading,
    last_call,
    pick,
    press,
    record,
    search,
    send,
)
from browser.playing import Play


def test_a_deletion_is_said_to_be_under_way_until_it_is_done(play: Play) -> None:
    row = pick(play, "already_person")
    name = f"Delete {row['first_name']} {row['last_name']}"
    delete = customer(play).get_by_role("button", name=name, exact=True)
    delete.click()
    expect(dialog(play)).to_contain_text("three minutes")
    send(play, "Delete")
    expect(customer(play)).to_contain_text("is under way")
    expect(customer(play)).to_contain_text("An hour on")
    delete.click()
    press(dialog(play), "Delete")
    expect(dialog(play).get_by_role("alert")).to_contain_text("is under way already")
    press(dialog(play), "Cancel")
    press(play.page.locator("#clock"), "An hour on")
    expect(customer(play)).to_contain_text("It is deleted")
    expect(customer(play)).not_to_contain_text("is under way")
    assert play.sandbox.billing.customer(row["id"])["deleted"]


def test_a_delete_can_be_thought_over(play: Play) -> None:
    person = play.sandbox.crm.add_person(name="Only Asked")["id"]
    search(play, "crm", "Only Asked")
    play.page.locator("#crm-list .hit").click()
    press(record(play), "Delete Only Asked")
    expect(dialog(play)).to_contain_text("Delete Only Asked?")
    press(dialog(play), "Cancel")
    expect(dialog(play)).to_be_hidden()
    assert last_call(play, "search")["args"]["text"] == "Only Asked"
    assert play.sandbox.crm.person(person)["name"] == "Only Asked"


@pytest.mark.parametrize("name", ["tier", "cf_", "cf_a b"])
def test_a_custom_field_without_cf_is_refused_before_it_is_sent(play: Play, name: str) -> None:
    pick(play, "status_active")
    press(customer(play), "Set a custom field ...")
    dialog(play).get_by_label("Name").fill(name)
    press(dialog(play), "Set a custom field")
    expect(dialog(play).get_by_role("alert")).to_contain_text("begins with cf_")
    expect(play.page.locator("#last-call pre")).to_have_count(0)


@pytest.mark.parametrize(
    ("kind", "typed", "held"), [("text", "5", "5"), ("number", "5", 5), ("true", "", True)]
)
def test_a_custom_field_has_the_type_that_was_chosen(
    play: Play, kind: str, typed: str, held: Any
) -> None:
    row = pick(play, "status_active")
    press(customer(play), "Set a custom field ...")
    dialog(play).get_by_label("Name").fill("cf_new")
    dialog(play).get_by_label("It is").select_option(kind)
    dialog(play).get_by_label("Value").fill(typed)
    send(play, "Set a custom field")
    expect(customer(play)).to_contain_text("cf_new")
    set_to = play.sandbox.billing.customer(row["id"])["cf_new"]
    assert (set_to, type(set_to)) == (held, type(held))


def test_what_is_no_number_is_said_in_plain_words(play: Play) -> None:
    pick(play, "status_active")
    press(customer(play), "Set a custom field ...")
    dialog(play).get_by_label("Name").fill("cf_new")
    dialog(play).get_by_label("It is").select_option("number")
    dialog(play).get_by_label("Value").fill("five")
    press(dialog(play), "Set a custom field")
    expect(dialog(play).get_by_role("alert")).to_contain_text("has to be a number")


def test_yes_or_no_is_a_choice(play: Play) -> None:
    row = pick(play, "custom_fields")
    play.sandbox.billing.edit_customer(row["id"], cf_newsletter=True)
    play.shows(customer(play), "cf_newsletter")
    press(customer(play), "Edit cf_newsletter")
    dialog(play).get_by_label("cf_newsletter").select_option("false")
    send(play, "Save")
    assert play.sandbox.billing.customer(row["id"])["cf_newsletter"] is False


def test_ids_are_shown_as_they_are(play: Play) -> None:
    play.sandbox.billing.add_customer(id="moved", first_name="Mo", business_entity_id="be_emea")
    search(play, "billing", "moved")
    play.page.locator("#billing-list .hit").click()
    expect(customer(play)).to_contain_text("be_emea")


def test_an_invoice_has_only_the_buttons_that_can_do_something(play: Play) -> None:
    sandbox = play.sandbox
    id = sandbox.billing.add_customer(first_name="In", last_name="Voice")["id"]
    invoice = sandbox.invoices.raise_for(id, 500)["id"]
    search(play, "billing", id)
    play.page.locator("#billing-list .hit").click()
    part = customer(play).get_by_role("region", name=f"Invoice {invoice}")
    buttons = part.get_by_role("button")
    expect(buttons).to_have_text(["Pay ...", "Credit ...", "Void ...", "Write off", "Delete"])
    sandbox.invoices.pay(invoice)
    play.shows(part, "Refund ...")
    expect(buttons).to_have_text(["Refund ...", "Credit ...", "Delete"])


def test_hide_and_show_take_turns_and_the_owner_comes_back(play: Play) -> None:
    person = play.sandbox.crm.add_person(name="Hide Me")["id"]
    search(play, "crm", "Hide Me")
    play.page.locator("#crm-list .hit").click()
    hide, show = (record(play).get_by_role("button", name=f"{name}:") for name in ("Hide", "Show"))
    expect(show).to_have_count(0)
    hide.click()
    expect(record(play)).to_contain_text("hidden from the connecting user")
    expect(hide).to_have_count(0)
    show.click()
    expect(record(play)).not_to_contain_text("hidden from the connecting user")
    assert play.sandbox.crm.person(person)["owner_id"] == 101


def test_from_a_search_there_is_a_way_back_to_the_cases(play: Play) -> None:
    search(play, "billing", "nobody at all")
    hits = play.page.locator("#billing-list")
    expect(hits.get_by_role("button", name="Make a customer")).to_be_visible()
    press(hits, "Back to the cases")
    expect(hits).to_contain_text("pick one of these cases")
    expect(play.page.locator("#billing-search-text")).to_have_value("")


def test_a_deal_leads_to_its_person_by_name_and_to_the_customer(play: Play) -> None:
    crm, id = play.sandbox.crm, play.sandbox.billing.cases["already_person"][0]
    email = play.sandbox.billing.customer(id)["email"]
    firm = crm.add_organization(name="Firm of Deals")["id"]
    person = crm.add_person(name="Deal Person", emails=[{"value": email}], org_id=firm)["id"]
    crm.add_deal(title="Deal of Three", person_id=person, org_id=firm)
    search(play, "crm", "Deal of Three")
    play.page.locator("#crm-list .hit").click()
    expect(record(play)).to_contain_text(f"Firm of Deals ({firm})")
    expect(record(play)).to_contain_text(f"Deal Person ({person})")
    expect(customer(play)).to_contain_text(id)


def test_the_focus_goes_with_what_a_person_does(play: Play) -> None:
    row = next(row for row in play.sandbox.billing.customers() if row.get("email"))
    search(play, "billing", row["id"])
    hit = play.page.locator("#billing-list .hit")
    hit.click()
    expect(heading(customer(play))).to_be_focused()
    press(customer(play), "Edit Email")
    dialog(play).get_by_label("Email").fill("new@example.com")
    send(play, "Save")
    expect(customer(play).get_by_role("button", name="Edit Email")).to_be_focused()
    press(customer(play), "Edit Email")
    play.page.keyboard.press("Escape")
    expect(dialog(play)).to_be_hidden()
    expect(customer(play).get_by_role("button", name="Edit Email")).to_be_focused()
    press(play.page.locator("#clock"), "An hour on")
    expect(play.page.locator("#still")).to_have_count(0)
    expect(play.page.locator("#clock").get_by_role("button", name="An hour on")).to_be_focused()
    press(play.page.locator("#billing-list"), "Back to the list")
    expect(hit).to_be_focused()


def test_where_a_button_is_gone_the_focus_is_on_its_card(play: Play) -> None:
    deal = next(deal for deal in play.sandbox.crm.deals() if deal["status"] == "open")
    search(play, "crm", deal["title"])
    play.page.locator("#crm-list .hit", has_text=f"deal {deal['id']}").first.click()
    expect(heading(record(play))).to_be_focused()
    press(record(play), "Win")
    expect(record(play).locator("h3 .badge")).to_have_text("won")
    expect(heading(record(play))).to_be_focused()


def test_no_id_stands_twice_in_a_dialog(play: Play) -> None:
    pick(play, "already_person")
    press(record(play), "Make a deal ...")
    ids = "[...document.querySelectorAll('[id]')].map((node) => node.id)"
    found = play.page.evaluate(ids)
    assert len(found) == len(set(found))


@pytest.mark.parametrize("width", [400, 320])
def test_columns_stack_on_a_narrow_screen_and_nothing_is_wider(play: Play, width: int) -> None:
    play.page.set_viewport_size({"width": width, "height": 800})
    word, email = "Unbroken" * 20, "a" * 60 + "@example.com"
    play.sandbox.billing.add_customer(id="w" * 50, first_name=word, email=email, company=word)
    play.sandbox.crm.add_person(name=word, emails=[{"value": email}])
    search(play, "billing", "w" * 50)
    play.page.locator("#billing-list .hit").click()
    expect(record(play)).to_be_visible()
    left = play.page.locator("#billing").bounding_box()
    right = play.page.locator("#crm").bounding_box()
    assert left is not None
    assert right is not None
    assert right["y"] >= left["y"] + left["height"]
    for name in ("Plan, catalog, lags", "Faults", "Newest calls", "Webhooks"):
        press(play.page.locator("#tabs"), name)
        assert play.page.evaluate("document.documentElement.scrollWidth") <= width
    past = f"""() => [...document.querySelectorAll("main *, header *, footer *")]
        .filter((node) => node.getBoundingClientRect().right > {width} + 0.5)
        .filter((node) => !node.closest(".scroll, pre")).map((node) => node.outerHTML)"""
    assert play.page.evaluate(past) == []


def test_on_a_narrow_screen_the_foot_is_folded_and_a_link_leads_to_the_person(play: Play) -> None:
    foot = play.page.locator("#last-call")
    link = play.page.get_by_role("link", name="To its person")
    pick(play, "already_person")
    expect(foot).to_be_visible()
    expect(link).to_be_hidden()
    play.page.set_viewport_size({"width": 400, "height": 800})
    expect(foot).to_be_hidden()
    link.click()
    expect(play.page.locator("#crm")).to_be_focused()
    expect(heading(record(play))).to_be_in_viewport()
    play.page.locator("summary", has_text="The last button").click()
    expect(foot).to_be_visible()


def test_the_newest_call_is_told_when_the_foot_is_folded_too(play: Play) -> None:
    play.page.set_viewport_size({"width": 400, "height": 800})
    press(play.page.locator("#clock"), "An hour on")
    play.page.locator("summary", has_text="The last button").click()
    assert last_call(play, "travel")["target"] == "clock"
