"""One record: its links, its state, its errors and every write, to answer "why this value?"."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from chargepipe.actions.connections import find, stored_file
from chargepipe.actions.refusal import Refused
from chargepipe.domain.deals import DEAL_RECORDS, records_with_deals, split_key
from chargepipe.domain.searching import folded
from chargepipe.store.models import Change, Connection, Link, Record, SyncError
from chargepipe.sync.waking import keyed

MOST_NAMED = 5


class Unknown(Refused):
    """A key means no customer, or several."""

    def __init__(self, words: str, several: bool = False) -> None:
        super().__init__(words)
        self.several = several


@dataclass(frozen=True, slots=True)
class RecordPage:
    """What is known of a customer. Every list is in the order of time."""

    connection: Connection
    record: Record
    links: tuple[Link, ...]
    """Its person, its organization where it has one, and its deals."""
    errors: tuple[SyncError, ...]
    """Open, ignored, and warnings."""
    changes: tuple[Change, ...]
    """What was written, is planned or failed on these, each with its run; of an undo also what it
    left because somebody had changed it since."""
    deals: tuple[Record, ...] = ()
    """Its subscriptions and one-time invoices, those that make deals under the present settings."""


def page(name: str, key: str) -> RecordPage:
    """The page of the customer that `key` names.

    `key` is a Chargebee customer id, else an email address, the id of a Pipedrive person, or the id
    of a subscription or invoice.
    Raises Unknown where nobody or more than one is meant, and Refused for another connection.
    """
    connection = find(name)
    record = _find(connection, key)
    own = keyed(connection).filter(customer_id=record.source_id)
    with_key = {("deal", key) for key in own.values_list("key", flat=True)}
    if record.company_key:
        with_key.add(("organization", record.company_key))
    mine = with_key | {("person", record.source_id)}
    about = with_key | {("customer", record.source_id)}
    errors = connection.errors.exclude(state="resolved")
    changes = Change.objects.filter(connection=connection).exclude(_NEVER_WRITTEN)
    links = _named(Link.objects.filter(connection=connection), mine)
    for link in links:
        link.connection = connection
    return RecordPage(
        connection,
        record,
        tuple(sorted(links, key=lambda link: (link.kind, -link.pk), reverse=True)),
        tuple(sorted(_named(errors, about), key=lambda error: (error.opened_at, error.pk))),
        tuple(
            sorted(_named(changes.select_related("run", "reverts"), mine), key=lambda each: each.pk)
        ),
        tuple(own.filter(kind__in=_with_deals(connection)).order_by("created_at", "source_id")),
    )


def _named(rows: QuerySet[Any], names: Collection[tuple[str, str]]) -> list[Any]:
    """Those of these kinds and source keys, in no order.

    Asked for each kind by itself, or in an order, SQLite would walk all rows of the connection.
    """
    kinds, keys = {kind for kind, _ in names}, {key for _, key in names}
    found = rows.filter(kind__in=kinds, source_key__in=keys).order_by()
    return [row for row in found if (row.kind, row.source_key) in names]


def _with_deals(connection: Connection) -> tuple[str, ...]:
    return records_with_deals(stored_file(connection).settings)


_NEVER_WRITTEN = (
    Q(state="stale")
    | Q(state="skipped", kept=[])
    | Q(run__kind="preview")
    | Q(state="planned", run__state="done")  # the drift that a reconcile run only shows
)


def _find(connection: Connection, key: str) -> Record:
    customers = Record.objects.filter(connection=connection, kind="customer")
    for found in _searches(connection, customers, key):
        if len(found) > 1:
            named = ", ".join(record.source_id for record in found[:MOST_NAMED])
            more = " and more" if len(found) > MOST_NAMED else ""
            words = f'"{key}" means several customers: {named}{more}. Name one by its id.'
            raise Unknown(words, several=True)
        if found:
            return found[0]
    raise Unknown(
        f'{connection.name} knows no customer "{key}". Give a Chargebee customer id, an email '
        "address, the id of a linked Pipedrive person, or of a subscription or one-time invoice. "
        "New customers are known after a sync."
    )


def _searches(
    connection: Connection, customers: QuerySet[Record], key: str
) -> Iterable[list[Record]]:
    """Each way to read the key, the surest first."""
    yield list(customers.filter(source_id=key))
    if "@" in key:
        wanted: dict[str, Any] = {"attributes__email__iexact": key.strip()}
        found = customers.filter(search__contains=folded(key), **wanted)
        yield list(found.order_by("source_id")[: MOST_NAMED + 1])
    if key.isdecimal() and len(key) <= 18:
        links = Link.objects.filter(connection=connection, kind="person", pipedrive_id=int(key))
        ids = links.values("source_key")
        yield list(customers.filter(source_id__in=ids).order_by("source_id")[: MOST_NAMED + 1])
    owners = keyed(connection).filter(source_id=key).values("customer_id")
    yield list(customers.filter(source_id__in=owners).order_by("source_id")[: MOST_NAMED + 1])


def search(name: str, text: str) -> QuerySet[Record]:
    """Customers whose id, name, email or company holds the text, or to whom the id belongs.

    The id may be that of a linked Pipedrive person, or of a subscription or one-time invoice.
    Without a text all of them, the ones that changed last first.
    """
    connection = find(name)
    customers = connection.records.filter(kind="customer")
    if not text:
        return customers.order_by("-updated_at", "source_id")
    holds = Q(search__contains=folded(text))
    if own := _owners(connection, text):
        holds |= Q(source_id__in=own)
    return customers.filter(holds).order_by("source_id")


def _owners(connection: Connection, id: str) -> list[str]:
    """The customers of a Pipedrive person, deal, subscription or invoice of this id."""
    records = connection.records.filter(kind__in=DEAL_RECORDS, source_id=id)
    owners = set(records.values_list("customer_id", flat=True)[:MOST_NAMED])
    if id.isdecimal() and len(id) <= 18:
        links = Link.objects.filter(connection=connection, pipedrive_id=int(id))
        owners |= set(links.filter(kind="person").values_list("source_key", flat=True)[:MOST_NAMED])
        deals = links.filter(kind="deal").values_list("source_key", flat=True)[:MOST_NAMED]
        ids = [split_key(key)[1] for key in deals]
        made = connection.records.filter(kind__in=DEAL_RECORDS, source_id__in=ids)
        owners |= set(made.values_list("customer_id", flat=True))
    return sorted(owners)
