from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargepipe.domain.mapping import (
    SiteFacts,
    leading_subscription,
    name_attribute,
    organization_target,
    person_name,
    person_target,
)
from chargepipe.domain.money import Money
from chargepipe.domain.records import Customer, Subscription, allowed
from chargepipe.domain.revenue import Unconvertible
from chargepipe.domain.targets import OrganizationTarget, PersonTarget

from .builders import SITE, customer, plan, settings, subscription

MARCH, APRIL, MAY, JUNE = 1772323200, 1775001600, 1777593600, 1780272000


def target(
    who: Customer, *owned: Subscription, site: SiteFacts = SITE, **chosen: Any
) -> PersonTarget:
    return person_target(who, owned, settings(**chosen), site)


def company(*who: Customer, owned: Any = (), **chosen: Any) -> OrganizationTarget:
    chosen = {"organizations": True, **chosen}
    return organization_target(who, owned, settings(**chosen), SITE)


def test_a_customer_becomes_a_person():
    jane = customer(
        first_name="Jane",
        last_name="Doe",
        email="jane@acme.test",
        phone="030 901820",
        billing_address={"country": "DE"},
        company="Acme",
    )
    assert target(jane, subscription(mrr=500)) == PersonTarget(
        name="Jane Doe",
        email="jane@acme.test",
        phone="030 901820",
        country="DE",
        organization=None,
        organization_name=None,
        fields={
            "CB Customer ID": "c1",
            "CB Customer Status": "Active",
            "CB Customer MRR": Money(500, "EUR"),
            "CB Customer CMRR": Money(500, "EUR"),
        },
    )


@pytest.mark.parametrize(
    ("row", "name", "attribute"),
    [
        (
            {"first_name": " Jane ", "last_name": "van  Doe"},
            "Jane van Doe",
            "first_name and last_name",
        ),
        ({"first_name": "Jane", "company": "Acme"}, "Jane", "first_name and last_name"),
        ({"last_name": "Doe", "company": "Acme"}, "Doe", "first_name and last_name"),
        ({"company": " Acme  Inc ", "email": "a@b"}, "Acme Inc", "company"),
        ({"billing_address": {"company": "B"}, "email": "a@b"}, "B", "billing_address.company"),
        ({"email": "a@b"}, "a@b", "email"),
        ({}, "c1", "id"),
    ],
)
def test_a_person_is_named_by_the_first_that_is_there(
    row: dict[str, Any], name: str, attribute: str
):
    assert person_name(customer(**row)) == name
    assert name_attribute(customer(**row)) == attribute


def test_a_name_is_cut_at_255():
    assert person_name(customer(first_name="x" * 200, last_name="y" * 100)) == (
        "x" * 200 + " " + "y" * 54
    )


def test_with_organizations_on_the_person_has_that_of_its_company():
    found = target(customer(company=" ACME  Inc"), organizations=True)
    assert (found.organization, found.organization_name) == ("acme inc", "ACME Inc")


def test_without_a_company_there_is_no_organization():
    found = target(customer(), organizations=True)
    assert (found.organization, found.organization_name) == (None, None)


@pytest.mark.parametrize(
    ("choice", "status"), [("flag", "Deleted"), ("leave", "Active"), ("delete", "Deleted")]
)
def test_a_deleted_customer_is_marked_unless_it_is_left(choice: str, status: str):
    gone = customer(deleted=True, company="Acme")
    fields = target(gone, deleted_customers=choice).fields
    assert fields["CB Customer Status"] == status
    assert company(gone, deleted_customers=choice).fields["CB Status"] == status


def test_cleared_personal_data_leave_the_id_as_name_and_nothing_else():
    found = target(customer(pii_cleared="cleared"))
    assert (found.name, found.email, found.phone, found.cleared) == ("c1", None, None, True)
    assert not target(customer()).cleared


@pytest.mark.parametrize(
    ("preferred", "base", "currency"),
    [("CHF", "EUR", "CHF"), (None, "EUR", "EUR"), (None, None, "USD")],
)
def test_nothing_is_nothing_in_the_nearest_currency(preferred: Any, base: Any, currency: str):
    site = SiteFacts("acme", base, "USD")
    fields = target(customer(preferred_currency_code=preferred), site=site).fields
    assert fields["CB Customer MRR"] == fields["CB Customer CMRR"] == Money(0, currency)


