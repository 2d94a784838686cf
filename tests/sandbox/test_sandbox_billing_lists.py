import json
from typing import Any
from urllib.parse import quote

import pytest

from chargepipe.sandbox import Options
from sandbox.line import Line, code


@pytest.fixture(scope="module")
def line() -> Line:
    """A site that no test of this module edits."""
    return Line(customers=250, options=Options(calls_per_minute=100_000))


def test_a_page_has_ten_rows_unless_asked_otherwise_and_a_hundred_at_most(line: Line) -> None:
    assert len(line.billing("/customers").json()["list"]) == 10
    assert len(line.billing("/customers", limit=100).json()["list"]) == 100
    for limit in ("0", "101", "ten", ""):
        assert code(line.billing("/customers", limit=limit)) == (400, "param_wrong_value")


@pytest.mark.parametrize(
    ("path", "read"),
    [("/customers", "customers"), ("/subscriptions", "subscriptions"), ("/invoices", "invoices")],
)
@pytest.mark.parametrize("limit", [7, 100])
def test_all_pages_hold_each_living_record_once_in_order_of_creation(
    line: Line, path: str, read: str, limit: int
) -> None:
    rows = list(getattr(line.sandbox.billing, read)())
    assert line.ids(path, limit=limit) == [row["id"] for row in rows if not row["deleted"]]


@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_lists_sort_by_update_both_ways(line: Line, direction: str) -> None:
    params = {f"sort_by__{direction}": "updated_at"}
    ids = line.ids("/customers", limit=40, **params)
    rows = [line.sandbox.billing.customer(id) for id in ids]
    times = [row["updated_at"] for row in rows if "updated_at" in row]
    assert times == sorted(times, reverse=direction == "desc")
    assert len(set(ids)) == len(ids) == 244


def test_an_offset_is_json_text_of_two_strings_and_absent_on_the_last_page(line: Line) -> None:
    body = line.billing("/customers", limit=100).json()
    value, row_id = json.loads(body["next_offset"])
    assert value == str(body["list"][-1]["customer"]["created_at"] * 1000)
    assert row_id.isdigit()
    last = line.billing("/customers", id__is="cust_000001").json()
    assert "next_offset" not in last


def test_an_offset_is_good_for_its_own_filters_alone(line: Line) -> None:
    offset = line.billing("/customers", limit=5, created_at__after=0).json()["next_offset"]
    ok = line.billing("/customers", limit=50, created_at__after=0, offset=offset)
    assert ok.status_code == 200
    others: list[dict[str, Any]] = [
        {},
        {"created_at__after": 1},
        {"created_at__after": 0, "include_deleted": "true"},
        {"created_at__after": 0, "sort_by__desc": "created_at"},
    ]
    for params in others:
        answer = line.billing("/customers", offset=offset, **params)
        assert code(answer) == (400, "param_wrong_value")
    for broken in ("x", "[]", '["1"]', "7", '["a","b"]', '[{"a":1},"2"]'):
        assert code(line.billing("/customers", offset=broken)) == (400, "param_wrong_value")


def test_rows_that_change_during_a_walk_shift_no_page() -> None:
    line = Line(customers=60)
    billing = line.sandbox.billing
    expected = line.ids("/customers", limit=100)
    first = line.billing("/customers", limit=20).json()
    for entry in first["list"][:5]:
        billing.edit_customer(entry["customer"]["id"], company="Changed")
    billing.delete_customer(first["list"][7]["customer"]["id"])
    rest = line.ids("/customers", limit=20, offset=first["next_offset"])
    assert [entry["customer"]["id"] for entry in first["list"]] + rest == expected


def test_an_edited_row_moves_to_the_end_of_the_order_of_updates() -> None:
    line = Line(customers=60)
    line.sandbox.billing.edit_customer("cust_000001", company="Changed")
    assert line.ids("/customers", limit=50, sort_by__asc="updated_at")[-1] == "cust_000001"
    assert line.ids("/customers", limit=50, sort_by__desc="updated_at")[0] == "cust_000001"
    assert line.ids("/customers", limit=50)[0] == "cust_000001"


def test_deleted_rows_come_only_when_asked_for(line: Line) -> None:
    deleted = line.sandbox.billing.cases["deleted"]
    assert not set(deleted) & set(line.ids("/customers", limit=100))
    found = line.ids("/customers", limit=100, include_deleted="true")
    assert set(deleted) < set(found)
    answer = line.billing("/customers/" + quote(deleted[0], safe=""))
    assert code(answer) == (404, "resource_not_found")


@pytest.mark.parametrize("record_id", ["eu/cust_000004", "künde-ß-000010", "cust_000001"])
def test_odd_ids_are_found_when_quoted_whole(line: Line, record_id: str) -> None:
    answer = line.billing("/customers/" + quote(record_id, safe=""))
    assert answer.json()["customer"]["id"] == record_id
    assert line.ids("/customers", id__is=record_id) == [record_id]


