"""The subject of an error: what Chargebee says of its record, to hold against the candidates."""

from collections.abc import Iterator
from dataclasses import dataclass

from chargepipe.actions.connections import stored_file
from chargepipe.actions.journal import in_words
from chargepipe.actions.names import companies
from chargepipe.domain.deals import split_key
from chargepipe.domain.mapping import leading_subscription, person_name
from chargepipe.domain.money import Money
from chargepipe.domain.records import Invoice, Subscription
from chargepipe.domain.values import to_json
from chargepipe.store.models import Record, SyncError
from chargepipe.sync.work import customer_of


@dataclass(frozen=True, slots=True)
class Subject:
    """A record of Chargebee's in a few lines.

    `customer` is whose page tells more, "" for a company.
    """

    title: str
    customer: str
    facts: tuple[tuple[str, str], ...]
    """Names and values in words; what is empty is left out."""


def subject(error: SyncError) -> Subject | None:
    """What the mirror knows of the record, and of a company; None for what it lacks."""
    if error.kind == "customer":
        record = _record(error, "customer", error.source_key)
        return _customer(record) if record else None
    if error.kind == "deal" and ":" in error.source_key:
        record = _record(error, *split_key(error.source_key))
        return _sale(error, record) if record else None
    return _company(error) if error.kind == "organization" else None


def key_of(error: SyncError) -> tuple[str, str] | None:
    """The field of the customer that is its match key, and what it holds; "" is empty.

    None where the customer is not known any more.
    """
    record = _record(error, "customer", error.source_key)
    if record is None:
        return None
    field = stored_file(error.connection).settings.match_key.chargebee
    held = customer_of(record).attributes.get(field)
    label = field if field.startswith("cf_") else field.capitalize()
    return label, "" if held is None else str(held).strip()


def _company(error: SyncError) -> Subject | None:
    known = companies(error.connection, {error.source_key})
    if not known:
        return None
    members = Record.objects.filter(
        connection=error.connection,
        kind="customer",
        company_key=error.source_key,
        deleted=False,
    )
    facts = (("Customers", str(members.count())),)
    return Subject(known[error.source_key], "", facts)


def _record(error: SyncError, kind: str, id: str) -> Record | None:
    return Record.objects.filter(connection=error.connection, kind=kind, source_id=id).first()


def _customer(record: Record) -> Subject:
    customer = customer_of(record)
    owned = Record.objects.filter(
        connection=record.connection, kind="subscription", customer_id=record.source_id
    )
    leading = leading_subscription(
        [Subscription.parse({**row.attributes, "deleted": row.deleted}) for row in owned]
    )
    facts = {
        "Customer": customer.id,
        "Email": customer.email,
        "Phone": customer.phone,
        "Company": customer.company_name,
        "Subscription": f"{leading.plan or leading.id}, {leading.status}" if leading else None,
    }
    return Subject(person_name(customer), record.source_id, tuple(_there(facts)))


def _sale(error: SyncError, record: Record) -> Subject:
    owner = _record(error, "customer", record.customer_id)
    facts: dict[str, str | None] = {
        record.kind.capitalize(): record.source_id,
        "Customer": person_name(customer_of(owner)) if owner else record.customer_id,
    }
    if record.kind == "subscription":
        sold = Subscription.parse(record.attributes)
        facts |= {"Plan": sold.plan, "Status": sold.status}
        amount = sold.recurring_amount
    else:
        billed = Invoice.parse(record.attributes)
        facts |= {"Status": billed.status}
        amount = billed.total
    currency = record.attributes.get("currency_code") or ""
    zero_decimal = stored_file(error.connection).settings.zero_decimal
    facts["Amount"] = in_words(to_json(Money(amount, currency)), zero_decimal)
    return Subject(f"{record.kind} {record.source_id}", record.customer_id, tuple(_there(facts)))


def _there(facts: dict[str, str | None]) -> Iterator[tuple[str, str]]:
    return ((name, value) for name, value in facts.items() if value)
