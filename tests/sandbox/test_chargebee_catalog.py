"""Product Catalog 1.0, 2.0 and both at once, as the API tells them."""

from typing import Any

import pytest

from chargepipe.sandbox import Options
from sandbox.line import Json, Line, code

NEW = ("subscription_items",)
OLD = ("plan_id", "plan_quantity", "plan_free_quantity")
FORM = "chargebee-response-schema-type"


def site(catalog: Any, customers: int = 60) -> Line:
    line = Line(customers=customers, options=Options(calls_per_minute=10_000))
    line.sandbox.site.catalog = catalog
    return line


def get(line: Line, path: str, form: str | None = None) -> Any:
    headers = {FORM: form} if form else {}
    auth = (line.sandbox.chargebee_key, "")
    return line.send("chargebee", "GET", f"/api/v2{path}", headers=headers, auth=auth)


def has(row: Json, names: tuple[str, ...]) -> bool:
    found = [name in row for name in names]
    assert all(found) or not any(found)
    return all(found)


@pytest.mark.parametrize(
    ("catalog", "version", "form"),
    [("v1", "v1", "plans_addons"), ("v2", "v2", "items"), ("coexistence", "v2", "compat")],
)
def test_configurations_tell_the_catalog(catalog: str, version: str, form: str) -> None:
    told = get(site(catalog), "/configurations").json()["configurations"][0]
    assert told["product_catalog_version"] == version
    assert told["chargebee_response_schema_type"] == form
    assert told["domain"] == "sandbox-test"


@pytest.mark.parametrize(
    ("catalog", "asked", "old", "new"),
    [
        ("v1", None, True, False),
        ("v1", "items", True, False),
        ("v2", None, False, True),
        ("v2", "plans_addons", False, True),
        ("coexistence", None, True, True),
        ("coexistence", "compat", True, True),
        ("coexistence", "plans_addons", True, False),
        ("coexistence", "items", False, True),
    ],
)
def test_a_subscription_has_the_form_of_the_site_or_the_one_asked_for(
    catalog: str, asked: str | None, old: bool, new: bool
) -> None:
    line = site(catalog)
    rows = [entry["subscription"] for entry in get(line, "/subscriptions", asked).json()["list"]]
    one = get(line, f"/subscriptions/{rows[0]['id']}", asked).json()["subscription"]
    for row in [*rows, one]:
        assert (has(row, OLD), has(row, NEW)) == (old, new)


def test_a_form_that_there_is_not_is_refused_in_coexistence() -> None:
    refused = get(site("coexistence"), "/subscriptions", "both")
    assert code(refused) == (400, "param_wrong_value")
    assert refused.json()["param"] == FORM


def test_items_become_plan_addons_and_charges_of_the_old_catalog() -> None:
    line = site("v1")
    price: Json = {"quantity": 2, "unit_price": 100, "amount": 200, "object": "subscription_item"}
    items = [
        {"item_price_id": "team-USD-monthly", "item_type": "plan"} | price,
        {"item_price_id": "support-USD-monthly", "item_type": "addon"} | price,
        {"item_price_id": "setup-USD", "item_type": "charge"} | price,
    ]
    made = line.sandbox.billing.add_subscription("cust_000001", subscription_items=items)
    row = get(line, f"/subscriptions/{made['id']}").json()["subscription"]
    assert row["plan_id"] == "team-USD-monthly"
    assert (row["plan_quantity"], row["plan_unit_price"], row["plan_amount"]) == (2, 100, 200)
    addon = {"id": "support-USD-monthly", "quantity": 2, "unit_price": 100, "amount": 200}
    assert row["addons"] == [addon | {"object": "addon"}]
    assert row["event_based_addons"][0]["id"] == "setup-USD"
    told = list(line.billing("/events").json()["list"])[-1]["event"]["content"]["subscription"]
    assert told["plan_id"] == "team-USD-monthly"
    assert "subscription_items" not in told


def test_amounts_that_are_missing_stay_missing() -> None:
    line = site("v1")
    items = [{"item_price_id": "team-USD-monthly", "item_type": "plan", "quantity": 1}]
    made = line.sandbox.billing.add_subscription("cust_000001", subscription_items=items)
    row = get(line, f"/subscriptions/{made['id']}").json()["subscription"]
    assert row["plan_quantity"] == 1
    assert not {"plan_unit_price", "plan_amount"} & set(row)


@pytest.mark.parametrize(
    ("catalog", "plan", "addon"),
    [
        ("v1", "plan", "addon"),
        ("v2", "plan_item_price", "addon_item_price"),
        ("coexistence", "plan_item_price", "addon_item_price"),
    ],
)
def test_invoice_lines_name_the_entities_of_the_catalog(
    catalog: str, plan: str, addon: str
) -> None:
    line = site(catalog)
    lines = [
        {"id": f"li_{number}", "entity_type": kind, "entity_id": "x", "object": "line_item"}
        for number, kind in enumerate(("plan_item_price", "addon_item_price", "adhoc"))
    ]
    made = line.sandbox.billing.add_invoice("cust_000001", line_items=lines)
    row = get(line, f"/invoices/{made['id']}").json()["invoice"]
    assert [line["entity_type"] for line in row["line_items"]] == [plan, addon, "adhoc"]


@pytest.mark.parametrize(
    ("catalog", "there", "missing"),
    [
        ("v1", ["plan", "addon"], ["item", "item_price"]),
        ("v2", ["item", "item_price"], ["plan", "addon"]),
        ("coexistence", ["plan", "addon", "item", "item_price"], []),
    ],
)
def test_the_calls_of_the_other_catalog_are_not_enabled(
    catalog: str, there: list[str], missing: list[str]
) -> None:
    line = site(catalog)
    for kind in there:
        first = get(line, f"/{kind}s").json()["list"][0][kind]
        assert get(line, f"/{kind}s/{first['id']}").json() == {kind: first}
        assert code(get(line, f"/{kind}s/nothing")) == (404, "resource_not_found")
    for kind in missing:
        for path in (f"/{kind}s", f"/{kind}s/team-USD-monthly"):
            refused = get(line, path)
            assert code(refused) == (400, "configuration_incompatible")
            assert refused.json()["error_code"] == "pc2_to_pc1_error"
            assert "not enabled for this site" in refused.json()["message"]


def test_whatever_a_subscription_has_is_in_the_catalog() -> None:
    line = site("coexistence", customers=200)
    prices = {
        entry["item_price"]["id"]: entry["item_price"]
        for entry in get(line, "/item_prices?limit=100").json()["list"]
    }
    items = {entry["item"]["id"] for entry in get(line, "/items").json()["list"]}
    plans = {entry["plan"]["id"] for entry in get(line, "/plans?limit=100").json()["list"]}
    addons = {entry["addon"]["id"] for entry in get(line, "/addons?limit=100").json()["list"]}
    for row in line.sandbox.billing.subscriptions():
        for item in row["subscription_items"]:
            price = prices[item["item_price_id"]]
            assert price["item_type"] == item["item_type"]
            assert price["currency_code"] == row["currency_code"]
            assert price["item_id"] in items
            assert price["id"] in (plans if item["item_type"] == "plan" else addons)
            if item["item_type"] == "plan" and "unit_price" in item:
                assert price["price"] == item["unit_price"]
