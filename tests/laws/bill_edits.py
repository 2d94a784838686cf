"""What a day in Chargebee may bring to what deals are made of: subscriptions and invoices.

To add one: write it here, and give it a place in `EDITS`.
"""

from collections.abc import Callable, Sequence
from typing import Any

from laws.billing_edits import Choose, live_subscriptions, living
from laws.memory import Memory

PLANS = (("basic", 1900), ("team", 4900))
FAR = 3000
"""Days until an invoice falls due: no bill changes by itself while the machine runs."""
OPEN = ("posted", "payment_due", "not_paid")


def _now(memory: Memory) -> int:
    return int(memory.world.clock.timestamp())


def _subscription(memory: Memory, choose: Choose, *statuses: str) -> dict[str, Any] | None:
    rows = [row for row in live_subscriptions(memory) if row["status"] in statuses]
    return choose(rows) if rows else None


def _edit(memory: Memory, row: dict[str, Any] | None, **attributes: Any) -> None:
    if row is not None:
        memory.world.billing.edit_subscription(row["id"], **attributes)
        memory.changed(row["customer_id"], kind="subscription", id=row["id"])


def cancel(memory: Memory, choose: Choose) -> None:
    row = _subscription(memory, choose, "active", "non_renewing", "in_trial", "paused")
    reason = choose(("Too expensive", None))
    _edit(
        memory,
        row,
        status="cancelled",
        cancelled_at=_now(memory),
        cancel_reason_code=reason,
        next_billing_at=None,
    )


def reactivate(memory: Memory, choose: Choose) -> None:
    """A cancelled one comes back, a trial or future one begins."""
    row = _subscription(memory, choose, "cancelled", "in_trial", "future")
    gone = dict.fromkeys(("cancelled_at", "cancel_reason_code", "start_date"))
    _edit(memory, row, status="active", activated_at=_now(memory), **gone)


def pause(memory: Memory, choose: Choose) -> None:
    row = _subscription(memory, choose, "active", "non_renewing")
    _edit(memory, row, status="paused", next_billing_at=None)


def change_plan(memory: Memory, choose: Choose) -> None:
    row = _subscription(memory, choose, "active", "in_trial", "future", "non_renewing")
    plan, amount = choose(PLANS)
    item = {"item_price_id": plan, "item_type": "plan", "quantity": 1, "amount": amount}
    _edit(memory, row, subscription_items=[item | {"unit_price": amount}])


def move_subscription(memory: Memory, choose: Choose) -> None:
    """To another customer. No run may ever have seen it with the one that it leaves."""
    row, customers = _subscription(memory, choose, "active", "paused", "cancelled"), living(memory)
    if row is not None and customers:
        new = choose(customers)
        memory.passes_on("subscription", row)
        memory.world.billing.edit_subscription(row["id"], customer_id=new)
        memory.changed(row["customer_id"], new, kind="subscription", id=row["id"])


def raise_invoice(memory: Memory, choose: Choose) -> None:
    if customers := living(memory):
        invoices, customer = memory.world.sandbox.invoices, choose(customers)
        if memory.world.billing.customer(customer).get("active_id", customer) != customer:
            return
        own = [r["id"] for r in live_subscriptions(memory) if r["customer_id"] == customer]
        charged = choose(((), (), (), own[:1]))
        row = invoices.raise_for(customer, choose((1900, 4900)), charged, FAR)
        memory.changed(customer, kind="invoice", id=row["id"])


def odd_invoice(memory: Memory, choose: Choose) -> None:
    """Over nothing, still pending, in a currency that Pipedrive lacks, or paid at once."""
    if customers := living(memory):
        customer = choose(customers)
        odd = choose(
            (
                {"total": 0, "amount_paid": 0},
                {"status": "pending", "paid_at": None},
                {"currency_code": "PLN", "exchange_rate": 0.25},
                {},
            )
        )
        row = memory.world.billing.add_invoice(customer, **odd)
        memory.changed(customer, kind="invoice", id=row["id"])


def _invoice(memory: Memory, choose: Choose, statuses: Sequence[str]) -> dict[str, Any] | None:
    rows = [
        row
        for row in memory.world.billing.invoices()
        if row["status"] in statuses and not row["deleted"] and "subscription_id" not in row
    ]
    return choose(rows) if rows else None


def pay_or_void(memory: Memory, choose: Choose) -> None:
    """Paid, paid in part, voided, credited: an open one."""
    row = _invoice(memory, choose, OPEN)
    if row is not None:
        invoices = memory.world.sandbox.invoices
        verb = choose((invoices.pay, invoices.pay, invoices.void, _pay_part, _credit))
        try:
            verb(row["id"]) if verb not in (_pay_part, _credit) else verb(memory, row["id"])
        except ValueError:
            return  # Chargebee refuses to void what was paid in part
        memory.changed(row["customer_id"], kind="invoice", id=row["id"])


def _pay_part(memory: Memory, id: str) -> None:
    memory.world.sandbox.invoices.pay(id, 700)


def _credit(memory: Memory, id: str) -> None:
    memory.world.sandbox.invoices.credit(id, 900)


def delete_invoice(memory: Memory, choose: Choose) -> None:
    row = _invoice(memory, choose, (*OPEN, "paid", "voided"))
    if row is not None:
        memory.world.billing.delete_invoice(row["id"])
        memory.changed(row["customer_id"], kind="invoice", id=row["id"])


NEWS: tuple[Callable[[Memory, Choose], None], ...] = (cancel, reactivate, pause, pay_or_void)
"""What says something new of where a deal should stand."""
EDITS: tuple[Callable[[Memory, Choose], None], ...] = (
    cancel,
    reactivate,
    pause,
    change_plan,
    move_subscription,
    raise_invoice,
    raise_invoice,
    odd_invoice,
    pay_or_void,
    pay_or_void,
    delete_invoice,
)
