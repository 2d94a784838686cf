"""Whole deals: every part of what a record makes, of what is cleared, erased, held and matched."""

from dataclasses import replace
from typing import Any

import pytest

from chargepipe.domain.clearing import deal_clearing
from chargepipe.domain.deals import NoDeal, deal_of
from chargepipe.domain.erasure import erased_target
from chargepipe.domain.held import FieldMap, KnownField
from chargepipe.domain.held_deal import HeldDeal, NotThereYet, decode_deal, encode_deal
from chargepipe.domain.inverse import same
from chargepipe.domain.matching import Ambiguous, Left, Matched, NotFound, match_deal
from chargepipe.domain.money import Money
from chargepipe.domain.pipelines import Place
from chargepipe.domain.records import Invoice, Subscription
from chargepipe.domain.targets import DealTarget, Standing
from domain.builders import customer, invoice, plan, settings, subscription
from domain.test_pipelines import facts

DAY = 86_400
TIER = {"from": "customer.cf_tier", "to": "deal.Tier"}
NOTE = {"from": "subscription.cf_note", "to": "deal.Note"}
PO = {"from": "invoice.po_number", "to": "deal.PO"}
ADA = {"first_name": "Ada", "company": "Engines", "cf_tier": "gold"}


def made(record: Subscription | Invoice, *, cleared: bool = False, **chosen: Any) -> Any:
    deals = {"enabled": True, "pipeline": 2}
    rules = settings(
        subscription_deals={**deals, "status": {"paused": {"stage": "Offered", "status": "open"}}},
        invoice_deals={**deals, "status": {"paid": {"stage": "Offered", "status": "won"}}},
        **{"organizations": True, "additional_fields": [TIER, NOTE, PO], **chosen},
    )
    whose = {"pii_cleared": "cleared"} if cleared else ADA
    return deal_of(record, customer("ada", **whose), rules, facts())


def paused(**more: Any) -> Subscription:
    row = {"status": "paused", "subscription_items": [plan(4900)], "next_billing_at": 30 * DAY}
    return subscription(**{**row, "cf_note": "VIP", **more})


def paid(**more: Any) -> Invoice:
    row = {"recurring": False, "total": 9900, "amount_due": 100, "currency_code": "EUR"}
    dates = {"paid_at": DAY, "due_date": 14 * DAY}
    return invoice(**{**row, **dates, "status": "paid", "po_number": "PO 1", **more})


def test_the_whole_deal_of_a_subscription():
    assert made(paused()) == DealTarget(
        title="Engines - pro-eur",
        value=Money(4900, "EUR"),
        person="ada",
        organization="engines",
        place=Place(2, 21),
        moves=True,
        standing=Standing("open"),
        expected_close=None,
        fields={
            "CB Subscription ID": "s1",
            "CB Subscription Status": "Paused",
            "CB Plan": "pro-eur",
            "CB Next Billing": "1970-01-31",
            "Tier": "gold",
            "Note": "VIP",
        },
    )


def test_the_whole_deal_of_an_invoice():
    assert made(paid()) == DealTarget(
        title="Engines - i1",
        value=Money(9900, "EUR"),
        person="ada",
        organization="engines",
        place=Place(2, 21),
        moves=True,
        standing=Standing("won", "1970-01-02T00:00:00Z"),
        expected_close="1970-01-15",
        fields={
            "CB Invoice ID": "i1",
            "CB Invoice Status": "Paid",
            "CB Due": Money(100, "EUR"),
            "Tier": "gold",
            "PO": "PO 1",
        },
    )


def test_a_voided_invoice_is_lost_with_its_time_and_reason():
    lost = made(paid(status="voided", voided_at=2 * DAY, void_reason_code="Wrong"))
    assert lost.standing == Standing("lost", "1970-01-03T00:00:00Z", "Wrong")
    assert (lost.place, lost.moves) == (Place(2, 20), False)


def test_without_organizations_a_deal_joins_a_person_alone():
    assert made(paused(), organizations=False).organization is None
    assert made(paid(), organizations=False).organization is None


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (
            subscription(active_id="other"),
            "moved to another business entity: the live copy has another id",
        ),
        (subscription(status="transferred"), "the settings make no deal in the status transferred"),
        (subscription(status="odd"), "chargepipe does not know the status odd"),
        (
            invoice(recurring=True, subscription_id="s1", total=1),
            "the invoice belongs to a subscription",
        ),
        (invoice(recurring=False, total=0), "the invoice has a total of 0"),
        (
            invoice(recurring=False, total=1, status="pending"),
            "the settings make no deal in the status pending",
        ),
    ],
)
def test_why_a_record_makes_no_deal(record: Subscription | Invoice, words: str):
    assert made(record) == NoDeal(words)


TELLS = DealTarget(None, None, None, None, None, False, None, None, {})


@pytest.mark.parametrize(
    ("record", "name"),
    [
        (subscription(deleted=True), "CB Subscription Status"),
        (invoice(recurring=False, deleted=True), "CB Invoice Status"),
    ],
)
def test_of_what_was_deleted_only_the_status_is_told(record: Any, name: str):
    assert made(record) == replace(TELLS, fields={name: "Deleted"})
    left = made(record, deleted_customers="leave")
    assert left == NoDeal("deleted in Chargebee; its deal is left as it is (deleted_customers)")


def test_a_cleared_customers_deal_loses_their_name_and_fields():
    whole = made(paused(), cleared=True)
    assert (whole.title, whole.cleared, whole.value) == ("ada - pro-eur", True, Money(4900, "EUR"))
    assert (whole.fields["Tier"], whole.fields["Note"]) == (None, "VIP")
    assert whole.fields["CB Subscription ID"] == "s1"
    bill = made(paid(), cleared=True)
    assert (bill.title, bill.cleared, bill.fields["Tier"]) == ("ada - i1", True, None)


