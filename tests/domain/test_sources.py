from typing import Any

import pytest

from chargepipe.domain import names
from chargepipe.domain.deals import invoice_deal, subscription_deal
from chargepipe.domain.fields import needed
from chargepipe.domain.held_deal import DEAL_NAMES
from chargepipe.domain.mapping import organization_target, person_target
from chargepipe.domain.pipelines import PipelineFacts, Row
from chargepipe.domain.settings import Entity
from chargepipe.domain.sources import Source, source_of
from chargepipe.domain.targets import DealTarget

from .builders import SITE, customer, invoice, settings, subscription

EVERYTHING: dict[str, Any] = {
    "organizations": True,
    "business_entities": ["de"],
    "extras": ["link", "overdue"],
    "subscription_deals": {"enabled": True},
    "invoice_deals": {"enabled": True},
    "additional_fields": [
        {"from": "customer.cf_tier", "to": "deal.Tier"},
        {"from": "invoice.po_number", "to": "deal.PO"},
        {"from": "customer.cf_tier", "to": "person.Tier"},
        {"from": "subscription.po_number", "to": "person.PO"},
        {"from": "customer.cf_region", "to": "organization.Region"},
    ],
}


@pytest.mark.parametrize("on", ["person", "organization"])
def test_every_field_that_the_settings_need_has_a_source(on: str):
    chosen = settings(**EVERYTHING, subscription_data=on)
    specs = needed(chosen)
    assert len(specs) > 22
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


def test_every_field_that_a_deal_may_hold_has_a_source():
    chosen = settings(**EVERYTHING)
    facts = PipelineFacts((Row(1, "Sales", 1),), (Row(2, "New", 1, 1),))
    sold = subscription_deal(subscription(), customer(), chosen, facts)
    billed = invoice_deal(
        invoice(recurring=False, total=1, status="paid"), customer(), chosen, facts
    )
    assert isinstance(sold, DealTarget)
    assert isinstance(billed, DealTarget)
    for name in (*DEAL_NAMES, *sold.fields, *billed.fields):
        assert source_of("deal", name, chosen), name


def test_an_additional_field_names_its_own_attribute():
    chosen = settings(**EVERYTHING)
    assert source_of("person", "Tier", chosen) == Source("customer", "cf_tier")
    assert source_of("person", "PO", chosen) == Source("leading subscription", "po_number")
    assert source_of("organization", "Region", chosen) == Source("leading customer", "cf_region")
    assert source_of("deal", "Tier", chosen) == Source("customer", "cf_tier")
    assert source_of("deal", "PO", chosen) == Source("record", "po_number")


def test_a_field_of_nobody_has_no_source():
    assert source_of("person", "Tier", settings()) is None
    assert source_of("deal", names.OVERDUE_AMOUNT, settings()) is None
