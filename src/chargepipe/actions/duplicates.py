"""The duplicate report: what stands twice on either side, before anything is written."""

from collections.abc import Iterator
from typing import Any

from chargepipe.actions.connections import find
from chargepipe.actions.csv import lines
from chargepipe.actions.links import customer_url, pipedrive_url
from chargepipe.store.models import Connection
from chargepipe.sync.doubles import Double, doubles

COLUMNS = ("connection", "group", "where", "record", "what", "value", "id", "name", "link")


def listing(name: str) -> Iterator[Double]:
    """Customers that share a match key; people with one key or mark; organizations of one name.

    From the mirror and the index as the last run left them; a validation brings them up to date.
    """
    return doubles(find(name))


def csv(name: str) -> Iterator[str]:
    """The report as CSV lines, a line a record; lines of one `group` share the value."""
    connection = find(name)
    rows = (
        (name, number, *row)
        for number, double in enumerate(doubles(connection), start=1)
        for row in _rows(connection, double)
    )
    return lines(COLUMNS, rows)


def _rows(connection: Connection, double: Double) -> Iterator[tuple[Any, ...]]:
    for each, named in double.records:
        yield (
            where(double),
            double.kind,
            double.what,
            double.value,
            each,
            named,
            url(connection, double, each),
        )


def where(double: Double) -> str:
    """The service that the records are in."""
    return "Chargebee" if double.kind == "customer" else "Pipedrive"


def url(connection: Connection, double: Double, each: str | int) -> str:
    """The page of one of the records."""
    if double.kind == "customer":
        return customer_url(connection, str(each))
    return pipedrive_url(connection, double.kind, int(each))
