"""Names: who or what a key of ours stands for, as people know it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from chargepipe.domain.deals import split_key
from chargepipe.domain.mapping import person_name
from chargepipe.domain.names import ALL
from chargepipe.store.models import Connection, Record
from chargepipe.sync.work import customer_of

Key = tuple[str, str]
"""A kind (customer, person, organization, deal) and a source key, as errors and changes hold."""


@dataclass(frozen=True, slots=True)
class Named:
    """A record by its name; of a deal it is that of its customer."""

    name: str
    email: str = ""
    """Of a customer, "" for a company and where there is none."""
    customer: str = ""
    """The id of the customer; "" for a company."""


def named(connection: Connection, keys: Iterable[Key]) -> Mapping[Key, Named]:
    """The names of these records, in at most three queries; what the mirror lacks is left out."""
    wanted = set(keys)
    owners = _owners(connection, wanted)
    customers = _customers(connection, set(owners.values()))
    found = {key: customers[id] for key, id in owners.items() if id in customers}
    of_companies = companies(connection, {key for kind, key in wanted if kind == "organization"})
    return found | {("organization", key): Named(name) for key, name in of_companies.items()}


def companies(connection: Connection, keys: Collection[str]) -> dict[str, str]:
    """The names of these companies by their keys, as the newest of their customers write them."""
    if not keys:
        return {}
    rows = connection.records.filter(kind="customer", company_key__in=keys)
    found: dict[str, str] = {}
    for row in rows.order_by("-deleted", "updated_at", "source_id"):
        found |= companies_of(row)
    return found


def companies_of(record: Record) -> dict[str, str]:
    """The name of a customer's company by its key; empty where it has none."""
    name = customer_of(record).company_name
    return {record.company_key: name} if record.company_key and name else {}


def field_label(connection: Connection, name: str) -> str:
    """A field as it is called in this connection's Pipedrive: a further site's have its name."""
    suffix = connection.field_suffix if name in ALL else ""
    return f"{name} ({suffix})" if suffix else name


def _owners(connection: Connection, keys: Collection[Key]) -> dict[Key, str]:
    """The customer of each key that has one."""
    owners = {(kind, key): key for kind, key in keys if kind in ("customer", "person")}
    sold = {split_key(key): (kind, key) for kind, key in keys if kind == "deal" and ":" in key}
    if sold:
        rows = connection.records.filter(
            kind__in={kind for kind, _ in sold}, source_id__in={id for _, id in sold}
        )
        for kind, id, owner in rows.values_list("kind", "source_id", "customer_id"):
            if (kind, id) in sold:
                owners[sold[kind, id]] = owner
    return owners


def _customers(connection: Connection, ids: Collection[str]) -> dict[str, Named]:
    rows = connection.records.filter(kind="customer", source_id__in=ids) if ids else ()
    return {row.source_id: _of(row) for row in rows}


def _of(record: Record) -> Named:
    customer = customer_of(record)
    return Named(person_name(customer), customer.email or "", customer.id)
