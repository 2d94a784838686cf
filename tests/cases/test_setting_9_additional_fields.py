"""Setting 9: any attribute in a custom field, existing or new, with type check."""

import pytest
from sheet import Outcome, Row
from story import Story, field

FIELDS = {
    "additional_fields": [
        field("customer.cf_tier", "person.Tier"),
        field("customer.cf_seats", "person.Seats", type="number"),
        field("customer.cf_renewal", "person.Renewal", type="date"),
        field("customer.cf_segment", "person.Segment", type="option"),
        field("customer.cf_vip", "person.VIP", type="yes_no"),
        field("customer.billing_address.city", "person.City"),
        field("customer.promotional_credits", "person.Credits"),
        field("customer.created_at", "person.Customer Since"),
        field("subscription.po_number", "person.Order Number"),
    ]
}
JULY = 1_782_907_200  # 2026-07-01 12:00 UTC


def held(says: str, customer: dict[str, object], shows: dict[str, object]) -> Row:
    return Row(says, settings=FIELDS, customer=customer, shows=shows)


ROWS = [
    held("a custom field of the customer is a text", {"cf_tier": "gold"}, {"Tier": "gold"}),
    held("an attribute that is not there leaves its field empty", {}, {"Tier": None, "VIP": None}),
    held("a number is a number", {"cf_seats": 12}, {"Seats": 12}),
    held("a text that is a number will do for one", {"cf_seats": "12.5"}, {"Seats": 12.5}),
    held("a text that is none leaves a number empty", {"cf_seats": "many"}, {"Seats": None}),
    held("a date is a date", {"cf_renewal": "2027-03-31"}, {"Renewal": "2027-03-31"}),
    held("a text that is no date leaves a date empty", {"cf_renewal": "soon"}, {"Renewal": None}),
    held("an option is made when its value comes", {"cf_segment": "Mid"}, {"Segment": "Mid"}),
    held("another value is another option", {"cf_segment": "Big"}, {"Segment": "Big"}),
    held("true is yes", {"cf_vip": True}, {"VIP": "Yes"}),
    held("false is no, not empty", {"cf_vip": False}, {"VIP": "No"}),
    held("a nested attribute", {"billing_address": {"city": "Oslo"}}, {"City": "Oslo"}),
    held("an amount is money", {"promotional_credits": 1234}, {"Credits": "12.34 USD"}),
    held("a time is a date", {"created_at": JULY}, {"Customer Since": "2026-07-01"}),
    Row(
        "an attribute of a subscription is the leading one's",
        settings=FIELDS,
        subscriptions=(
            {"status": "active", "po_number": "PO-1"},
            {"status": "cancelled", "po_number": "PO-2"},
        ),
        shows={"Order Number": "PO-1"},
    ),
    Row(
        "a value that changes in Chargebee changes in Pipedrive",
        settings=FIELDS,
        customer={"cf_tier": "gold"},
        later={"cf_tier": "platinum"},
        shows={"Tier": "platinum"},
    ),
    Row(
        "a value that is taken away in Chargebee is taken away in Pipedrive",
        settings=FIELDS,
        customer={"cf_tier": "gold"},
        later={"cf_tier": None},
        shows={"Tier": None},
    ),
]
TIER = [field("customer.cf_tier", "person.Tier")]


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_what_a_field_holds(row: Row, outcome: Outcome):
    outcome.check(row)


def test_by_default_there_is_none(story: Story):
    story.customer("ada", cf_tier="gold")
    story.full()
    assert all(name.startswith("CB ") for name in story.fields())


def test_a_field_of_that_name_and_type_is_used_and_no_second_one_is_made(story: Story):
    code = story.has_field("Tier")
    story.given(additional_fields=TIER)
    story.customer("ada", cf_tier="gold")
    story.full()
    assert story.fields().count("Tier") == 1
    assert story.crm.person(story.link("ada") or 0)["custom_fields"][code] == "gold"


def test_a_field_of_that_name_with_another_type_is_an_error_in_words(story: Story):
    story.has_field("Tier", "double")
    story.given(additional_fields=TIER)
    story.customer("ada", cf_tier="gold")
    ended = story.full()
    assert ended.startswith("failed: ")
    assert "Tier" in ended
    assert (story.fields().count("Tier"), story.people(), story.wrote()) == (1, [], [])


def test_a_field_can_be_the_organizations(story: Story):
    tier = [field("customer.cf_tier", "organization.Tier")]
    story.given(organizations=True, additional_fields=tier)
    story.customer("ada", company="Acme", cf_tier="gold")
    story.full()
    story.organization_shows("Acme", {"Tier": "gold"})
    assert "Tier" not in story.fields("person")
