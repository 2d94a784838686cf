"""What a day in Chargebee may bring. Each edit is a function of the machine's memory and a choice.

To add one: write it here, and give it a place in `EDITS`.
"""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from laws.memory import Memory

EMAILS = ("ada@x.co", "bob@x.co", " Ada@X.co", "cleo@x.co", "dan@x.co", "eve@x.co")
NAMES = ("Ada", "Bob", "Cleo", " Dan  Lee ", "")
COMPANIES = ("Engines", "engines ", "Looms", "Mills", "")
PHONES = ("+44 20 7946 0001", "+44 20 7946 0002", "+44 20 7946 0003")
STATUSES = ("active", "non_renewing", "in_trial", "future", "paused", "cancelled")
CURRENCIES = ("USD", "USD", "USD", "USD", "EUR", "EUR", "JPY", "PLN")
RATES = {"USD": 1.0, "EUR": 1.25, "JPY": 0.01, "PLN": 0.25}
TIERS = ("gold", "silver", None)
CITIES = ("Riga", "Oslo", None)
DAY = 86_400

Choose = Callable[[Any], Any]
"""One of a sequence, drawn by hypothesis."""


def one_of(draw: Callable[[Any], Any]) -> Choose:
    """Choices by a `draw` of hypothesis."""
    return lambda options: draw(st.sampled_from(list(options)))


def living(memory: Memory) -> list[str]:
    """The customers that are not deleted, oldest first."""
    return [row["id"] for row in memory.world.billing.customers() if not row["deleted"]]


def live_subscriptions(memory: Memory) -> list[dict[str, Any]]:
    """The subscriptions that are not deleted."""
    rows = memory.world.billing.subscriptions()
    return [r for r in rows if not r["deleted"] and r["status"] != "transferred"]


def new_customer(memory: Memory, choose: Choose) -> None:
    row = memory.world.billing.add_customer(
        id=f"c{len(list(memory.world.billing.customers()))}",
        **_filled(
            first_name=choose(NAMES),
            email=choose((*EMAILS, *EMAILS, None)),
            company=choose(COMPANIES),
            phone=choose((*PHONES, None, None)),
            cf_tier=choose(TIERS),
        ),
    )
    memory.changed(row["id"])


def _filled(**attributes: Any) -> dict[str, Any]:
    return {name: value for name, value in attributes.items() if value}


def _edit(memory: Memory, choose: Choose, **attributes: Any) -> None:
    if customers := living(memory):
        id = choose(customers)
        memory.world.billing.edit_customer(id, **attributes)
        memory.changed(id)


def rename(memory: Memory, choose: Choose) -> None:
    _edit(memory, choose, first_name=choose(NAMES) or None, last_name=choose(("King", None)))


def change_email(memory: Memory, choose: Choose) -> None:
    _edit(memory, choose, email=choose((*EMAILS, *EMAILS, None)))


def change_company(memory: Memory, choose: Choose) -> None:
    _edit(memory, choose, company=choose(COMPANIES) or None)


def change_phone(memory: Memory, choose: Choose) -> None:
    _edit(memory, choose, phone=choose((*PHONES, None)))


def change_attributes(memory: Memory, choose: Choose) -> None:
    city = choose(CITIES)
    address = {"city": city, "company": choose(("Mills", "Looms"))} if city else None
    currency = choose((None, "EUR"))
    _edit(
        memory,
        choose,
        cf_tier=choose(TIERS),
        billing_address=address,
        preferred_currency_code=currency,
    )


def delete_customer(memory: Memory, choose: Choose) -> None:
    if customers := living(memory):
        id, books = choose(customers), memory.books()
        memory.world.billing.delete_customer(id)
        memory.changed(id)
        for kind, _, row in books.deal_records():
            if row["customer_id"] == id and not row["deleted"]:
                memory.changed(id, kind=kind, id=row["id"])


def clear_personal_data(memory: Memory, choose: Choose) -> None:
    billing, books = memory.world.billing, memory.books()
    open_ = {
        row["customer_id"] for row in books.subscriptions.values() if row["status"] != "cancelled"
    }
    free = [id for id in living(memory) if id not in open_]
    free = [id for id in free if books.customers[id]["pii_cleared"] == "active"]
    if free:
        row = billing.customer(choose(free))
        memory.world.sandbox.customers.clear_personal_data(row["id"])
        memory.changed_quietly("customer", row)


