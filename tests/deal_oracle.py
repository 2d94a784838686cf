"""What every deal must hold, told by product.md from billing's own JSON, settings and history.

It judges the product and so shares nothing with it: plain dictionaries, plain arithmetic. A deal is
a dictionary with the keys of `HELD`; a key that is left out says nothing. Where product.md is
silent, the choice stands here with its reason.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal
from zoneinfo import ZoneInfo

from deal_terms import NONE, Json, Rules, Terms

Kind = Literal["subscription", "invoice"]
PLACE = ("pipeline", "stage")
CLOSING = ("status", "won_time", "lost_time", "lost_reason")
TIMES = ("won_time", "lost_time")
MAY_END = ("expected_close", "org")
"""A deal may be expected no more, and its customer may work for no company."""
BUILT_IN = (*PLACE, *CLOSING, "title", "value", "currency", "expected_close", "person", "org")
HELD = (*BUILT_IN, "fields", "archived", "products", "id")
"""pipeline, stage: names. status: open, won or lost. value: Decimal, major units. won_time,
lost_time: unix seconds. expected_close: YYYY-MM-DD. person, org: ids. fields: our custom fields by
name. archived: a flag. products: whether any are attached."""
MONTHS = {
    "year": Fraction(12),
    "month": Fraction(1),
    "week": Fraction(12, 52),
    "day": Fraction(12, 365),
}
MARKS: dict[Kind, str] = {"subscription": "CB Subscription ID", "invoice": "CB Invoice ID"}
STATUSES: dict[Kind, str] = {
    "subscription": "CB Subscription Status",
    "invoice": "CB Invoice Status",
}


class Anything:
    """A value that Pipedrive sets itself."""

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 0

    def __repr__(self) -> str:
        return "anything"


def wanted(kind: Kind, record: Json, customer: Json, terms: Terms) -> Json | None:
    """What billing wants the record's deal to hold, but for person and organization; None: none.

    Product.md says nothing of deleted records. One wants no deal; a deal that it has stays as it
    is, for no salesperson wants a history rewritten, and says Deleted where it told the status.
    """
    rules = terms.subscription if kind == "subscription" else terms.invoice
    rule = rules.status.get(record.get("status", ""), NONE)
    if not rules.enabled:
        return None
    if record.get("deleted"):
        return {"fields": {STATUSES[kind]: "Deleted"}} if terms.flags_deleted else None
    if rule["status"] == "none":
        return None
    if kind == "invoice" and not (_is_one_time(record) and record.get("total")):
        return None
    pipeline = rules.pipeline or terms.pipelines[0]
    return {
        "pipeline": pipeline,
        "stage": rule.get("stage") or terms.first_stages[pipeline],
        "status": rule["status"],
        "title": title(rules.title, kind, record, customer),
        "currency": record["currency_code"],
        **_MAKERS[kind](record, rules, rule["status"], terms),
    }


def _of_subscription(record: Json, rules: Rules, status: str, terms: Terms) -> Json:
    close = {"in_trial": "trial_end", "future": "start_date"}.get(record["status"])
    won = (record.get(name) for name in ("activated_at", "started_at", "created_at"))
    reason = record.get("cancel_reason_code") or record.get("cancel_reason")
    return {
        "value": major(subscription_value(record, rules.value), record["currency_code"], terms),
        "expected_close": day(record.get(close) if close else None, terms.zone),
        **closing(status, next((time for time in won if time), None), "cancelled_at", record),
        "lost_reason": reason if status == "lost" else None,
        "fields": {
            "CB Subscription ID": record["id"],
            "CB Subscription Status": label(record["status"]),
            "CB Plan": plan_of(record),
            "CB Next Billing": day(record.get("next_billing_at"), terms.zone),
        },
    }


def _of_invoice(record: Json, rules: Rules, status: str, terms: Terms) -> Json:
    currency = record["currency_code"]
    due = major(record.get("amount_due", 0), currency, terms)
    return {
        "value": major(record["total"], currency, terms),
        "expected_close": day(record.get("due_date"), terms.zone),
        **closing(status, record.get("paid_at"), "voided_at", record),
        "lost_reason": record.get("void_reason_code") if status == "lost" else None,
        "fields": {
            "CB Invoice ID": record["id"],
            "CB Invoice Status": label(record["status"]),
            "CB Due": (due, currency),
        },
    }


_MAKERS = {"subscription": _of_subscription, "invoice": _of_invoice}


def _is_one_time(invoice: Json) -> bool:
    lines = [invoice, *invoice.get("line_items", [])]
    return invoice.get("recurring") is False and not any(
        row.get("subscription_id") for row in lines
    )


def closing(status: str, won: int | None, lost: str, record: Json) -> Json:
    """Won and lost time; a closed deal without a known moment has the one that Pipedrive sets."""
    return {
        "won_time": (won or Anything()) if status == "won" else None,
        "lost_time": (record.get(lost) or Anything()) if status == "lost" else None,
    }


def subscription_value(record: Json, basis: str) -> Fraction:
    """Minor units. amount: what a period bills; mrr; arr: twelve times that.

    `mrr` as Chargebee tells it where it counts (section 4; absent = 0). Before a subscription
    starts and after it ended Chargebee tells 0, and a trial or a lost deal of 0 says nothing to a
    salesperson: recurring items by the month then, as CMRR takes them.
    """
    items = record.get("subscription_items", [])
    period = Fraction(sum(i.get("amount", 0) for i in items if i["item_type"] in ("plan", "addon")))
    if basis == "amount":
        return period
    months = MONTHS[record["billing_period_unit"]] * record["billing_period"]
    counts = record["status"] in ("active", "non_renewing", "paused")
    mrr = record.get("mrr") or (0 if counts else round(period / months))
    return Fraction(mrr * (12 if basis == "arr" else 1))


def major(minor: Fraction | int, currency: str, terms: Terms) -> Decimal:
    """Minor units of Chargebee as Pipedrive shows them."""
    whole = 1 if currency in terms.zero_decimal else 100
    return Decimal(round(minor)) / whole


def plan_of(subscription: Json) -> str | None:
    """The id of the plan's item price."""
    items = subscription.get("subscription_items", [])
    return next((i["item_price_id"] for i in items if i["item_type"] == "plan"), None)