def test_mrr_and_cmrr_differ_by_what_comes_and_goes():
    rows = subscription("a", mrr=500), subscription("b", status="non_renewing", mrr=70)
    fields = target(customer(), *rows, subscription("c", status="in_trial", mrr=3)).fields
    assert fields["CB Customer MRR"] == Money(570, "EUR")
    assert fields["CB Customer CMRR"] == Money(503, "EUR")


def test_zero_decimal_currencies_are_those_of_the_settings():
    rows = [
        subscription("a", mrr=100, base_currency_code="EUR"),
        subscription("b", currency_code="HUF", mrr=100, exchange_rate=1),
    ]
    fields = target(customer(), *rows, zero_decimal=["HUF"], subscription_data="person").fields
    assert fields["CB Customer MRR"] == Money(10100, "EUR")
    assert fields["CB Customer CMRR"] == Money(10100, "EUR")
    assert fields["CB MRR"] == Money(10100, "EUR")


def test_amounts_that_cannot_be_added_are_an_error():
    with pytest.raises(Unconvertible):
        target(customer(), subscription(mrr=1), subscription(currency_code="USD", mrr=1))


def test_the_entity_is_written_where_entities_are_chosen():
    jane = customer(business_entity_id="be1", company="Acme")
    assert "CB Business Entity" not in target(jane).fields
    assert target(jane, business_entities=["be1"]).fields["CB Business Entity"] == "be1"
    assert company(jane, business_entities=["be1"]).fields["CB Business Entity"] == "be1"


def test_subscription_data_are_those_of_the_leading_subscription():
    leading = subscription(
        "a",
        mrr=500,
        subscription_items=[plan(500)],
        next_billing_at=MARCH,
        trial_end=APRIL,
        current_term_end=MAY,
        cancelled_at=JUNE,
    )
    other = subscription("b", status="paused", mrr=1, next_billing_at=1)
    fields = target(customer(), other, leading, subscription_data="person").fields
    assert {name: fields[name] for name in list(fields)[4:]} == {
        "CB Subscription Status": "Active",
        "CB Plan": "pro-eur",
        "CB Next Billing": "2026-03-01",
        "CB Trial End": "2026-04-01",
        "CB Term End": "2026-05-01",
        "CB Cancelled On": "2026-06-01",
        "CB MRR": Money(501, "EUR"),
        "CB Active Subscriptions": 1,
    }


def test_dates_are_taken_in_the_time_zone_of_the_site():
    row = dict.fromkeys(("next_billing_at", "trial_end", "current_term_end", "cancelled_at"), MARCH)
    zone = {"time_zone": "America/New_York", "subscription_data": "person", "extras": ["overdue"]}
    due = subscription(total_dues=1, due_since=MARCH, **row)
    fields = target(customer(), due, **zone).fields
    names = ["Next Billing", "Trial End", "Term End", "Cancelled On", "Overdue Since"]
    assert [fields[f"CB {name}"] for name in names] == ["2026-02-28"] * 5


def test_without_subscriptions_their_data_are_empty():
    fields = target(
        customer(), subscription(deleted=True, mrr=5), subscription_data="person"
    ).fields
    assert {name: value for name, value in list(fields.items())[4:] if value is not None} == {
        "CB MRR": Money(0, "USD"),
        "CB Active Subscriptions": 0,
    }
    assert len(fields) == 12


def test_subscriptions_in_service_are_counted():
    rows = [
        subscription(status, status=status)
        for status in ("active", "non_renewing", "in_trial", "future", "paused", "cancelled")
    ]
    gone = subscription("x", deleted=True)
    fields = target(customer(), *rows, gone, subscription_data="person").fields
    assert fields["CB Active Subscriptions"] == 2


def test_a_plan_without_a_name_is_empty():
    fields = target(customer(), subscription(), subscription_data="person").fields
    assert fields["CB Plan"] is None
    bare = Subscription.parse({"id": "s"})
    fields = target(customer(), bare, subscription_data="person").fields
    assert fields["CB Subscription Status"] is None


def test_the_leading_subscription_is_chosen_by_status_then_age_then_id():
    order = ["active", "non_renewing", "in_trial", "future", "paused", "cancelled", "brand_new"]
    rows = [subscription(f"s{i}", status=status, created_at=i) for i, status in enumerate(order)]
    while rows:
        assert leading_subscription(rows[::-1]) == rows.pop(0)
    old, new = subscription("b", created_at=1), subscription("a", created_at=2)
    assert leading_subscription([new, old]) == new
    same = subscription("c", created_at=2)
    assert leading_subscription([same, new]) == same
    assert leading_subscription([subscription("z"), old]) == old


