"""Settings as pages: what the accounts offer, the picture of the mapping, copies, roles."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from chargepipe.actions import connections, examples, offers
from chargepipe.actions.picture import picture
from chargepipe.domain.fields import wanted
from chargepipe.domain.settings import load
from chargepipe.store.models import Connection
from deals import INVOICES, ON
from web.conftest import signed_in
from world import World

RULES = f'organizations = true\nsubscription_data = "person"\nextras = ["link"]\n{ON}{INVOICES}'


@pytest.fixture
def with_deals(world: World) -> Connection:
    connection = world.connect(RULES)
    offers.refresh(connection, world.env)
    connection.refresh_from_db()
    return connection


def test_the_pickers_are_filled_with_what_both_accounts_have(
    with_deals: Connection, admin: Client, world: World
) -> None:
    page = admin.get("/c/acme/settings/").content.decode()
    facts = offers.offers(with_deals)
    assert {each.name for each in facts.facts.stages} == {row["name"] for row in world.crm.stages}
    assert "customer.billing_address.country" in {each.value for each in facts.attributes}
    hints = {each.value: each.hint for each in facts.attributes}
    assert (hints["subscription.mrr"], hints["customer.created_at"]) == ("money", "date")
    names = [each.name for each in (*facts.facts.pipelines, *facts.facts.stages)]
    for value in (*names, *(each.value for each in facts.owners)):
        assert f'<option value="{value}"' in page
    assert not offers.stale(with_deals, world.clock.now())


def test_old_offers_are_read_again_by_the_page(world: World, admin: Client) -> None:
    world.connect()
    page = admin.get("/c/acme/settings/").content.decode()
    assert 'hx-trigger="load"' in page
    assert "Read them now" in page


def test_an_account_that_does_not_answer_takes_no_page_down(
    acme: Connection, admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    Connection.objects.filter(pk=acme.pk).update(account=None)
    answer = admin.post("/c/acme/settings/offers", follow=True)
    assert "is not linked" in answer.content.decode()


def test_the_picture_has_a_line_for_every_field_that_is_written(with_deals: Connection) -> None:
    settings = connections.stored_file(with_deals).settings
    drawn = {
        (each.entity, line.field): line
        for each in picture(with_deals, settings)
        for line in each.lines
    }
    for spec in wanted(settings):
        line = drawn[spec.entity, spec.name]
        assert line.record
        assert line.attribute
        assert not line.there
    assert drawn["person", "CB Customer ID"].mark
    assert drawn["deal", "Stage"].rule == "until a person moves, wins or loses it"


def test_viewers_see_the_rules_and_change_none(acme: Connection) -> None:
    viewer = signed_in("viewer")
    page = viewer.get("/c/acme/settings/").content.decode()
    assert "<fieldset disabled>" in page
    assert "An admin can change them; your role is viewer." in page
    assert viewer.post("/c/acme/settings/", {"schedule.every": "2h"}).status_code == 403
    assert "CB Customer ID" in viewer.get("/c/acme/settings/mapping").content.decode()


def test_what_is_locked_says_why(acme: Connection, admin: Client) -> None:
    page = admin.get("/c/acme/settings/").content.decode()
    assert "cannot change from the first full sync on: people are linked by it." in page
    assert "move-key" not in page


def test_rules_are_copied_and_the_accounts_stay(world: World, admin: Client) -> None:
    world.connect(RULES)
    world.connect("create_people = false", name="other")
    shown = admin.get("/c/acme/settings/copy", {"to": "other"}).content.decode()
    assert "Make a person where none matches" in shown
    assert connections.stored_file(connections.find("other")).settings.create_people is False
    admin.post("/c/acme/settings/copy", {"to": "other"})
    rules = connections.stored_file(connections.find("acme")).settings
    assert connections.stored_file(connections.find("other")).settings == rules
    assert connections.stored_file(connections.find("other")).name == "other"


def test_a_file_is_brought_in_and_shown_before_it_is_applied(
    acme: Connection, admin: Client
) -> None:
    text = f'{connections.export("acme")}\n[schedule]\nevery = "2h"\n'
    assert load(text)
    sent = SimpleUploadedFile("acme.toml", text.encode())
    shown = admin.post("/c/acme/settings/file", {"file": sent}).content.decode()
    assert "Schedule: Every" in shown
    assert "2h" in shown
    assert connections.export("acme") != text
    wrong = SimpleUploadedFile("acme.toml", text.replace("every", "evry").encode())
    answer = admin.post("/c/acme/settings/file", {"file": wrong})
    assert answer.status_code == 422
    assert "evry" in answer.content.decode()


def test_examples_show_the_deals_of_three_customers(with_deals: Connection, world: World) -> None:
    shown = examples.examples(with_deals, connections.stored_file(with_deals), world.env)
    assert len(shown) == 3
    deals = [deal for example in shown for deal in example.deals]
    assert deals
    titles = [dict(deal.fields)["title"] for deal in deals if deal.fields]
    assert titles
    assert all(titles)
    assert all(deal.fields or deal.words for deal in deals)


def test_a_refused_save_names_each_field_and_leads_to_it(acme: Connection, admin: Client) -> None:
    sent = {
        "schedule.every": "xx",
        "settings.invoice_deals.status.paid.status": "nonsense",
        "additional.from": "customer.nothing.at.all",
        "additional.to": "nowhere",
        "additional.type": "",
        "additional.overwrite": "",
    }
    for address in ("/c/acme/settings/", "/c/acme/setup/configure"):
        answer = admin.post(address, sent)
        page = answer.content.decode()
        assert answer.status_code == 422
        notice = page[page.index("Not saved: ") : page.index("</ul>", page.index("Not saved: "))]
        targets = re.findall(r'href="#([^"]+)"', notice)
        assert f"Not saved: {notice.count('<li>')} to correct" in notice
        assert {
            "schedule-every",
            "settings-invoice_deals-status-paid-status",
            "additional-0-from",
        } <= set(targets)
        assert [target for target in targets if f'id="{target}"' not in page] == []
        places = [page.index(f'id="{target}"') for target in targets]
        assert places == sorted(places), "in the order of the page"
        marked = re.findall(r'<(?:input|select) id="([^"]+)"[^>]* aria-invalid="true"', page)
        assert {"schedule-every", "additional-0-from"} <= set(marked)
        for name in re.findall(r'aria-describedby="([^"]+)"', page):
            assert [id for id in name.split() if f'id="{id}"' not in page] == []
