"""Pickers of the settings: what stands is kept, what is unknown is typed."""

import re
from datetime import UTC, datetime
from html import unescape
from typing import Any

import pytest
from django.test import Client

from chargepipe.actions import connections, offers
from chargepipe.actions.offers import Offer, Offers
from chargepipe.domain.pipelines import PipelineFacts
from chargepipe.store.models import Connection
from chargepipe.web.settings.pickers import NONE_THERE, UNREAD, Picker, chosen, picker
from forms import sent
from world import World

PAGE = "/c/acme/settings/"
FACTS = PipelineFacts.from_json(
    {
        "pipelines": [
            {"id": 1, "name": "Sales", "order": 1},
            {"id": 2, "name": "Renewals", "order": 2},
            {"id": 3, "name": "2027", "order": 3},
        ],
        "stages": [
            {"id": 11, "name": "Lead", "order": 1, "of": 1},
            {"id": 12, "name": "Won soon", "order": 2, "of": 1},
            {"id": 21, "name": "Lead", "order": 1, "of": 2},
            {"id": 22, "name": "Twin", "order": 2, "of": 2},
            {"id": 23, "name": "twin ", "order": 3, "of": 2},
        ],
    }
)


def offered(**more: Any) -> Offers:
    known: dict[str, Any] = {
        "owners": (Offer("token", "the connecting user"), Offer("sam@x.co")),
        "labels": (Offer("Hot"),),
        "person_keys": (Offer("email"), Offer("phone"), Offer("Region", "autocomplete text")),
        "customer_keys": (Offer("email"), Offer("id"), Offer("cf_ref")),
        "attributes": (),
        "targets": (Offer("person.Score", "number"), Offer("deal.Note", "text")),
        "known_at": datetime(2026, 11, 28, tzinfo=UTC),
        "facts": FACTS,
    }
    return Offers(**{**known, **more})


def shown(kind: str, value: object, pipeline: object = None, **more: Any) -> Picker:
    found = picker(kind, value, offered(**more), pipeline)
    assert found is not None
    return found


def values(found: Picker) -> list[str]:
    return [one.value for group in found.groups for one in group.options]


def stands(found: Picker) -> tuple[str, str]:
    """The one option that is chosen: its value and its label."""
    (one,) = [one for group in found.groups for one in group.options if one.chosen]
    return one.value, one.label


def test_what_stands_is_chosen_in_whatever_case_and_as_a_number() -> None:
    assert stands(shown("owners", "Sam@X.co")) == ("sam@x.co", "sam@x.co")
    assert stands(shown("owners", "token")) == ("token", "The connecting user")
    assert stands(shown("labels", "")) == ("", "No label")
    assert stands(shown("pipelines", None)) == ("", "The first one (Sales)")
    assert stands(shown("pipelines", 2)) == ("2", "Renewals"), "the file keeps its number"
    assert stands(shown("person-keys", "region")) == ("Region", "Region (autocomplete text)")


@pytest.mark.parametrize(
    ("kind", "value"),
    [("owners", "left@x.co"), ("labels", "Cold"), ("pipelines", "Old"), ("stages", "Old")],
)
def test_what_the_account_has_no_more_is_kept(kind: str, value: str) -> None:
    assert stands(shown(kind, value)) == (value, f"gone: {value}")


def test_a_name_that_does_not_tell_one_is_sent_as_its_number() -> None:
    assert values(shown("pipelines", None)) == ["", "Sales", "Renewals", "3"]
    own = shown("stages", None, "Renewals").groups[1]
    assert [(one.value, one.label) for one in own.options] == [
        ("Lead", "Lead"),
        ("22", "Twin (22)"),
        ("23", "twin  (23)"),
    ]


def test_stages_stand_by_their_pipeline_and_those_of_the_chosen_one_first() -> None:
    groups = shown("stages", "lead", 2).groups
    assert [(each.label, each.of, each.first) for each in groups] == [
        ("", "", False),
        ("Renewals", "2", False),
        ("Sales", "Sales", True),
        ("2027", "3", False),
    ]
    assert [one.chosen for one in groups[1].options] == [True, False, False]
    assert not any(one.chosen for one in groups[2].options), "Sales has a Lead as well"


def test_unknown_lists_are_typed_with_a_word_why() -> None:
    nothing = {"owners": (Offer("token"),), "labels": (), "facts": PipelineFacts()}
    for kind in ("owners", "labels", "pipelines", "stages"):
        assert shown(kind, "x", **nothing) == Picker(why=NONE_THERE)
        assert shown(kind, "x", **nothing, known_at=None) == Picker(why=UNREAD)
    for kind in ("person-keys", "customer-keys", "targets"):
        assert shown(kind, "x", known_at=None) == Picker(why=UNREAD)
    assert picker("intervals", "1h", offered()) is None


def test_a_custom_field_that_no_first_customer_has_is_typed() -> None:
    found = shown("customer-keys", "cf_rare")
    assert stands(found) == ("typed:", "Another custom field ...")
    assert found.typed == "cf_rare"
    assert chosen("typed:", "cf_rare") == "cf_rare"
    assert shown("customer-keys", "cf_ref").typed == ""


def test_targets_stand_by_entity_with_what_they_hold_and_new_ones_get_a_name() -> None:
    found = shown("targets", "person.Score")
    assert [each.label for each in found.groups] == ["", "Person", "Organization", "Deal"]
    assert stands(found) == ("person.Score", "Score (number)")
    assert [one.holds for one in found.groups[3].options] == ["text", ""]
    found = shown("targets", "deal.Tier")
    assert stands(found) == ("typed:deal.", "A new field of the deal ...")
    assert found.typed == "Tier"
    assert chosen("typed:deal.", "Tier") == "deal.Tier"
    assert stands(shown("targets", "")) == ("", "Nothing")


