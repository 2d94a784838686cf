"""What a form of settings refuses in its own units, and what it warns of."""

import re
from typing import Any

import pytest
from django.test import Client

from chargepipe.actions import connections, offers
from chargepipe.store.models import Account, Connection
from forms import sent
from world import World

PAGE = "/c/acme/settings/"


@pytest.fixture
def read(world: World) -> Connection:
    """A connection whose two accounts were asked what there is to choose from."""
    world.crm.add_field("person", field_name="Score", field_type="double")
    world.crm.add_field("person", field_name="Region", field_type="varchar_auto")
    connection = world.connect()
    offers.refresh(connection, world.env)
    connection.refresh_from_db()
    return connection


def form(admin: Client, **more: str) -> dict[str, Any]:
    """The form as it stands, without its empty rows, and with these changes."""
    page = admin.get(PAGE).content.decode()
    fields = {name: v for name, v in sent(page).items() if not name.startswith("additional.")}
    return {**fields, **more}


def row(source: str, target: str) -> dict[str, str]:
    columns = {"from": source, "to": target, "type": "", "overwrite": ""}
    return {f"additional.{name}": value for name, value in columns.items()}


@pytest.mark.parametrize("path", ["settings.budget_share", "brake.share_of_people"])
def test_a_share_is_refused_in_per_cent(path: str, read: Connection, admin: Client) -> None:
    for typed, words in {
        "500": "must be at most 100 %",
        "0": "must be above 0 %",
        "many": "must be a number</p>",
    }.items():
        answer = admin.post(PAGE, form(admin, **{path: typed}))
        assert answer.status_code == 422
        assert words in answer.content.decode()


def test_a_share_of_hardly_anything_is_warned_of(read: Connection, admin: Client) -> None:
    Account.objects.update(tokens_limit=150_000)
    filled = form(admin, **{"settings.budget_share": "0.5", "brake.share_of_people": "0.3"})
    page = admin.post(PAGE, filled, follow=True).content.decode()
    assert page.count("is 0.5 % of 150,000 tokens: 750 a day") == 2, "on top and at the field"
    assert page.count("is 0.3 %: most runs will ask first") == 2
    assert 'aria-describedby="settings-budget_share-doubt ' in page
    page = admin.post(PAGE, form(admin, **{"settings.budget_share": "50"}), follow=True)
    assert "-budget_share-doubt" not in page.content.decode()


def test_what_the_accounts_lack_is_said_where_it_is_saved(read: Connection, admin: Client) -> None:
    filled = form(
        admin,
        **{
            "settings.owner": "nobody@example.com",
            "settings.label": "Nowhere",
            "settings.subscription_deals.enabled": "1",
            "settings.subscription_deals.status.active.status": "open",
            "settings.subscription_deals.status.active.stage": "Moon",
            "settings.invoice_deals.enabled": "1",
            "settings.invoice_deals.pipeline": "Mars",
        },
        **row("customer.cf_nothing", "person.Score"),
    )
    for address in (PAGE, "/c/acme/setup/configure"):
        said = admin.post(address, filled, follow=True).content.decode()
        said = said.replace("</strong>", "")
        assert "What is written: Owner of new records is no active user" in said
    for step in ("validate", "trial", "all"):
        page = admin.get(f"/c/acme/setup/{step}").content.decode()
        assert "Additional fields: row 1</strong> is in none of the first customers" in page
    page = admin.get(PAGE).content.decode()
    marked = set(re.findall(r'<div id="([^"]+)-doubt">', page))
    assert marked == {
        "settings-owner",
        "settings-label",
        "settings-subscription_deals-status-active",
        "settings-invoice_deals-pipeline",
        "additional-0-from",
        "additional-0-to",
    }


def test_settings_that_fit_are_not_doubted(read: Connection, admin: Client) -> None:
    filled = form(
        admin,
        **{"settings.owner": "Sam@sandbox.example"},
        **row("customer.billing_address.country", "person.Region"),
    )
    page = admin.post(PAGE, filled, follow=True).content.decode()
    assert connections.stored_file(connections.find("acme")).settings.additional_fields
    assert "-doubt" not in page


@pytest.mark.parametrize("target", ["person.Name", "person.visible To", "organization.Owner"])
def test_a_built_in_name_is_no_additional_field(
    target: str, read: Connection, admin: Client
) -> None:
    answer = admin.post(PAGE, form(admin, **row("customer.cf_tier", target)))
    assert answer.status_code == 422
    assert "own field, and this would be a second one" in answer.content.decode()
    assert not connections.stored_file(connections.find("acme")).settings.additional_fields
