"""One record: its links, its state, its errors and every write, to answer "why this value?"."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from chargepipe.actions.connections import find, stored_file
from chargepipe.actions.refusal import Refused
from chargepipe.domain.deals import records_with_deals
from chargepipe.store.models import Change, Connection, Link, Record, SyncError
from chargepipe.sync.waking import keyed

MOST_NAMED = 5


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
    Raises Refused where nobody or more than one is meant.
    """
    connection = find(name)
    record = _find(connection, key)
    mine = Q(kind="person", source_key=record.source_id)
    customer = Q(kind="customer", source_key=record.source_id)
    if record.company_key:
        mine |= Q(kind="organization", source_key=record.company_key)
        customer |= Q(kind="organization", source_key=record.company_key)
    own = keyed(connection).filter(customer_id=record.source_id)
    deals = Q(kind="deal", source_key__in=list(own.values_list("key", flat=True)))
    mine, customer = mine | deals, customer | deals
    errors = connection.errors.filter(customer).exclude(state="resolved")
    changes = Change.objects.filter(mine, connection=connection)
    changes = changes.select_related("run", "reverts")
    return RecordPage(
        connection,
        record,
        tuple(Link.objects.filter(mine, connection=connection).order_by("-kind")),
        tuple(errors.order_by("opened_at", "pk")),
        tuple(changes.exclude(_NEVER_WRITTEN).order_by("pk")),
        tuple(own.filter(kind__in=_with_deals(connection)).order_by("created_at", "source_id")),
    )


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
            more = ", ..." if len(found) > MOST_NAMED else ""
            raise Refused(f'"{key}" means several customers: {named}{more}. Name one by its id.')
        if found:
            return found[0]
    raise Refused(
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
        yield list(customers.filter(**wanted).order_by("source_id")[: MOST_NAMED + 1])
    if key.isdecimal() and len(key) <= 18:
        links = Link.objects.filter(connection=connection, kind="person", pipedrive_id=int(key))
        ids = links.values("source_key")
        yield list(customers.filter(source_id__in=ids).order_by("source_id")[: MOST_NAMED + 1])
    owners = keyed(connection).filter(source_id=key).values("customer_id")
    yield list(customers.filter(source_id__in=owners).order_by("source_id")[: MOST_NAMED + 1])


def search(name: str, text: str) -> QuerySet[Record]:
    """Customers whose id begins with the text, or whose name, email or company holds it.

    Without a text all of them, the ones that changed last first.
    """
    customers = find(name).records.filter(kind="customer")
    if not text:
        return customers.order_by("-updated_at", "source_id")
    parts = ("first_name", "last_name", "email", "company", "billing_address__company")
    holds = Q(source_id__istartswith=text)
    for word in parts:
        holds |= Q(**{f"attributes__{word}__icontains": text})
    return customers.filter(holds).order_by("source_id")
