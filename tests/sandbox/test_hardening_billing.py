"""Raw edits of the billing site: what would break lists, searches or renewals is refused."""

from typing import Any

import pytest

from chargepipe.sandbox import Sandbox
from sandbox.books import DAY, NOW, Books
from sandbox.line import Line

ITEM = {"item_price_id": "x", "item_type": "plan", "amount": 1}
WRONG: list[tuple[str, str, Any]] = [
    *(("customer", "email", wrong) for wrong in (1, [], {}, True, "\ud800", "x" * 70_000)),
    *(("customer", "phone", wrong) for wrong in (5, ["1"])),
    *(("customer", "company", wrong) for wrong in ({"a": 1}, 1.5)),
    *(("customer", "billing_address", wrong) for wrong in ("x", [], {"line1": {"a": {}}})),
    *(("customer", "billing_address", wrong) for wrong in ({"line1": "\udc00"}, {1: "x"})),
    *(("customer", "contacts", wrong) for wrong in ("x", ["x"], {})),
    *(("customer", "updated_at", wrong) for wrong in ("x", 1.5, True, -1, 10**12)),
    *(("customer", "created_at", wrong) for wrong in ("2026-01-01", 10**40)),
    *(("customer", "resource_version", wrong) for wrong in ("x", 0.5)),
    *(("customer", "deleted", wrong) for wrong in ("yes", 1, None)),
    *(("customer", "cf_tier", wrong) for wrong in ({}, [1], float("nan"), 10**400, "\ud800")),
    *(("customer", "cf_", wrong) for wrong in ("x",)),
    *(("customer", "refundable_credits", wrong) for wrong in ("1", 1.5)),
    *(("customer", "pii_cleared", wrong) for wrong in ("maybe", None)),
    *(("customer", "relationship", wrong) for wrong in ("x", 1)),
    *(("customer", "nonsense", wrong) for wrong in ("x", None)),
    *(("customer", "object", wrong) for wrong in ("invoice",)),
    *(("subscription", "status", wrong) for wrong in ("alive", None, 1, ["active"])),
    *(("subscription", "billing_period", wrong) for wrong in (0, -1, 1.5, "1", None, 10**9, True)),
    *(("subscription", "billing_period_unit", wrong) for wrong in ("decade", None, 1)),
    *(("subscription", "next_billing_at", wrong) for wrong in ("soon", float("inf"), 10**18, 0)),
    *(("subscription", "current_term_end", wrong) for wrong in ("x", -5)),
    *(("subscription", "trial_end", wrong) for wrong in ([],)),
    *(("subscription", "mrr", wrong) for wrong in ("1", 1.5, 2**60)),
    *(("subscription", "exchange_rate", wrong) for wrong in ("1", float("nan"), 0, -1)),
    *(("subscription", "currency_code", wrong) for wrong in (None, 1, "")),
    *(("subscription", "has_scheduled_changes", wrong) for wrong in ("no", 0)),
    *(
        ("subscription", "subscription_items", wrong)
        for wrong in (
            *("x", None, [1], [{}], [[ITEM]], [{"item_price_id": "x"}], [{"item_type": "plan"}]),
            *([ITEM | {"item_type": "gift"}], [ITEM | {"item_price_id": ""}]),
            *([ITEM | {"amount": "1"}], [ITEM | {"quantity": 1.5}], [ITEM | {"unit_price": -1}]),
            [ITEM | {"amount": None}],
        )
    ),
    *(("invoice", "status", wrong) for wrong in ("open", None, 5)),
    *(("invoice", "total", wrong) for wrong in ("1", 1.5, [], 10**30)),
    *(("invoice", "date", wrong) for wrong in ("x", None, 10**15)),
    *(("invoice", "line_items", wrong) for wrong in ({}, ["x"], "x")),
    *(("invoice", "linked_payments", wrong) for wrong in (1, [2])),
    *(("invoice", "mrr", wrong) for wrong in (1,)),
]


