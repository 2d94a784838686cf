"""Origin: which Chargebee record speaks for a field now, in words (domain.sources)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from chargepipe.actions.connections import stored_file
from chargepipe.actions.records import RecordPage
from chargepipe.domain.deals import split_key
from chargepipe.domain.mapping import leading_customer, leading_subscription, name_attribute
from chargepipe.domain.records import Customer, Subscription
from chargepipe.domain.settings import Settings
from chargepipe.domain.sources import Source, source_of
from chargepipe.domain.validation import speaks
from chargepipe.store.models import Connection, Record
from chargepipe.sync.work import customer_of


@dataclass(frozen=True, slots=True)
class Origin:
    """A customer with what its person and its organization are made of, from the mirror."""

    settings: Settings
    customer: Customer
    members: Sequence[Customer]
    """The customers that speak for its company; itself alone where none does."""
    own: Sequence[Subscription]
    of_company: Sequence[Subscription]

    def of(self, kind: str, name: str, key: str = "") -> str:
        """The source of a field, such as "subscription s1 (the leading one): trial_end".

        `key` is the source key of a deal.
        """
        entity: Any = kind
        source = source_of(entity, name, self.settings)
        if source is None:
            return "not written under the present settings"
        attribute = source.attribute
        if (kind, name) == ("person", "name"):
            attribute = name_attribute(self.customer)
        words = f"; {source.words}" if source.words else ""
        return f"{self._record(kind, source, key)}: {attribute}{words}"

    def _record(self, kind: str, source: Source, key: str) -> str:
        owned = self.own if kind == "person" else self.of_company
        match source.record:
            case "customer":
                return f"customer {self.customer.id}"
            case "customers":
                return f"customers {_ids(self.members)}"
            case "leading customer":
                return f"customer {leading_customer(self.members).id} (the leading one)"
            case "oldest customer":
                oldest = min(self.members, key=lambda c: (c.created_at or 0, c.id))
                return f"customer {oldest.id} (the oldest one)"
            case "subscriptions":
                return f"subscriptions {_ids(owned)}"
            case "record":
                return " ".join(split_key(key))
            case "leading subscription":
                leading = leading_subscription(owned)
                return f"subscription {leading.id} (the leading one)" if leading else "subscription"


def _ids(records: Sequence[Customer] | Sequence[Subscription]) -> str:
    return ", ".join(record.id for record in records) or "(none)"


def origin_of(page: RecordPage) -> Origin:
    """What the mirror holds for the records of a page."""
    connection, record = page.connection, page.record
    settings = stored_file(connection).settings
    rows = list[Record]()
    if record.company_key:
        rows = _in_order(
            Record.objects.filter(
                connection=connection, kind="customer", company_key=record.company_key
            )
        )
    customer = customer_of(record)
    members = [each for each in map(customer_of, rows) if speaks(each, settings)] or [customer]
    return Origin(
        settings,
        customer,
        members,
        _subscriptions(connection, [customer.id]),
        _subscriptions(connection, [member.id for member in members]),
    )


def _in_order(rows: QuerySet[Record]) -> list[Record]:
    """By their ids. Sorted here: to have them in order SQLite would walk all of their kind."""
    return sorted(rows.order_by(), key=lambda row: row.source_id)


def _subscriptions(connection: Connection, customers: Sequence[str]) -> list[Subscription]:
    rows = _in_order(
        Record.objects.filter(connection=connection, kind="subscription", customer_id__in=customers)
    )
    return [Subscription.parse({**row.attributes, "deleted": row.deleted}) for row in rows]