def merge_customers(memory: Memory, choose: Choose) -> None:
    """Move what one customer has to another; Chargebee does it a minute later, without a word."""
    books = memory.books()
    entities = {id: books.customers[id].get("business_entity_id") for id in living(memory)}
    if entities:
        loser = choose(list(entities))
        others = [id for id in entities if id != loser and entities[id] == entities[loser]]
        if others:
            memory.world.sandbox.customers.merge(loser, choose(others))
            memory.world.clock.advance(61)
            memory.world.sandbox.clock.catch_up()
            for kind, _, row in books.deal_records():
                if row["customer_id"] == loser:
                    memory.passes_on(kind, row)
                    memory.changed_quietly(kind, row)


def new_subscription(memory: Memory, choose: Choose) -> None:
    if customers := living(memory):
        id, currency, now = (
            choose(customers),
            choose(CURRENCIES),
            int(memory.world.clock.timestamp()),
        )
        status = choose(STATUSES)
        row = memory.world.billing.add_subscription(
            id,
            status=status,
            **_times(status, now),
            currency_code=currency,
            exchange_rate=RATES[currency],
            mrr=choose((0, 1000, 2505)),
            next_billing_at=now + choose((1, 40)) * DAY,
            billing_period_unit=choose(("month", "year")),
            **_filled(
                po_number=choose(("PO 1", "PO 2", None)),
                total_dues=choose((0, 700)),
                due_since=choose((now, now - 9 * DAY)),
            ),
        )
        memory.changed(id, kind="subscription", id=row["id"])


def _times(status: str, now: int) -> dict[str, Any]:
    """What a subscription of a status tells besides."""
    names = {"in_trial": "trial_end", "future": "start_date", "cancelled": "cancelled_at"}
    ahead = 0 if status == "cancelled" else 5 * DAY
    return {names[status]: now + ahead} if status in names else {}


def change_subscription(memory: Memory, choose: Choose) -> None:
    if rows := live_subscriptions(memory):
        row = choose(rows)
        memory.world.billing.edit_subscription(
            row["id"],
            status=choose(STATUSES),
            mrr=choose((0, 1500, 9900)),
            cancelled_at=choose((None, int(memory.world.clock.timestamp()) + DAY)),
        )
        memory.changed(row["customer_id"], kind="subscription", id=row["id"])


def change_rate(memory: Memory, choose: Choose) -> None:
    if rows := live_subscriptions(memory):
        row = choose(rows)
        memory.world.billing.edit_subscription(row["id"], exchange_rate=choose((None, 2.0)))
        memory.changed(row["customer_id"], kind="subscription", id=row["id"])


def delete_subscription(memory: Memory, choose: Choose) -> None:
    if rows := live_subscriptions(memory):
        row = choose(rows)
        memory.world.billing.delete_subscription(row["id"])
        memory.changed(row["customer_id"], kind="subscription", id=row["id"])


def mrr_moves_quietly(memory: Memory, choose: Choose) -> None:
    """Chargebee computes `mrr` anew; neither time nor version moves."""
    if rows := live_subscriptions(memory):
        row = choose(rows)
        memory.world.billing.edit_mrr(row["id"], choose((300, 4000)))
        memory.changed_quietly("subscription", row)


def transfer(memory: Memory, choose: Choose) -> None:
    """Another business entity: a copy with a new id lives on."""
    books = memory.books()
    trial = {s["customer_id"] for s in books.subscriptions.values() if s["status"] == "in_trial"}
    fit = [i for i in living(memory) if i not in trial and "active_id" not in books.customers[i]]
    if fit:
        id = choose(fit)
        entities = ("be_emea", "be_apac")
        was = {key: row["resource_version"] for key, row in books.subscriptions.items()}
        new = _moved(memory, id, choose(entities))
        if new:
            memory.changed(id, new)
            for key, row in memory.books().subscriptions.items():
                if row["resource_version"] != was.get(key):  # a deleted one stays behind, untouched
                    memory.changed(id, kind="subscription", id=key)


def _moved(memory: Memory, id: str, entity: str) -> str:
    try:
        return memory.world.sandbox.customers.transfer(id, entity)["id"]
    except (KeyError, ValueError):
        return ""


EDITS: tuple[Callable[[Memory, Choose], None], ...] = (
    new_customer,
    rename,
    change_email,
    change_company,
    change_phone,
    change_attributes,
    delete_customer,
    clear_personal_data,
    merge_customers,
    new_subscription,
    change_subscription,
    change_rate,
    delete_subscription,
    mrr_moves_quietly,
    transfer,
)