def test_text_filters(line: Line) -> None:
    billing = line.sandbox.billing
    row = billing.customer("cust_000001")
    assert line.ids("/customers", email__is=row["email"]) == ["cust_000001"]
    assert "cust_000001" in line.ids("/customers", company__is=row["company"])
    assert line.ids("/customers", id__in='["cust_000002","cust_000001","nobody"]') == [
        "cust_000001",
        "cust_000002",
    ]
    assert line.ids("/customers", id__in="['cust_000002']") == ["cust_000002"]
    others = line.ids("/customers", limit=3, id__not_in='["cust_000001"]', email__is_not="x")
    assert len(others) == 243
    odd = line.ids("/customers", limit=100, id__starts_with="eu/")
    assert odd
    assert all(id.startswith("eu/") for id in odd)


def test_time_filters_leave_out_the_given_moment_but_between_does_not(line: Line) -> None:
    ids = line.ids("/customers", limit=100)
    times = [line.sandbox.billing.customer(id)["created_at"] for id in ids]
    assert line.ids("/customers", limit=100, created_at__after=times[200]) == ids[201:]
    assert line.ids("/customers", limit=100, created_at__before=times[3]) == ids[:3]
    between = f"[{times[10]},{times[20]}]"
    assert line.ids("/customers", limit=4, created_at__between=between) == ids[10:21]
    assert ids[5] in line.ids("/customers", limit=100, created_at__on=times[5])


def test_whether_after_is_strict_is_an_option() -> None:
    line = Line(customers=20, options=Options(after_is_strict=False))
    last = line.ids("/customers", limit=100)[-1]
    moment = line.sandbox.billing.customer(last)["created_at"]
    assert line.ids("/customers", created_at__after=moment) == [last]


@pytest.mark.parametrize("between", ["[5,5]", "[6,5]", "[5]", "5", "[a,b]", "[1,2,3]"])
def test_an_empty_or_broken_range_is_refused(line: Line, between: str) -> None:
    answer = line.billing("/customers", updated_at__between=between)
    assert code(answer) == (400, "param_wrong_value")


def test_filters_of_subscriptions_and_invoices(line: Line) -> None:
    billing = line.sandbox.billing
    customer = billing.cases["several_subscriptions"][0]
    own = [row for row in billing.subscriptions() if row["customer_id"] == customer]
    living = [row["id"] for row in own if not row["deleted"]]
    assert line.ids("/subscriptions", limit=1, customer_id__is=customer) == living
    asked = json.dumps([customer, "nobody"])
    assert line.ids("/subscriptions", customer_id__in=asked) == living
    paused = line.ids("/subscriptions", limit=100, status__in='["paused","future"]')
    assert {billing.subscription(id)["status"] for id in paused} == {"paused", "future"}
    one_time = line.ids(
        "/invoices", limit=100, recurring__is="false", subscription_id__is_present="false"
    )
    assert one_time
    rows = [billing.invoice(id) for id in one_time]
    assert not any(row["recurring"] or "subscription_id" in row for row in rows)


def test_a_subscription_row_embeds_its_customer(line: Line) -> None:
    for entry in line.billing("/subscriptions", limit=100).json()["list"]:
        assert entry["customer"]["id"] == entry["subscription"]["customer_id"]


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("/customers", {"status__is": "active"}),
        ("/customers", {"page": "2"}),
        ("/customers", {"updated_at__gt": "1"}),
        ("/customers", {"updated_at__after": "yesterday"}),
        ("/customers", {"sort_by__asc": "date"}),
        ("/customers", {"include_deleted": "yes"}),
        ("/invoices", {"created_at__after": "1"}),
        ("/invoices", {"recurring__is": "no"}),
        ("/invoices", {"sort_by__asc": "created_at"}),
        ("/events", {"updated_at__after": "1"}),
    ],
)
def test_a_filter_that_the_list_has_not_is_refused(
    line: Line, path: str, params: dict[str, str]
) -> None:
    assert code(line.billing(path, **params)) == (400, "param_wrong_value")


@pytest.mark.parametrize("auth", [("wrong", ""), ("test_sandbox_key", "x"), None])
def test_a_wrong_key_is_refused(line: Line, auth: tuple[str, str] | None) -> None:
    answer = line.send("chargebee", "GET", "/api/v2/customers", auth=auth)
    assert code(answer) == (401, "api_authentication_failed")


def test_what_the_api_does_not_have_is_refused(line: Line) -> None:
    assert code(line.billing("/coupons")) == (404, "resource_not_found")
    assert code(line.billing("/customers/nobody")) == (404, "resource_not_found")
    full = (line.sandbox.chargebee_full_key, "")
    posted = line.send("chargebee", "POST", "/api/v2/customers", auth=full)
    assert code(posted) == (405, "http_method_not_supported")


def test_a_business_entity_narrows_a_list_by_filter_and_by_header(line: Line) -> None:
    found = line.ids("/customers", limit=100, business_entity_id__is="be_emea")
    assert 10 < len(found) < 100
    rows = line.send(
        "chargebee",
        "GET",
        "/api/v2/customers?limit=100",
        headers={"chargebee-business-entity-id": "be_emea"},
    ).json()["list"]
    assert [row["customer"]["id"] for row in rows] == found