def label(status: str) -> str:
    """A status as people read it: in_trial is "In trial"."""
    return status.replace("_", " ").capitalize()


def day(seconds: int | None, zone: str) -> str | None:
    """The day of a moment in the site's time zone."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).astimezone(ZoneInfo(zone)).date().isoformat()


def title(template: str, kind: Kind, record: Json, customer: Json) -> str:
    """The template with its words filled in.

    A word without a value leaves nothing, and no dash, comma or colon that joined it to another; a
    title without any word would be refused by Pipedrive: the record's id then. Cut at 255.
    """
    full = squeeze(f"{customer.get('first_name', '')} {customer.get('last_name', '')}")
    company = squeeze(
        customer.get("company") or customer.get("billing_address", {}).get("company") or ""
    )
    email = squeeze(customer.get("email", ""))
    name = full or company or email or customer["id"]
    words = {
        "company_or_name": company or name,
        "name": name,
        "company": company,
        "email": email,
        "customer_id": customer["id"],
        "plan": (plan_of(record) or "") if kind == "subscription" else "",
        "status": label(record["status"]),
        "id": record["id"],
    }
    filled = squeeze(re.sub(r"{(\w+)}", lambda found: words[found[1]], template))
    return (filled.strip(" -–,:;/|") or record["id"])[:255].strip()


def squeeze(text: str) -> str:
    """Without outer and doubled blanks."""
    return re.sub(r"\s+", " ", text).strip()


def after(
    before: Json | None, last: Json, want: Json, *, care: bool, empties: bool = False
) -> Json:
    """What a deal holds once `want` was written over what it held `before` (None: it is new).

    last: what was last made true of stage and closing (see `remembered`); empty for a deal that was
    adopted by its mark: nobody knows who moved it, so its place is a person's, and it may be closed
    but not reopened. What a person moved stays where it is, and is not reopened; whose status or
    closing time a person set keeps it, with its reason and its place; an archived one keeps both
    (rule 18, setting 13). Who keeps another status than billing's keeps the place of it. All else
    is written. A person stays; expected close and organization are emptied where billing names
    none, while they are ours, and where Pipedrive lets it (`empties`).
    """
    if before is None:
        return want | {"archived": False, "products": False}
    if set(want) == {"fields"}:
        return before | {"fields": before["fields"] | want["fields"]}
    kept = set(_kept(before, last, want)) if care else set()
    stays = {key for key in ("expected_close", "org", "person") if want.get(key) is None}
    stays -= set(ended(before, last, want)) if empties else set()
    locked = {"value"} if before["products"] else set()
    return before | {key: want[key] for key in want if key not in kept | stays | locked}


def ended(before: Json, last: Json, want: Json) -> list[str]:
    """What billing names no more, while the deal holds what was last made true of it."""
    if "status" not in want:
        return []
    gone = [key for key in MAY_END if want.get(key) is None and before[key] is not None]
    return [key for key in gone if before[key] == last.get(key)]


def _kept(before: Json, last: Json, want: Json) -> tuple[str, ...]:
    moved = any(before[key] != last.get(key) for key in PLACE)
    closed = set_by_person = before["status"] != last.get("status", "open")
    if before["status"] == want["status"]:
        closed = closed or any(before[key] != last.get(key) for key in TIMES)
        closed = closed or last.get("closing") == _closing(want)
    reopens = want["status"] == "open" != before["status"]
    asked = last.get("asked", {})
    stands = asked and all(asked[key] == want[key] for key in PLACE)
    closes_again = before["status"] != want["status"] == asked.get("status")
    keeps = closed or closes_again or (moved and reopens) or before["archived"]
    apart = keeps and before["status"] != want["status"]
    place = PLACE if moved or set_by_person or stands or apart or before["archived"] else ()
    return (*place, *(CLOSING if keeps else ()))


def noticed(last: Json, want: Json, held: Json) -> Json:
    """What is ours once a sync has seen the deal: what a person moved is theirs from then on.

    It stays theirs when it comes back, until billing says the same.
    """
    moved = [
        keys
        for keys in ((PLACE, ("status",)) if "status" in want else ())
        if any(key in last and held[key] != last[key] for key in keys)
        and any(held[key] != want[key] for key in keys)
    ]
    return last | {key: None for keys in moved for key in keys}


def remembered(last: Json, want: Json, held: Json) -> Json:
    """What of stage, closing, date and organization is ours: what was wanted and is so now.

    Where a person came first and billing says the same later, the status is ours from then on; the
    time at which the person closed it stays the person's. asked: the place and status that
    billing asked for, closing: the times and the reason; only others are news.
    """
    if "status" not in want:
        return last
    ours = dict(last)
    for keys in (PLACE, ("status",), ("status", *TIMES)):
        if all(want[key] == held[key] for key in keys):
            ours |= {key: held[key] for key in keys}
    ours |= {key: want.get(key) for key in MAY_END if held.get(key) == want.get(key)}
    asked = {key: want[key] for key in (*PLACE, "status")}
    return ours | {"asked": asked, "closing": _closing(want)}


def _closing(want: Json) -> Json:
    return {key: want.get(key) for key in CLOSING}


def differences(expected: Mapping[str, Any], held: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """By key: what is expected and what is held instead; custom fields one by one."""
    wrong = {
        key: (value, held.get(key))
        for key, value in expected.items()
        if key != "fields" and value != held.get(key)
    }
    fields = held.get("fields", {})
    for name, value in expected.get("fields", {}).items():
        if value != fields.get(name):
            wrong[name] = (value, fields.get(name))
    return wrong
