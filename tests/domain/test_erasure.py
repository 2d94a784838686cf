from datetime import UTC, datetime
from typing import Any

import pytest

from chargepipe.domain.erasure import (
    erased_at,
    erased_fields,
    erased_target,
    is_erased,
    of_leading,
    personal,
    readable,
    without_personal,
)
from chargepipe.domain.targets import PersonTarget

from .builders import person, settings

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
NOTE = {"erased": "2026-11-20T12:00:00+00:00"}


@pytest.mark.parametrize(
    ("name", "is_so"),
    [
        *((name, True) for name in ("name", "emails", "phones", "organization", "Tier")),
        *((name, False) for name in ("CB Customer ID", "CB Customer MRR", "CB Plan", "owner_id")),
    ],
)
def test_all_but_fields_of_ours_may_be_personal(name: str, is_so: bool):
    assert personal(name) is is_so


def test_personal_values_become_a_note_and_the_rest_stays():
    values: dict[str, Any] = {
        "name": "Jane",
        "emails": [{"value": "a@b.co"}],
        "phones": [],
        "Tier": None,
        "Note": "",
        "organization": {"key": "jane ltd", "id": 5},
        "CB Customer MRR": {"amount": 5, "currency": "EUR"},
    }
    assert without_personal(values, NOON, "c1") == {
        **values,
        **dict.fromkeys(("name", "emails", "organization"), NOTE),
    }


def test_the_id_that_stands_for_a_name_stays():
    assert without_personal({"name": "c1"}, NOON, "c1") == {"name": "c1"}


def test_erasing_again_keeps_the_first_time():
    once = without_personal({"name": "Jane"}, NOON, "c1")
    assert without_personal(once, datetime(2027, 1, 1, tzinfo=UTC), "c1") == once
    assert erased_at(once["name"]) == "2026-11-20T12:00:00+00:00"


@pytest.mark.parametrize("value", ["erased", None, {"erased": "x", "id": 1}, {"raw": 1}, []])
def test_other_values_are_not_taken_for_erased(value: Any):
    assert not is_erased(value)
    assert erased_at(value) == ""


def test_an_erased_target_is_still_a_target_and_holds_nobody():
    held = person(
        email="a@b.co",
        phone="+491",
        country="DE",
        organization="acme",
        organization_name="Acme",
        fields={"CB Customer ID": "c1", "Tier": "gold"},
    )
    target = PersonTarget.from_json(erased_target(held.as_json()))
    assert target == person(name="", fields={"CB Customer ID": "c1", "Tier": None}, cleared=True)
    assert erased_target({}) == {}


def test_a_record_is_made_again_without_what_was_erased():
    values = {**dict.fromkeys(("name", "emails"), NOTE), "CB Customer ID": "c1", "owner_id": 5}
    known = {"name": "c1", "CB Customer ID": "c1", "owner_id": 5}
    assert readable(values, "c1") == (known, ("name", "emails"))
    assert readable({"name": "Jane"}, "c1") == ({"name": "Jane"}, ())


@pytest.mark.parametrize(
    ("name", "is_so"),
    [
        ("Billing Mail", True),  # of the customer
        ("Plan of old", True),  # the settings know it no more
        ("Seats", False),  # of a subscription
        ("name", False),  # the company's
        ("CB Status", False),
        ("Tier", True),  # of a person's field of that name nothing is said
    ],
)
def test_of_an_organization_only_what_may_be_its_leading_customers_is_personal(
    name: str, is_so: bool
):
    told = settings(
        organizations=True,
        additional_fields=[
            {"from": "customer.email", "to": "organization.Billing Mail"},
            {"from": "subscription.plan_quantity", "to": "organization.Seats"},
            {"from": "subscription.cf_tier", "to": "person.Tier"},
        ],
    )
    assert of_leading(told)(name) is is_so


def test_an_organizations_target_loses_what_is_personal_and_does_not_stay():
    target: dict[str, Any] = {
        "name": "Engines",
        "fields": {"Mail": "ada@x.co", "Phone": "+4930", "CB Status": "Active"},
    }
    assert erased_fields(target, personal, {"Phone": "+4930", "Mail": "bob@x.co"}) == {
        "name": "Engines",
        "fields": {"Mail": None, "Phone": "+4930", "CB Status": "Active"},
    }
    assert erased_fields({}, personal, {}) == {}
