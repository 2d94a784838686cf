"""What a person and an organization should hold, worked out from product.md alone.

It shares nothing with `chargepipe.domain`: rows of Chargebee go in, values as `picture` shows them
come out. Money is (currency, minor units).
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

from laws.rules import Additional, Rules

Row = Mapping[str, Any]
SITE, BASE = "acme-test", "USD"
ZERO_DECIMAL = ("JPY",)
ORDER = ("active", "non_renewing", "in_trial", "future", "paused", "cancelled")


class Unconvertible(ValueError):
    """Amounts of several currencies that cannot be added."""


@dataclass(frozen=True, slots=True)
class Books:
    """What Chargebee holds at one moment: customers, subscriptions and invoices by id."""

    customers: Mapping[str, Row]
    subscriptions: Mapping[str, Row]
    invoices: Mapping[str, Row] = field(default_factory=dict[str, Row])

    def deal_records(self) -> Iterator[tuple[str, str, Row]]:
        """Kind, source key and row of each record that may have a deal."""
        for kind, rows in (("subscription", self.subscriptions), ("invoice", self.invoices)):
            yield from ((kind, f"{kind}:{id}", row) for id, row in rows.items())

    def owned(self, customer: str) -> list[Row]:
        """The subscriptions of a customer."""
        return [row for row in self.subscriptions.values() if row["customer_id"] == customer]

    def of_company(self, key: str) -> list[Row]:
        """The customers of a company, deleted ones too; not who moved on to a copy. "" has none."""
        if not key:
            return []
        rows = (row for id, row in self.customers.items() if row.get("active_id", id) == id)
        return [row for row in rows if company_key(row) == key]


@dataclass(frozen=True, slots=True)
class PersonTarget:
    """What one customer wants of its person."""

    name: str
    named: bool
    """Whether billing knows a name or a company; else the email or the id stands in."""
    email: str | None
    phone: str | None
    company: str
    spelled: str
    """How the customer writes its company: another way is compared anew, as is all that is told."""
    cleared: bool
    fields: Mapping[str, Any] = field(hash=False)


def person_target(books: Books, customer: Row, rules: Rules) -> PersonTarget:
    """Raises Unconvertible."""
    owned = books.owned(customer["id"])
    name, named = _name(customer)
    return PersonTarget(
        name=name,
        named=named,
        email=customer.get("email"),
        phone=customer.get("phone"),
        company=company_key(customer) if rules.organizations else "",
        spelled=_squeezed(_company(customer)) if rules.organizations else "",
        cleared=customer.get("pii_cleared") == "cleared",
        fields={
            "CB Customer ID": customer["id"],
            "CB Customer Status": _status([customer], rules),
            "CB Customer MRR": mrr(owned, customer),
            "CB Customer CMRR": cmrr(owned, customer),
            **_subscription_data("person", owned, customer, rules),
            **_extras(owned, customer, rules),
            **_additional("person", owned, customer, rules),
        },
    )


def organization_fields(books: Books, key: str, rules: Rules) -> dict[str, Any]:
    """The fields of a company's organization. Raises Unconvertible."""
    few = books.of_company(key)
    leading = max(few, key=lambda row: (not row["deleted"], row["updated_at"], row["id"]))
    owned = [each for row in few for each in books.owned(row["id"])]
    return {
        "CB Status": _status(few, rules),
        **_subscription_data("organization", owned, leading, rules),
        **_additional("organization", owned, leading, rules),
    }


def organization_names(books: Books, key: str) -> set[str]:
    """The ways in which its customers write a company."""
    return {_squeezed(_company(row)) for row in books.of_company(key)}


def company_key(customer: Row) -> str:
    """Companies with equal keys are one; "" for none."""
    return name_key(_company(customer))


def name_key(name: str) -> str:
    """Equal names of organizations: NFKC, case-folded, blanks squeezed."""
    return _squeezed(unicodedata.normalize("NFKC", name).casefold())


def email_key(email: str | None) -> str:
    """Trimmed and case-folded."""
    return (email or "").strip().casefold()


def counts(subscription: Row) -> bool:
    """Whether a subscription is one at all (setting 1): not deleted, not transferred."""
    return not subscription["deleted"] and subscription["status"] != "transferred"


def mrr(owned: Iterable[Row], customer: Row) -> tuple[str, int]:
    """The sum of `mrr` of those that are active, non_renewing or paused."""
    paying = ("active", "non_renewing", "paused")
    return _sum(
        [(s, Fraction(s.get("mrr", 0))) for s in owned if counts(s) and s["status"] in paying],
        customer,
    )