@pytest.fixture
def read(world: World) -> Connection:
    world.crm.add_field("person", field_name="Score", field_type="double")
    for name, kind in (("Region", "varchar_auto"), ("Mobile", "phone"), ("Seen", "time")):
        world.crm.add_field("person", field_name=name, field_type=kind)
    connection = world.connect()
    offers.refresh(connection, world.env)
    connection.refresh_from_db()
    return connection


def options(page: str, id: str) -> list[str]:
    select = re.search(rf'<select id="{id}".*?</select>', page, re.DOTALL)
    assert select is not None
    return re.findall(r'<option value="([^"]*)"', select[0])


def test_the_page_offers_what_fits_and_saves_what_was_chosen(
    read: Connection, admin: Client
) -> None:
    page = admin.get(PAGE).content.decode()
    assert options(page, "settings-match_key-pipedrive") == ["email", "phone", "Region", "Mobile"]
    targets = options(page, "additional-0-to")
    assert {"person.Score", "person.Region", "typed:deal."} <= set(targets)
    assert not {"person.Mobile", "person.Seen"} & set(targets), "nothing of ours fits them"
    before = connections.stored_file(read)
    assert admin.post(PAGE, sent(page)).status_code == 302
    assert connections.stored_file(connections.find("acme")) == before, "as it stood"
    more = {
        "settings.match_key.chargebee": "typed:",
        "settings.match_key.chargebee.typed": "cf_rare",
        "settings.match_key.pipedrive": "Mobile",
        "additional.from": ["customer.net_term_days", "customer.cf_tier", ""],
        "additional.to": ["person.Score", "typed:person.", ""],
        "additional.to.typed": ["left over", "Tier", ""],
        "additional.type": ["number", "", ""],
    }
    assert admin.post(PAGE, sent(page) | more).status_code == 302
    rules = connections.stored_file(connections.find("acme")).settings
    assert (rules.match_key.chargebee, rules.match_key.pipedrive) == ("cf_rare", "Mobile")
    assert [each.target for each in rules.additional_fields] == ["person.Score", "person.Tier"]
    page = admin.get(PAGE).content.decode()
    assert 'name="settings.match_key.chargebee.typed" value="cf_rare"' in page
    assert "settings-match_key-pipedrive-doubt" not in page, "a phone may be a key"


def test_what_was_read_takes_its_place_and_what_was_typed_stays(
    world: World, admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.connect()
    page = admin.get(PAGE).content.decode()
    assert '<input id="settings-owner" name="settings.owner" value="token"' in page
    assert UNREAD in page
    monkeypatch.setattr(
        "chargepipe.web.settings.views.refresh", lambda each: offers.refresh(each, world.env)
    )
    form = sent(page) | {"settings.owner": "gone@x.co", "settings.subscription_data": "person"}
    answer = admin.post(f"{PAGE}offers", form, headers={"HX-Request": "true"})
    told = answer.content.decode()
    assert 'id="settings-owner-pick" hx-swap-oob="true"' in told
    assert "gone: gone@x.co" in told
    assert options(told, "settings-subscription_deals-status-active-stage")[0] == ""
    assert options(told, "additional-2-to")[0] == ""
    assert UNREAD not in told
    form["read"] = "1"
    page = admin.post(PAGE, form).content.decode()
    assert "gone: gone@x.co" in page, "the same without a script"
    stored = connections.stored_file(connections.find("acme")).settings
    assert (stored.owner, stored.subscription_data) == ("token", "off"), "reading saves nothing"


@pytest.fixture
def with_a_tier(world: World, read: Connection) -> Connection:
    """The site's first customers have a custom field."""
    read.attributes |= {"customer.cf_tier": "text", "customer.cf_both": "text"}
    read.attributes |= {"subscription.cf_both": "text"}
    read.save()
    return read


@pytest.mark.parametrize(
    ("typed", "source"),
    [
        ("cf_tier", "customer.cf_tier"),
        (" CF_Tier ", "customer.cf_tier"),
        ("billing_address.city", "customer.billing_address.city"),
        ("customer.cf_tier", "customer.cf_tier"),
        ("customer.cf_rare", "customer.cf_rare"),
    ],
)
def test_a_source_without_its_record_is_taken_where_only_one_has_it(
    with_a_tier: Connection, admin: Client, typed: str, source: str
) -> None:
    assert admin.post(PAGE, with_source(admin, typed)).status_code == 302
    rules = connections.stored_file(connections.find("acme")).settings
    assert [each.source for each in rules.additional_fields] == [source]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("cf_both", 'is an attribute of several records: write "customer.cf_both" or'),
        ("cf_unheard_of", 'and an attribute of it, such as "customer.cf_tier"'),
    ],
)
def test_a_source_that_may_mean_several_is_asked_for_exactly(
    with_a_tier: Connection, admin: Client, typed: str, words: str
) -> None:
    answer = admin.post(PAGE, with_source(admin, typed))
    assert answer.status_code == 422
    page = unescape(answer.content.decode())
    assert words in page
    assert f'name="additional.from" value="{typed}"' in page, "it stays as it was typed"


def with_source(admin: Client, typed: str) -> dict[str, Any]:
    """The form as it stands, and an additional field from this source."""
    return sent(admin.get(PAGE).content.decode()) | {
        "additional.from": [typed],
        "additional.to": ["typed:person."],
        "additional.to.typed": ["Tier"],
        "additional.type": [""],
        "additional.overwrite": [""],
    }
