from typing import Any

import pytest

from chargepipe.domain import names
from chargepipe.domain.fields import needed
from chargepipe.domain.mapping import organization_target, person_target
from chargepipe.domain.settings import Entity
from chargepipe.domain.sources import Source, source_of

from .builders import SITE, customer, settings, subscription

EVERYTHING: dict[str, Any] = {
    "organizations": True,
    "business_entities": ["de"],
    "extras": ["link", "overdue"],
    "additional_fields": [
        {"from": "customer.cf_tier", "to": "person.Tier"},
        {"from": "subscription.po_number", "to": "person.PO"},
        {"from": "customer.cf_region", "to": "organization.Region"},
    ],
}


@pytest.mark.parametrize("on", ["person", "organization"])
def test_every_field_that_the_settings_need_has_a_source(on: str):
    chosen = settings(**EVERYTHING, subscription_data=on)
    specs = [spec for spec in needed(chosen) if spec.entity != "deal"]
    assert len(specs) > 15
    for spec in specs:
        assert source_of(spec.entity, spec.name, chosen), spec.name


@pytest.mark.parametrize("on", ["person", "organization"])
def test_every_field_that_the_mapping_makes_has_a_source(on: str):
    chosen = settings(**EVERYTHING, subscription_data=on)
    who, owned = customer(company="Acme"), [subscription()]
    made: dict[Entity, Any] = {
        "person": person_target(who, owned, chosen, SITE).fields,
        "organization": organization_target([who], owned, chosen, SITE).fields,
    }
    for entity, fields in made.items():
        for name in ("name", *fields):
            assert source_of(entity, name, chosen), (entity, name)


def test_an_additional_field_names_its_own_attribute():
    chosen = settings(**EVERYTHING)
    assert source_of("person", "Tier", chosen) == Source("customer", "cf_tier")
    assert source_of("person", "PO", chosen) == Source("leading subscription", "po_number")
    assert source_of("organization", "Region", chosen) == Source("leading customer", "cf_region")


def test_a_field_of_nobody_has_no_source():
    assert source_of("person", "Tier", settings()) is None
    assert source_of("deal", names.PLAN, settings()) is None