def cmrr(owned: Iterable[Row], customer: Row) -> tuple[str, int]:
    """MRR, plus what will start and is not to be cancelled, less what will end."""
    parts = []
    for each in filter(counts, owned):
        coming = each["status"] in ("future", "in_trial") and not each.get("cancelled_at")
        if coming:
            parts.append((each, Fraction(each.get("mrr") or 0) or _by_month(each)))
        elif each["status"] in ("active", "paused"):
            parts.append((each, Fraction(each.get("mrr", 0))))
    return _sum(parts, customer)


def _by_month(subscription: Row) -> Fraction:
    months = {"month": Fraction(1), "year": Fraction(12)}[subscription["billing_period_unit"]]
    items = subscription["subscription_items"]
    amount = sum(each["amount"] for each in items if each["item_type"] in ("plan", "addon"))
    return Fraction(amount) / (months * subscription["billing_period"])


def _sum(parts: Sequence[tuple[Row, Fraction]], customer: Row) -> tuple[str, int]:
    currencies = {each["currency_code"] for each, _ in parts}
    if len(currencies) == 1:
        (currency,) = currencies
    else:
        currency = BASE if currencies else customer.get("preferred_currency_code") or BASE
    return currency, sum(_converted(each, share, currency) for each, share in parts)


def _converted(subscription: Row, share: Fraction, into: str) -> int:
    own = subscription["currency_code"]
    if own == into or not share:
        return round(share)
    if "exchange_rate" not in subscription:
        raise Unconvertible(subscription["id"])
    major = (
        share / (1 if own in ZERO_DECIMAL else 100) * Fraction(str(subscription["exchange_rate"]))
    )
    return round(major * (1 if into in ZERO_DECIMAL else 100))


def _name(customer: Row) -> tuple[str, bool]:
    own = f"{customer.get('first_name', '')} {customer.get('last_name', '')}"
    for name in (own, customer.get("company", ""), _billing(customer, "company")):
        if name and _squeezed(name):
            return _squeezed(name), True
    return _squeezed(customer.get("email") or customer["id"]), False


def _company(customer: Row) -> str:
    own = customer.get("company") or ""
    return own if own.strip() else _billing(customer, "company")


def _billing(customer: Row, attribute: str) -> str:
    return (customer.get("billing_address") or {}).get(attribute) or ""


def _squeezed(text: str) -> str:
    return " ".join(text.split())


def _status(customers: Iterable[Row], rules: Rules) -> str:
    all_gone = all(row["deleted"] for row in customers)
    return "Deleted" if all_gone and rules.deleted_customers != "leave" else "Active"


def _subscription_data(
    entity: str, owned: Sequence[Row], customer: Row, rules: Rules
) -> dict[str, Any]:
    if rules.subscription_data != entity:
        return {}
    leads = leading(owned) or {}
    serving = [s for s in owned if counts(s) and s["status"] in ("active", "non_renewing")]
    status = leads.get("status")
    return {
        "CB Subscription Status": status and status.replace("_", " ").capitalize(),
        "CB Plan": next(_plans(leads), None),
        "CB MRR": mrr(owned, customer),
        "CB Next Billing": _day(leads.get("next_billing_at")),
        "CB Trial End": _day(leads.get("trial_end")),
        "CB Term End": _day(leads.get("current_term_end")),
        "CB Cancelled On": _day(leads.get("cancelled_at")),
        "CB Active Subscriptions": len(serving),
    }


def leading(owned: Iterable[Row]) -> Row | None:
    """The subscription that speaks for all: by status, then the newest."""
    return max(
        filter(counts, owned),
        key=lambda s: (-ORDER.index(s["status"]), s["created_at"], s["id"]),
        default=None,
    )


def _plans(subscription: Row) -> Iterator[str]:
    items = subscription.get("subscription_items", ())
    return (each["item_price_id"] for each in items if each["item_type"] == "plan")


def _extras(owned: Sequence[Row], customer: Row, rules: Rules) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "link" in rules.extras:
        found["CB Link"] = f"https://{SITE}.chargebee.com/d/customers/{customer['id']}"
    if "overdue" in rules.extras:
        due = [each for each in owned if not each["deleted"]]
        # Once something is due, the currencies of those that owe nothing do not count.
        due = [each for each in due if each.get("total_dues")] or due
        found["CB Overdue Amount"] = _sum(
            [(s, Fraction(s.get("total_dues", 0))) for s in due], customer
        )
        since = [s["due_since"] for s in due if s.get("total_dues") and "due_since" in s]
        found["CB Overdue Since"] = _day(min(since, default=None))
    return found


def _additional(entity: str, owned: Sequence[Row], customer: Row, rules: Rules) -> dict[str, Any]:
    return {each.name: _attribute(each, owned, customer) for each in rules.more(entity)}


def _attribute(wanted: Additional, owned: Sequence[Row], customer: Row) -> Any:
    row: Any = customer if wanted.record == "customer" else leading(owned)
    for part in wanted.attribute.split("."):
        row = (row or {}).get(part)
    return row


def _day(seconds: int | None) -> str | None:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat() if seconds else None