def test_what_is_deleted_or_transferred_never_leads():
    assert leading_subscription([subscription(deleted=True)]) is None
    assert leading_subscription([subscription(status="transferred")]) is None


def test_the_link_leads_to_the_customer_in_chargebee():
    fields = target(customer("a b/ü"), extras=["link"]).fields
    assert fields["CB Link"] == "https://acme.chargebee.com/d/customers/a%20b%2F%C3%BC"
    assert "CB Overdue Amount" not in fields


def test_overdue_is_the_sum_of_dues_and_their_earliest_day():
    rows = [
        subscription("a", total_dues=500, due_since=APRIL),
        subscription("b", status="cancelled", total_dues=100, due_since=MARCH),
        subscription("c", total_dues=0, due_since=1),
        subscription("d", total_dues=7, due_since=1, deleted=True),
        subscription("e", total_dues=1),
    ]
    fields = target(customer(), *rows, extras=["overdue"]).fields
    assert fields["CB Overdue Amount"] == Money(601, "EUR")
    assert fields["CB Overdue Since"] == "2026-03-01"
    assert "CB Link" not in fields


def test_dues_keep_their_currency_where_another_one_owes_nothing():
    rows = [
        subscription("a", currency_code="GBP", total_dues=500, due_since=APRIL),
        subscription("b", currency_code="USD"),
    ]
    fields = target(customer(), *rows, extras=["overdue"]).fields
    assert fields["CB Overdue Amount"] == Money(500, "GBP")


def test_nothing_overdue_has_no_day():
    fields = target(customer(), subscription(), extras=["overdue"]).fields
    assert fields["CB Overdue Amount"] == Money(0, "EUR")
    assert fields["CB Overdue Since"] is None


ADDITIONAL = [
    {"from": "customer.cf_tier", "to": "person.Tier"},
    {"from": "customer.unbilled_charges", "to": "person.Unbilled"},
    {"from": "customer.billing_address.city", "to": "person.City"},
    {"from": "subscription.po_number", "to": "person.PO"},
    {"from": "subscription.total_dues", "to": "person.Dues"},
    {"from": "customer.created_at", "to": "organization.Since"},
]


def test_additional_fields_are_of_the_customer_and_its_leading_subscription():
    jane = customer(
        cf_tier="gold",
        unbilled_charges=5,
        preferred_currency_code="CHF",
        billing_address={"city": "Berlin"},
        created_at=MARCH,
        company="Acme",
    )
    chosen = {"additional_fields": ADDITIONAL, "organizations": True}
    rows = [subscription("b", po_number="7", total_dues=9), subscription("a", status="paused")]
    fields = target(jane, *rows, **chosen).fields
    assert {name: fields[name] for name in list(fields)[4:]} == {
        "Tier": "gold",
        "Unbilled": Money(5, "CHF"),
        "City": "Berlin",
        "PO": "7",
        "Dues": Money(9, "EUR"),
    }
    assert company(jane, **chosen).fields["Since"] == "2026-03-01"


def test_additional_fields_without_a_value_are_empty():
    fields = target(customer(), additional_fields=ADDITIONAL, organizations=True).fields
    assert list(fields.values())[4:] == [None] * 5


def test_dues_of_a_subscription_without_a_currency_are_in_the_customers():
    jane = customer(preferred_currency_code="CHF")
    rows = [subscription(currency_code=None, total_dues=9)]
    fields = target(jane, *rows, additional_fields=[ADDITIONAL[4]]).fields
    assert fields["Dues"] == Money(9, "CHF")


def test_an_organization_has_the_name_as_its_oldest_customer_writes_it():
    rows = [
        customer("b", company="acme", created_at=2),
        customer("c", company="Acme ", created_at=1),
        customer("a", company="ACME", created_at=1),
    ]
    assert company(*rows) == OrganizationTarget("acme", "ACME", {"CB Status": "Active"})
    assert company(customer("a", company="acme", created_at=3), *rows[:2]).name == "Acme"
    assert company(rows[1], customer("z", company="aCmE")).name == "aCmE"


def test_an_organization_is_deleted_only_when_all_its_customers_are():
    alive, gone = customer("a", company="Acme"), customer("b", company="Acme", deleted=True)
    assert company(alive, gone).fields["CB Status"] == "Active"
    assert company(gone).fields["CB Status"] == "Deleted"


