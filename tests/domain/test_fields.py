import pytest

from chargepipe.domain import names
from chargepipe.domain.fields import FieldSpec, entities, needed, suffixed, wanted

from .builders import settings

DEALS = {"subscription_deals": {"enabled": True}, "invoice_deals": {"enabled": True}}
DATA = [
    ("CB Subscription Status", "enum"),
    ("CB Plan", "varchar"),
    ("CB MRR", "monetary"),
    ("CB Next Billing", "date"),
    ("CB Trial End", "date"),
    ("CB Term End", "date"),
    ("CB Cancelled On", "date"),
    ("CB Active Subscriptions", "double"),
]
STATUSES = ("Future", "In trial", "Active", "Non renewing", "Paused", "Cancelled", "Transferred")


def of(entity: str, **chosen: object) -> list[tuple[str, str]]:
    return [(f.name, f.type) for f in needed(settings(**chosen)) if f.entity == entity]


def test_the_defaults_need_four_fields_of_the_person_its_mark_first():
    assert needed(settings()) == (
        FieldSpec("person", "CB Customer ID", "varchar"),
        FieldSpec("person", "CB Customer Status", "enum", ("Active", "Deleted")),
        FieldSpec("person", "CB Customer MRR", "monetary"),
        FieldSpec("person", "CB Customer CMRR", "monetary"),
    )


def test_organizations_need_their_status():
    found = [field for field in needed(settings(organizations=True)) if field.entity != "person"]
    assert found == [FieldSpec("organization", "CB Status", "enum", ("Active", "Deleted"))]


def test_chosen_entities_show_on_person_and_organization():
    chosen = {"business_entities": ["be1"], "organizations": True}
    assert ("CB Business Entity", "varchar") in of("person", **chosen)
    assert ("CB Business Entity", "varchar") in of("organization", **chosen)


def test_subscription_data_stand_where_the_setting_says():
    assert of("person", subscription_data="person")[4:] == DATA
    chosen = {"subscription_data": "organization", "organizations": True}
    assert of("organization", **chosen)[1:] == DATA
    assert len(of("person", **chosen)) == 4


def test_extras_need_their_fields():
    assert of("person", extras=["link"])[4:] == [("CB Link", "varchar")]
    overdue = [("CB Overdue Amount", "monetary"), ("CB Overdue Since", "date")]
    assert of("person", extras=["overdue"])[4:] == overdue


def test_deals_need_their_marks_and_fields():
    assert of("deal", subscription_deals={"enabled": True}) == [
        ("CB Subscription ID", "varchar"),
        ("CB Subscription Status", "enum"),
        ("CB Plan", "varchar"),
        ("CB Next Billing", "date"),
    ]
    assert of("deal", invoice_deals={"enabled": True}) == [
        ("CB Invoice ID", "varchar"),
        ("CB Invoice Status", "enum"),
        ("CB Due", "monetary"),
    ]


def test_every_status_has_an_option():
    options = {field.name: field.options for field in needed(settings(**DEALS))}
    assert options["CB Subscription Status"] == STATUSES
    expected = ("Posted", "Payment due", "Not paid", "Paid", "Voided", "Pending")
    assert options["CB Invoice Status"] == expected


def test_additional_fields_come_with_the_type_of_their_attribute():
    rows = [
        {"from": "customer.cf_tier", "to": "person.Tier"},
        {"from": "customer.cf_seats", "to": "person.Seats", "type": "number"},
        {"from": "customer.created_at", "to": "person.Since"},
        {"from": "customer.unbilled_charges", "to": "person.Unbilled"},
    ]
    assert needed(settings(additional_fields=rows))[4:] == (
        FieldSpec("person", "Tier", "varchar", chosen=True),
        FieldSpec("person", "Seats", "double", chosen=True),
        FieldSpec("person", "Since", "date", chosen=True),
        FieldSpec("person", "Unbilled", "monetary", chosen=True),
    )


def test_a_field_that_two_records_fill_is_needed_once():
    rows = [
        {"from": "subscription.po_number", "to": "deal.PO"},
        {"from": "invoice.po_number", "to": "deal.PO"},
    ]
    assert of("deal", additional_fields=rows, **DEALS).count(("PO", "varchar")) == 1


def test_all_fields_of_ours_are_reserved_names():
    everything = settings(
        organizations=True,
        subscription_data="person",
        business_entities=["b"],
        extras=["link", "overdue"],
        **DEALS,
    )
    assert {field.name for field in needed(everything)} == names.ALL
    assert len(names.ALL) == 21


def test_every_kind_of_record_has_its_mark():
    marks = {"CB Customer ID", "CB Status", "CB Subscription ID", "CB Invoice ID"}
    assert marks == names.MARKS


def test_a_further_site_of_an_account_adds_its_name():
    spec = FieldSpec("person", "CB MRR", "monetary")
    assert suffixed(spec, "acme").name == "CB MRR (acme)"
    assert suffixed(spec, "") == spec
    chosen = FieldSpec("person", "Tier", "varchar", chosen=True)
    assert suffixed(chosen, "acme") == chosen


def test_a_suffixed_name_keeps_its_suffix_within_the_limit():
    name = suffixed(FieldSpec("person", "x" * 255, "varchar"), "acme").name
    assert len(name) == 255
    assert name.endswith("x (acme)")


def test_options_and_yes_or_no_are_single_options():
    rows = [
        {"from": "customer.cf_tier", "to": "person.Tier", "type": "option"},
        {"from": "customer.cf_vip", "to": "person.VIP", "type": "yes_no"},
    ]
    assert needed(settings(additional_fields=rows))[4:] == (
        FieldSpec("person", "Tier", "enum", chosen=True),
        FieldSpec("person", "VIP", "enum", ("Yes", "No"), chosen=True),
    )


def test_only_fields_of_what_is_written_are_made():
    assert entities(settings()) == ("person",)
    assert entities(settings(organizations=True)) == ("person", "organization")
    everything = settings(organizations=True, subscription_data="person", **DEALS)
    assert entities(everything) == ("person", "organization", "deal")
    assert wanted(everything) == needed(everything)


@pytest.mark.parametrize(
    ("chosen", "type", "taken"),
    [
        (True, "varchar", True),
        (True, "text", True),
        (True, "varchar_auto", True),
        (True, "double", False),
        (False, "varchar", True),
        (False, "text", False),
    ],
)
def test_a_chosen_text_takes_every_text_type(chosen: bool, type: str, taken: bool):
    assert FieldSpec("person", "Tier", "varchar", chosen=chosen).takes(type) is taken


def test_a_number_takes_no_text():
    assert not FieldSpec("person", "Seats", "double", chosen=True).takes("text")
    assert FieldSpec("person", "Seats", "double", chosen=True).takes("double")


def test_a_field_is_kept_by_its_entity_and_name():
    assert FieldSpec("person", "CB MRR", "monetary").key == "person/CB MRR"
