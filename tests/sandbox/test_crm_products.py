"""Products of deals: they make the value and lock it (fact sheet 4)."""

from typing import Any

import httpx2
import pytest

from sandbox.line import Json, Line, code

INVALID = (400, "ERR_SCHEMA_VALIDATION_FAILED")
ONE: Json = {"product_id": 1, "item_price": 40, "quantity": 2}


@pytest.fixture
def line() -> Line:
    return Line(customers=40, plan="growth")


def deal(line: Line, **body: Any) -> int:
    return line.sandbox.crm.add_deal(title="Team plan", **body)["id"]


def read(line: Line, id: int) -> Json:
    return line.crm("GET", f"/deals/{id}").json()["data"]


def attach(line: Line, id: int, **body: Any) -> httpx2.Response:
    return line.crm("POST", f"/deals/{id}/products", ONE | body)


def test_products_lock_the_value_and_a_refused_change_drops_all(line: Line) -> None:
    made = deal(line, value=5, currency="EUR")
    answer = attach(line, made)
    assert answer.status_code == 201
    row = answer.json()["data"]
    assert (row["deal_id"], row["sum"], row["currency"], row["name"]) == (
        made,
        80,
        "EUR",
        "Team plan",
    )
    assert read(line, made)["value"] == 80
    answer = line.crm("PATCH", f"/deals/{made}", {"title": "New", "value": 80})
    assert answer.status_code == 400
    words = "Cannot update deal value, the deal has products attached to it."
    assert answer.json()["error"] == words
    assert "code" not in answer.json()
    assert read(line, made)["title"] == "Team plan"
    assert line.crm("PATCH", f"/deals/{made}", {"title": "New"}).status_code == 200


def test_many_products_come_at_once_or_not_at_all(line: Line) -> None:
    made = deal(line)
    path = f"/deals/{made}/products"
    answer = line.crm("POST", f"{path}/bulk", {"data": [ONE, ONE | {"discount": 50}]})
    assert answer.status_code == 201
    assert [row["sum"] for row in answer.json()["data"]] == [80, 40]
    for data in ([ONE, {"product_id": 1}], [], [ONE] * 101, "x"):
        assert code(line.crm("POST", f"{path}/bulk", {"data": data})) == INVALID
    rows = line.crm("GET", path).json()["data"]
    assert [row["order_nr"] for row in rows] == [1, 2]
    assert read(line, made)["value"] == 120
    turned = line.crm("GET", path, sort_by="order_nr", sort_direction="desc", limit=1).json()
    assert turned["data"] == rows[1:]
    rest = line.crm(
        "GET",
        path,
        sort_by="order_nr",
        sort_direction="desc",
        cursor=turned["additional_data"]["next_cursor"],
    )
    assert rest.json()["data"] == rows[:1]


@pytest.mark.parametrize(
    "body",
    [
        {"product_id": 99},
        {"item_price": "40"},
        {"quantity": None},
        {"tax_method": "all"},
        {"price": 1},
        {"billing_frequency": "daily"},
        {"billing_frequency_cycles": 3},
        {"billing_frequency": "weekly"},
        {"billing_frequency": "monthly", "billing_frequency_cycles": 209},
        {"billing_start_date": "soon"},
    ],
)
def test_products_are_checked(line: Line, body: Json) -> None:
    made = deal(line)
    assert code(attach(line, made, **body)) == INVALID
    assert line.crm("GET", f"/deals/{made}/products").json()["data"] == []


def test_what_recurs_makes_the_figures_of_a_deal(line: Line) -> None:
    made = deal(line)
    assert [read(line, made)[key] for key in ("arr", "mrr", "acv")] == [None] * 3
    attach(line, made, billing_frequency="monthly")
    attach(line, made, billing_frequency="annually", item_price=60)
    attach(line, made, item_price=5, tax=20, discount=1, discount_type="amount")
    row = read(line, made)
    assert (row["mrr"], row["arr"]) == (90, 1080)
    assert row["acv"] == pytest.approx(1080 + 9 * 1.2)
    assert row["value"] == pytest.approx(80 + 120 + 9 * 1.2)