def test_the_entity_of_an_organization_is_its_leading_customers():
    rows = [
        customer("a", company="Acme", business_entity_id="old", updated_at=1),
        customer("b", company="Acme", business_entity_id="new", updated_at=2),
        customer("c", company="Acme", business_entity_id="gone", updated_at=3, deleted=True),
        customer("d", company="Acme", business_entity_id="none"),
    ]
    chosen = {"business_entities": ["x"]}
    assert company(*rows, **chosen).fields["CB Business Entity"] == "new"
    assert company(*rows[:1], rows[3], **chosen).fields["CB Business Entity"] == "old"
    twin = customer("e", company="Acme", business_entity_id="twin", updated_at=2)
    assert company(twin, rows[1], **chosen).fields["CB Business Entity"] == "twin"


def test_an_organizations_data_cover_the_subscriptions_of_all_its_customers():
    rows = customer("a", company="Acme"), customer("b", company="Acme")
    owned = [subscription("s1", mrr=5), subscription("s2", customer_id="b", mrr=7)]
    fields = company(*rows, owned=owned, subscription_data="organization").fields
    assert fields["CB MRR"] == Money(12, "EUR")
    assert fields["CB Active Subscriptions"] == 2
    assert "CB MRR" not in company(*rows, owned=owned).fields
    assert (
        "CB MRR" not in target(rows[0], subscription_data="organization", organizations=True).fields
    )


def test_an_organizations_nothing_is_in_the_currency_of_its_leading_customer():
    rows = [
        customer("a", company="Acme", preferred_currency_code="CHF", updated_at=2),
        customer("b", company="Acme", preferred_currency_code="EUR", updated_at=1),
    ]
    assert company(*rows, subscription_data="organization").fields["CB MRR"] == Money(0, "CHF")


def test_an_organization_without_a_company_is_refused():
    with pytest.raises(ValueError, match=r"^an organization needs a customer with a company name$"):
        company(customer())


def test_a_customer_without_the_company_does_not_speak_for_it():
    rows = [customer("a", created_at=1), customer("b", company="Acme", created_at=2)]
    assert company(*rows).name == "Acme"


CUSTOMERS = st.builds(
    customer,
    first_name=st.text(max_size=5),
    company=st.text(max_size=5),
    email=st.none() | st.text(max_size=5),
    billing_address=st.fixed_dictionaries({"company": st.text(max_size=5)}),
    deleted=st.booleans(),
    cf_tier=st.text(max_size=300),
)


@given(CUSTOMERS)
def test_every_customer_makes_a_person_with_a_name_that_pipedrive_takes(who: Customer):
    found = target(who, organizations=True)
    assert 0 < len(found.name) <= 255
    assert found.name == found.name.strip()
    assert (found.organization is None) == (found.organization_name is None)
    assert found.organization != ""
    if found.organization:
        assert company(who).key == found.organization


@given(st.permutations(["a", "b", "c"]))
def test_the_order_of_records_does_not_matter(order: list[str]):
    writings = {"a": "ACME", "b": "Acme", "c": " acme"}
    who = {key: customer(key, company=name) for key, name in writings.items()}
    owned = {key: subscription(key, mrr=1) for key in "abc"}
    chosen = {"organizations": True, "subscription_data": "organization"}
    ordered = organization_target(
        [who[key] for key in order], [owned[key] for key in order], settings(**chosen), SITE
    )
    assert ordered == organization_target(who.values(), owned.values(), settings(**chosen), SITE)


def test_the_mirrors_cut_makes_the_same_targets():
    chosen = settings(
        additional_fields=ADDITIONAL,
        organizations=True,
        subscription_data="person",
        extras=["link", "overdue"],
        business_entities=["be"],
    )
    row = {"id": "c1", "company": "Acme", "cf_tier": "x", "billing_address": {"city": "B"}}
    owned = {"id": "s", "status": "active", "currency_code": "EUR", "mrr": 5, "po_number": "7"}
    whole = Customer.parse(row), [Subscription.parse(owned)]
    cut = (
        Customer.parse(allowed("customer", row, chosen.attributes("customer"))),
        [Subscription.parse(allowed("subscription", owned, chosen.attributes("subscription")))],
    )
    assert person_target(*whole, chosen, SITE) == person_target(*cut, chosen, SITE)
    assert person_target(*cut, chosen, SITE).fields["PO"] == "7"