def test_where_no_deal_is_made_a_cleared_customers_name_goes_all_the_same():
    gone = replace(TELLS, title="ada", fields={"Tier": None}, cleared=True)
    assert made(subscription(status="transferred"), cleared=True) == gone
    assert made(paid(total=0), cleared=True) == replace(gone, title="ada - i1")


def test_an_erased_deal_keeps_what_is_not_personal():
    target = made(paused()).as_json()
    erased = erased_target(target)
    fields = {**target["fields"], "Tier": None, "Note": None}
    assert erased == {
        **target,
        "title": "",
        "organization": None,
        "fields": fields,
        "cleared": True,
    }


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        ({"linked": 4, "marked": [5]}, Matched(4, "link")),
        ({"marked": [5], "deleted": [6]}, Matched(5, "mark")),
        ({"marked": [7, 5, 7]}, Ambiguous((5, 7), "mark")),
        ({"deleted": [6, 8], "alike": [9]}, Left(8)),
        ({"alike": [9, 3]}, Ambiguous((3, 9), "amount")),
        ({"alike": [9], "make_new": True}, NotFound()),
        ({}, NotFound()),
    ],
)
def test_the_link_then_the_mark_then_a_deletion_then_the_amount(facts: Any, found: Any):
    given = {"linked": None, "marked": [], "deleted": [], "alike": [], **facts}
    assert match_deal(**given) == found


OPEN = {"status": "open", "time": None, "reason": None}
WON = {"status": "won", "time": "2026-11-02T09:00:00Z", "reason": None}
LOST = {"status": "lost", "time": "2026-11-02T09:00:00Z", "reason": "Budget"}


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (WON, WON, True),
        (WON, {**WON, "time": None}, True),
        ({**LOST, "reason": None}, LOST, True),
        (WON, {**WON, "time": "2026-11-03T09:00:00Z"}, False),
        (LOST, {**LOST, "reason": "Price"}, False),
        (WON, {**WON, "status": "lost"}, False),
        (OPEN, {"status": "won", "time": None, "reason": None}, False),
        (OPEN, None, False),
        (None, OPEN, False),
        (None, None, True),
    ],
)
def test_two_statuses_mean_the_same_as_far_as_both_name_it(one: Any, other: Any, equal: bool):
    assert same("status", one, other) is equal
    assert same("title", one, other) is (one == other)


FIELDS = FieldMap({"CB Plan": KnownField("abc", "varchar")}, ("JPY",))
ROW: dict[str, Any] = {
    "id": "7",
    "title": "A",
    "value": 49.5,
    "currency": "EUR",
    "pipeline_id": "1",
    "stage_id": "10",
    "status": "won",
    "won_time": "2026-11-02 09:00:00",
    "lost_time": "2020-01-01 00:00:00",
    "expected_close_date": "2026-12-01",
    "person_id": 5,
    "org_id": 6,
    "is_archived": True,
    "products_count": 0,
    "custom_fields": {"abc": "pro"},
}
HELD = HeldDeal(
    id=7,
    title="A",
    value=Money(4950, "EUR"),
    place=Place(1, 10),
    standing=Standing("won", "2026-11-02T09:00:00Z"),
    expected_close="2026-12-01",
    person_id=5,
    org_id=6,
    archived=True,
    locked=False,
    fields={"CB Plan": "pro"},
)


def test_every_part_of_a_deal_is_decoded():
    assert decode_deal(ROW, FIELDS) == HELD


@pytest.mark.parametrize(
    ("row", "parts"),
    [
        ({"status": "open"}, {"standing": Standing("open")}),
        (
            {"status": "lost", "lost_reason": None},
            {"standing": Standing("lost", "2020-01-01T00:00:00Z")},
        ),
        ({"value": None}, {"value": Money(0, "EUR")}),
        ({"title": None}, {"title": ""}),
        ({"expected_close_date": ""}, {"expected_close": None}),
        ({"person_id": None, "org_id": None}, {"person_id": None, "org_id": None}),
        ({"is_archived": None}, {"archived": False}),
        ({"is_archived": "yes"}, {"archived": False}),
        ({"products_count": 3}, {"locked": True}),
    ],
)
def test_what_a_deal_may_lack(row: Any, parts: Any):
    assert decode_deal({**ROW, **row}, FIELDS) == replace(HELD, **parts)


def test_who_is_joined_is_encoded_by_id_else_by_key():
    ids = {("person", "ada"): 9, ("organization", "engines"): 8}
    known = {"person": {"key": "ada", "id": 5}, "organization": {"key": None, "id": 6}}
    assert encode_deal(known, FIELDS, ids) == {"person_id": 5, "org_id": 6}
    made = {"person": {"key": "ada", "id": None}, "organization": {"key": "engines", "id": None}}
    assert encode_deal(made, FIELDS, ids) == {"person_id": 9, "org_id": 8}
    none = encode_deal({"person": None, "organization": None}, FIELDS, ids)
    assert none == {"person_id": None, "org_id": None}
    with pytest.raises(NotThereYet, match="make the organization before its deal"):
        encode_deal({"organization": {"key": None, "id": None}}, FIELDS)


def test_a_deal_is_cleared_of_our_fields_and_of_what_we_wrote():
    deal = replace(HELD, fields={"CB Plan": "pro", "Tier": "gold", "Note": "theirs"})
    difference = deal_clearing(deal, replace(TELLS, fields={"Tier": "gold", "Note": "ours"}))
    assert difference.before == {"CB Plan": "pro", "Tier": "gold"}
    assert difference.after == {"CB Plan": None, "Tier": None}
    assert deal_clearing(deal, None).after == {"CB Plan": None}