def test_lite_knows_nothing_of_what_recurs() -> None:
    line = Line(customers=40, plan="lite")
    made = deal(line)
    assert code(attach(line, made, billing_frequency="monthly")) == INVALID
    assert attach(line, made).status_code == 201
    assert read(line, made)["mrr"] is None
    line.sandbox.company.plan = "growth"
    assert read(line, made)["mrr"] == 0


def test_products_can_be_attached_at_the_page(line: Line) -> None:
    made = deal(line)
    rows = line.sandbox.crm.add_products(made, [10, 2.5])
    assert [row["sum"] for row in rows] == [10, 2.5]
    assert line.sandbox.crm.deal(made)["value"] == 12.5
    with pytest.raises(ValueError, match="products attached"):
        line.sandbox.crm.edit_deal(made, value=1)
    with pytest.raises(ValueError, match="data"):
        line.sandbox.crm.add_products(made, [])


def test_a_deleted_deal_takes_no_products(line: Line) -> None:
    made = deal(line)
    line.sandbox.crm.delete_deal(made)
    assert code(attach(line, made)) == (400, "ERR_DEAL_DELETED")
    assert line.crm("GET", f"/deals/{made}/products").status_code == 404


def test_every_product_has_an_id_of_its_own() -> None:
    line = Line(customers=500, plan="ultimate")
    crm = line.sandbox.crm
    crm.add_products(crm.add_deal(title="x")["id"], [1, 2])
    crm.add_products(5, [3])
    seen: list[int] = []
    for deal in crm.deals():
        rows = line.crm("GET", f"/deals/{deal['id']}/products").json()["data"]
        seen += [row["id"] for row in rows]
    assert len(seen) == len(set(seen)) > 5


def test_the_value_is_locked_for_0_too(line: Line) -> None:
    made = deal(line)
    attach(line, made, item_price=0)
    assert line.crm("PATCH", f"/deals/{made}", {"value": 0}).status_code == 400


def test_products_are_taken_off_one_by_one_until_the_value_is_free_again(line: Line) -> None:
    made = deal(line, value=5)
    first, second = (attach(line, made, item_price=price).json()["data"] for price in (40, 10))
    before = line.sandbox.tokens_used
    answer = line.crm("DELETE", f"/deals/{made}/products/{first['id']}")
    assert (answer.status_code, answer.json()["data"]) == (200, {"id": first["id"]})
    assert line.sandbox.tokens_used == before + 3
    assert read(line, made)["value"] == 20
    assert line.crm("PATCH", f"/deals/{made}", {"value": 7}).status_code == 400
    path = f"/deals/{made}/products"
    for wrong, status in ((first["id"], 404), ("x", 400)):
        assert line.crm("DELETE", f"{path}/{wrong}").status_code == status
    assert line.crm("DELETE", f"/deals/9999/products/{second['id']}").status_code == 404
    line.crm("DELETE", f"{path}/{second['id']}")
    assert line.crm("GET", path).json()["data"] == []
    assert read(line, made)["value"] == 20
    assert line.crm("PATCH", f"/deals/{made}", {"value": 7}).json()["data"]["value"] == 7


def test_all_products_are_taken_off_at_the_page(line: Line) -> None:
    crm = line.sandbox.crm
    made = deal(line)
    crm.add_products(made, [10, 20])
    assert crm.remove_products(made)["value"] == 20
    assert crm.edit_deal(made, value=5)["value"] == 5
    with pytest.raises(KeyError, match="9999"):
        crm.remove_products(9999)


def test_sample_deals_lose_their_products_too() -> None:
    line = Line(customers=100)
    crm = line.sandbox.crm
    rows = {row["id"]: crm.products.of(row) for row in crm.deals()}
    id = next(id for id, held in rows.items() if held)
    line.crm("DELETE", f"/deals/{id}/products/{rows[id][0]['id']}")
    assert line.crm("GET", f"/deals/{id}/products").json()["data"] == rows[id][1:]
