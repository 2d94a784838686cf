"""Doubles: what stands twice on either side, from the mirror and the index (before a first write).

It asks no service. The index is that of the last run; a validation brings it up to date.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from django.db.models import Count

from chargepipe.domain import account_fields
from chargepipe.domain.fields import FieldSpec
from chargepipe.domain.mapping import person_name
from chargepipe.domain.names import CUSTOMER_ID
from chargepipe.domain.settings import ConnectionFile
from chargepipe.domain.validation import skip_reason
from chargepipe.store.models import Account, Connection, IndexKey, IndexRecord, Record
from chargepipe.sync.index import folded
from chargepipe.sync.keyed import common_keys
from chargepipe.sync.session import slices
from chargepipe.sync.work import customer_of

Kind = Literal["customer", "person", "organization"]
Groups = Mapping[str, tuple[str | int, ...]]


@dataclass(frozen=True, slots=True)
class Double:
    """Several records of one side that share a value."""

    kind: Kind
    what: str
    """What they share: match key, email, CB Customer ID, name."""
    value: str = field(repr=False)
    records: tuple[tuple[str | int, str], ...] = field(repr=False)
    """Id and name of each, by id."""


def doubles(connection: Connection) -> Iterator[Double]:
    """Customers that share a match key; people with one key or mark; organizations of one name."""
    yield from _customers(connection)
    account = connection.account
    if account is None:
        return
    for what, code in _fields_of_people(connection, account).items():
        yield from _records(account, "person", what, code)
    if ConnectionFile.model_validate(connection.file).settings.organizations:
        yield from _records(account, "organization", "name", "name")


def summary(connection: Connection) -> str:
    """The numbers in words, empty without any double."""
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for double in doubles(connection):
        groups[double.kind, double.what].append(len(double.records))
    return "; ".join(
        f"{len(sizes)} {what}{'s' if len(sizes) > 1 else ''} shared by {sum(sizes)} {_PLURAL[kind]}"
        for (kind, what), sizes in groups.items()
    )


_PLURAL = {"customer": "customers", "person": "people", "organization": "organizations"}


def _customers(connection: Connection) -> Iterator[Double]:
    settings = ConnectionFile.model_validate(connection.file).settings
    rows = Record.objects.filter(connection=connection, kind="customer", deleted=False)
    keys = rows.exclude(match_key="").values("match_key").annotate(n=Count("pk")).order_by()
    groups: dict[str, list[tuple[str | int, str]]] = defaultdict(list)
    wanted = list[Record]()
    shared = list(keys.filter(n__gt=1).values_list("match_key", flat=True))
    for some in slices(shared):
        for record in rows.filter(match_key__in=some).order_by("source_id"):
            if skip_reason(customer_of(record), settings, linked=False) is None:
                wanted.append(record)
    common = common_keys(wanted, settings.match_key)
    for customer in map(customer_of, wanted):
        groups[common[customer.id]].append((customer.id, person_name(customer)))
    for value in sorted(groups):
        if len(groups[value]) > 1:
            yield Double("customer", "match key", value, tuple(groups[value]))


def _fields_of_people(connection: Connection, account: Account) -> dict[str, str]:
    """What people may share, and under which field the index keeps it."""
    settings = ConnectionFile.model_validate(connection.file).settings
    key = settings.match_key.pipedrive
    found = {"email": "email", **({"phone": "phone"} if key == "phone" else {})}
    specs = {CUSTOMER_ID: FieldSpec("person", CUSTOMER_ID, "varchar")}
    if own := account_fields.match_key_spec(settings):
        specs[own.name] = own
    for name, spec in specs.items():
        row = account_fields.find(
            spec, account.fields, connection.field_codes, connection.field_suffix
        )
        if row:
            found[name] = row["code"] if name == CUSTOMER_ID else folded(row["code"])
    return found


def _records(account: Account, kind: Kind, what: str, code: str) -> Iterator[Double]:
    keys = IndexKey.objects.filter(account=account, entity=kind, field=code)
    shared = keys.values("value").annotate(n=Count("pipedrive_id", distinct=True)).order_by()
    groups: dict[tuple[int, ...], str] = {}
    values = list(shared.filter(n__gt=1).values_list("value", flat=True))
    held: dict[str, set[int]] = defaultdict(set)
    for some in slices(values):
        for value, pipedrive_id in keys.filter(value__in=some).values_list("value", "pipedrive_id"):
            held[value].add(pipedrive_id)
    for value in sorted(held):
        # One phone has several keys: the same people are told of once.
        groups.setdefault(tuple(sorted(held[value])), value)
    names = _names(account, kind, {each for ids in groups for each in ids})
    for ids, value in groups.items():
        yield Double(kind, what, value, tuple((each, names.get(each, "")) for each in ids))


def _names(account: Account, kind: Kind, ids: Collection[int]) -> dict[int, str]:
    rows = IndexRecord.objects.filter(account=account, entity=kind)
    found: dict[int, str] = {}
    for some in slices(sorted(map(str, ids))):
        found |= dict(rows.filter(pipedrive_id__in=some).values_list("pipedrive_id", "name"))
    return found