@pytest.mark.parametrize(("kind", "name", "value"), WRONG)
def test_a_value_that_does_not_fit_is_refused_in_words(kind: str, name: str, value: Any) -> None:
    books = Books(customers=3)
    billing = books.billing
    owner = () if kind == "customer" else ("ada",)
    id = getattr(billing, f"add_{kind}")(*owner)["id"]
    before = getattr(billing, kind)(id)
    for call in (
        lambda: getattr(billing, f"edit_{kind}")(id, **{name: value}),
        lambda: getattr(billing, f"add_{kind}")(*owner, **{name: value}),
    ):
        with pytest.raises(ValueError, match=name[:6]) as caught:
            call()
        assert "object has no" not in str(caught.value)
    assert getattr(billing, kind)(id) == before
    assert billing.search("ada")
    books.pass_days(400)


@pytest.mark.parametrize("id", ["", " ", 5, None, "x" * 101, "\ud800"])
def test_an_id_is_text(id: Any) -> None:
    with pytest.raises(ValueError, match=r"\bid\b"):
        Books().billing.add_customer(id=id)


def test_a_record_belongs_to_one_that_exists() -> None:
    books = Books()
    billing = books.billing
    sub, bill = billing.add_subscription("ada")["id"], billing.add_invoice("ada")["id"]
    for call in (
        lambda: billing.edit_subscription(sub, customer_id="nobody"),
        lambda: billing.edit_invoice(bill, customer_id="nobody"),
        lambda: billing.edit_invoice(bill, subscription_id="nothing"),
        lambda: billing.add_invoice("ada", subscription_id="nothing"),
    ):
        with pytest.raises(KeyError, match=r"nobody|nothing"):
            call()


def test_a_customer_moved_in_is_looked_at_as_closely() -> None:
    with pytest.raises(ValueError, match="email"):
        Books().customers.move_in(email=5)


def test_what_fits_is_taken() -> None:
    books = Books()
    billing = books.billing
    row = billing.add_customer(
        id="a/b ü",
        email="",
        billing_address={"line1": "1", "zip": None},
        contacts=[{"id": "c1", "enabled": True}],
        meta_data={"deep": {"er": [1, "x"]}},
        cf_note="x",
        cf_share=0.5,
        cf_vip=True,
        updated_at=None,
    )
    assert row["updated_at"] == NOW
    sub = billing.add_subscription("a/b ü", subscription_items=[ITEM], next_billing_at=NOW + DAY)
    billing.edit_subscription(sub["id"], billing_period_unit="day", billing_period=2)
    books.pass_days(10)
    assert len(list(books.billing.book.of("invoice", "a/b ü"))) == 5


def test_a_term_that_ended_long_ago_is_not_billed_for_decades() -> None:
    books = Books()
    long_ago = {"current_term_end": 946_684_800, "next_billing_at": 946_684_800}
    books.billing.add_subscription("ada", billing_period_unit="day", **long_ago)
    books.pass_days(1)
    assert len(list(books.billing.invoices())) == 368


def test_a_subscription_without_a_plan_is_not_changed_to_another() -> None:
    books = Books()
    addon = ITEM | {"item_type": "addon"}
    id = books.billing.add_subscription("ada", subscription_items=[addon])["id"]
    with pytest.raises(ValueError, match="no plan"):
        books.subscriptions.change(id, plan="team")


@pytest.mark.parametrize("limit", [-1, 0, 10**30])
def test_a_search_takes_every_limit(limit: int) -> None:
    sandbox = Sandbox(customers=5, people_before=1)
    assert len(sandbox.billing.search("", limit)) == (5 if limit > 0 else 0)
    assert bool(sandbox.crm.search("", limit)["persons"]) is (limit > 0)


@pytest.mark.parametrize("amount", [float("nan"), float("inf"), 1e308, 10**400, -(10**30)])
def test_products_have_amounts_that_can_be_added(amount: float) -> None:
    line = Line(customers=3, plan="growth")
    crm = line.sandbox.crm
    deal = crm.add_deal(title="x")["id"]
    with pytest.raises(ValueError, match="digits"):
        crm.add_products(deal, [1, amount])
    with pytest.raises(ValueError, match="digits"):
        crm.edit_deal(deal, value=amount)
    assert len(crm.add_products(deal, [10**15] * 50)) == 50
    assert line.crm("GET", f"/deals/{deal}").json()["data"]["value"] == 50 * 10**15
