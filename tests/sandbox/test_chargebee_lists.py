"""What Chargebee's lists filter by, and how far they reach back."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from chargepipe.sandbox import Options
from sandbox.line import Json, Line, code

DAY = 86_400
Test = Callable[[Json], bool]


@pytest.fixture(scope="module")
def line() -> Line:
    """A site that no test of this module edits."""
    return Line(customers=200, options=Options(calls_per_minute=100_000))


def plan(row: Json) -> str:
    return next(i for i in row["subscription_items"] if i["item_type"] == "plan")["item_price_id"]


SUBSCRIPTIONS: list[tuple[dict[str, Any], Test]] = [
    ({"next_billing_at__is_present": "false"}, lambda row: "next_billing_at" not in row),
    ({"cancelled_at__is_present": "true"}, lambda row: "cancelled_at" in row),
    ({"activated_at__before": 1_720_000_000}, lambda row: row.get("activated_at", 2**40) < 1.72e9),
    (
        {"next_billing_at__after": 1_793_500_000},
        lambda row: row.get("next_billing_at", 0) > 1.7935e9,
    ),
    ({"has_scheduled_changes__is": "false"}, lambda row: not row["has_scheduled_changes"]),
    ({"channel__is_not": "web"}, lambda row: row["channel"] != "web"),
    ({"cancel_reason__in": '["not_paid"]'}, lambda row: row.get("cancel_reason") == "not_paid"),
    ({"item_id__is": "team"}, lambda row: plan(row).startswith("team-")),
    ({"item_price_id__is": "team-USD-monthly"}, lambda row: plan(row) == "team-USD-monthly"),
    ({"item_price_id__starts_with": "basic"}, lambda row: plan(row).startswith("basic")),
    ({"decommissioned__is": "true"}, lambda row: bool(row.get("decommissioned"))),
]
INVOICES: list[tuple[dict[str, Any], Test]] = [
    ({"total__gt": 300_000}, lambda row: row.get("total", 0) > 300_000),
    ({"total__lte": 0}, lambda row: row.get("total", 1) <= 0),
    ({"total__between": "[1000,200000]"}, lambda row: 1000 <= row.get("total", 0) <= 200_000),
    ({"total__is_present": "false"}, lambda row: "total" not in row),
    ({"amount_due__gte": 1}, lambda row: row.get("amount_due", 0) >= 1),
    ({"amount_paid__is": 0}, lambda row: row.get("amount_paid") == 0),
    ({"amount_paid__is_not": 0}, lambda row: row.get("amount_paid") != 0),
    ({"paid_at__before": 1_760_000_000}, lambda row: row.get("paid_at", 2**40) < 1.76e9),
    ({"voided_at__is_present": "true"}, lambda row: "voided_at" in row),
    ({"void_reason_code__is": "Wrong amount"}, lambda row: row["status"] == "voided"),
    ({"paid_on_after": 1_760_000_000}, lambda row: row.get("paid_at", 0) > 1.76e9),
]


@pytest.mark.parametrize(("params", "test"), SUBSCRIPTIONS)
def test_filters_of_subscriptions(line: Line, params: dict[str, Any], test: Test) -> None:
    rows = [row for row in line.sandbox.billing.subscriptions() if not row["deleted"]]
    assert line.ids("/subscriptions", limit=100, **params) == ids(rows, test)


@pytest.mark.parametrize(("params", "test"), INVOICES)
def test_filters_of_invoices(line: Line, params: dict[str, Any], test: Test) -> None:
    rows = [row for row in line.sandbox.billing.invoices() if not row["deleted"]]
    assert line.ids("/invoices", limit=100, **params) == ids(rows, test)


def ids(rows: list[Json], test: Test) -> list[str]:
    return [row["id"] for row in rows if test(row)]


def test_custom_fields_filter_by_their_datatype(line: Line) -> None:
    rows = [row for row in line.sandbox.billing.customers() if not row["deleted"]]
    gold = line.ids("/customers", limit=100, cf_tier__is="gold")
    assert gold == ids(rows, lambda row: row.get("cf_tier") == "gold")
    many = line.ids("/customers", limit=100, cf_seats__gt=200)
    assert many == ids(rows, lambda row: row.get("cf_seats", 0) > 200)
    dated = line.ids("/customers", limit=100, cf_renewal__is_present="true")
    assert dated == ids(rows, lambda row: "cf_renewal" in row)
    assert line.ids("/customers", limit=100, cf_renewal__after=4_000_000_000) == []
    for wrong in ({"cf_none__is": "x"}, {"cf_tier__gt": "x"}, {"cf_seats__is": "many"}):
        assert code(line.billing("/customers", **wrong)) == (400, "param_wrong_value")


def test_a_customer_is_found_by_its_parent() -> None:
    line = Line(customers=5)
    relationship = {"parent_id": "cust_000002", "payment_owner_id": "cust_000001"}
    line.sandbox.billing.edit_customer("cust_000001", relationship=relationship)
    for name, value in relationship.items():
        found = line.billing("/customers", **{f"relationship[{name}][is]": value}).json()
        assert [entry["customer"]["id"] for entry in found["list"]] == ["cust_000001"]


@pytest.mark.parametrize(
    ("catalog", "known", "unknown"),
    [
        ("v1", ["plan_id"], ["item_id", "item_price_id"]),
        ("v2", ["item_id", "item_price_id"], ["plan_id"]),
        ("coexistence", ["plan_id", "item_id", "item_price_id"], []),
    ],
)
def test_a_catalog_filters_by_its_own_words(
    catalog: Any, known: list[str], unknown: list[str]
) -> None:
    line = Line(customers=20)
    line.sandbox.site.catalog = catalog
    for name in known:
        assert line.billing("/subscriptions", **{f"{name}__is": "x"}).status_code == 200
    for name in unknown:
        answer = line.billing("/subscriptions", **{f"{name}__is": "x"})
        assert code(answer) == (400, "param_wrong_value")


def test_an_offset_is_good_for_a_while_and_how_long_is_an_option() -> None:
    for seconds, later in ((3600, 400), (60.0, 400), (None, 200)):
        line = Line(customers=5, options=Options(offset_seconds=seconds))
        offset = line.billing("/customers", limit=2).json()["next_offset"]
        line.clock.advance(seconds or 10**9)
        assert line.billing("/customers", limit=2, offset=offset).status_code == 200
        line.clock.advance(1)
        assert line.billing("/customers", limit=2, offset=offset).status_code == later


def test_tombstones_are_listed_for_ever_or_for_some_days() -> None:
    for days, found in ((None, True), (30, False)):
        line = Line(customers=5, options=Options(tombstone_days=days))
        line.sandbox.billing.delete_customer("cust_000001")
        deleted = {"include_deleted": "true", "id__is": "cust_000001"}
        line.clock.advance(30 * DAY)
        assert line.ids("/customers", **deleted) == ["cust_000001"]
        line.clock.advance(2)
        assert bool(line.ids("/customers", **deleted)) is found


def test_lists_show_a_write_late_and_single_records_at_once() -> None:
    line = Line(customers=5)
    line.sandbox.site.list_lag = 300
    row = line.sandbox.billing.add_customer(first_name="Ada")
    assert row["id"] not in line.ids("/customers")
    assert line.ids("/customers", id__is=row["id"]) == []
    assert line.billing(f"/customers/{row['id']}").status_code == 200
    line.clock.advance(300)
    assert line.ids("/customers", id__is=row["id"]) == [row["id"]]


def test_events_are_kept_for_a_while() -> None:
    line = Line(customers=5, options=Options(event_days=90))
    line.sandbox.billing.edit_customer("cust_000001", company="A")
    event = next(iter(line.sandbox.billing.events()))
    line.clock.advance(90 * DAY)
    assert line.ids("/events") == [event["id"]]
    assert line.billing(f"/events/{event['id']}").json()["event"] == event
    line.clock.advance(1)
    assert line.ids("/events", occurred_at__after=1) == []
    assert code(line.billing(f"/events/{event['id']}")) == (404, "resource_not_found")


def test_a_filter_by_webhook_status_looks_six_days_back_unless_told_when() -> None:
    line = Line(customers=5)
    line.sandbox.billing.edit_customer("cust_000001", company="A")
    status: Json = {"webhook_status__is": "not_configured"}
    assert len(line.ids("/events", **status)) == 1
    line.clock.advance(7 * DAY)
    assert line.ids("/events", **status) == []
    assert len(line.ids("/events", occurred_at__after=1, **status)) == 1
    assert len(line.ids("/events", start_time=1, **status)) == 1
    assert len(line.ids("/events")) == 1


def test_the_entity_header_narrows_lists_single_records_and_events() -> None:
    line = Line(customers=100)
    billing = line.sandbox.billing
    rows = [row for row in billing.customers() if not row["deleted"]]
    inside = next(row["id"] for row in rows if row.get("business_entity_id") == "be_emea")
    outside = next(row["id"] for row in rows if "business_entity_id" not in row)
    for id in (inside, outside):
        billing.edit_customer(id, company="A")

    def status(path: str, entity: str) -> int:
        headers = {"chargebee-business-entity-id": entity}
        auth = (line.sandbox.chargebee_key, "")
        return line.send(
            "chargebee", "GET", f"/api/v2{path}", headers=headers, auth=auth
        ).status_code

    assert status(f"/customers/{inside}", "be_emea") == 200
    assert status(f"/customers/{outside}", "be_emea") == 404
    assert status(f"/customers/{outside}", "be_main") == 200
    headers = {"chargebee-business-entity-id": "be_emea"}
    auth = (line.sandbox.chargebee_key, "")
    answer = line.send("chargebee", "GET", "/api/v2/events", headers=headers, auth=auth)
    named = [entry["event"]["content"]["customer"]["id"] for entry in answer.json()["list"]]
    assert named == [inside]


def test_short_lists_are_paged_too(line: Line) -> None:
    first = line.billing("/item_prices", limit=20).json()
    rest = line.billing("/item_prices", limit=100, offset=first["next_offset"]).json()
    assert "next_offset" not in rest
    found = [entry["item_price"]["name"] for entry in first["list"] + rest["list"]]
    assert found == sorted(found)
    assert len(set(found)) == 55
    assert json.loads(first["next_offset"])[0] == "20"
    for broken in ("x", "[]", '["a","b"]'):
        assert code(line.billing("/item_prices", offset=broken)) == (400, "param_wrong_value")


@pytest.mark.parametrize(
    "offset", ['["-1","2"]', '["2"]', '"22"', "[2,2]", "2", "", '["x","2"]', '["2","2","2"]']
)
def test_a_short_list_takes_no_nonsense_for_an_offset(line: Line, offset: str) -> None:
    answer = line.billing("/items", limit=2, offset=offset)
    assert code(answer) == (400, "param_wrong_value")


def test_who_names_no_business_entity_is_found_in_the_first_by_filter_and_by_header() -> None:
    line = Line(customers=40)
    nameless = next(
        row["id"]
        for row in line.sandbox.billing.customers()
        if "business_entity_id" not in row and not row["deleted"]
    )
    assert nameless in line.ids("/customers", limit=100, business_entity_id__is="be_main")
    assert nameless not in line.ids("/customers", limit=100, business_entity_id__is_not="be_main")
    headers = {"chargebee-business-entity-id": "be_main"}
    path = f"/api/v2/customers/{nameless.replace(' ', '%20').replace('/', '%2F')}"
    auth = (line.sandbox.chargebee_key, "")
    assert line.send("chargebee", "GET", path, headers=headers, auth=auth).status_code == 200
