"""Finding customers by what somebody types."""

import pytest

from sandbox.books import Books


@pytest.fixture
def books() -> Books:
    books = Books(customers=30)
    books.billing.edit_customer(
        "ada", first_name="Ada", last_name="King", company="Engines", phone="+49 30 1"
    )
    return books


@pytest.mark.parametrize(
    "text", ["ada", "ADA king", "  king ", "engine", "ada@x", "X.EXAMPLE", "+49 30"]
)
def test_a_part_of_what_is_known_of_a_customer_finds_it(books: Books, text: str) -> None:
    assert "ada" in [row["customer"]["id"] for row in books.billing.search(text)]


def test_ids_of_all_three_kinds_lead_to_the_customer(books: Books) -> None:
    subscription = books.subscriptions.start("ada")["id"]
    invoice = books.invoices.raise_for("ada", 5)["id"]
    for id in ("ada", subscription, invoice):
        (found,) = books.billing.search(id)
        assert found["customer"]["id"] == "ada"
        assert [row["id"] for row in found["subscriptions"]] == [subscription]
        assert invoice in [row["id"] for row in found["invoices"]]


def test_nothing_typed_finds_the_newest(books: Books) -> None:
    found = books.billing.search("", limit=3)
    assert len(found) == 3
    assert found[0]["customer"]["id"] == "ada"
    assert found[1]["customer"]["id"].endswith("000030")


def test_what_is_not_there_is_not_found(books: Books) -> None:
    assert books.billing.search("no such thing") == []


def test_deleted_children_are_shown_and_moved_ones_are_not(books: Books) -> None:
    gone = books.subscriptions.start("ada")["id"]
    moved = books.subscriptions.start("ada")["id"]
    books.billing.delete_subscription(gone)
    books.billing.edit_subscription(moved, customer_id="cust_000001")
    (found,) = books.billing.search("ada")
    assert [row["id"] for row in found["subscriptions"]] == [gone]
