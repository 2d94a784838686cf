"""The error list as CSV: the same from the console and from the CLI, but for how it is put."""

from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import islice
from typing import Any

from django.db.models import QuerySet

from chargepipe.actions.csv import lines
from chargepipe.actions.errors import listing, places, source_url, what_to_do
from chargepipe.actions.held_up import deals_held_up
from chargepipe.actions.names import Key, Named, named
from chargepipe.domain.deals import OF_DEALS
from chargepipe.store.models import SyncError

COLUMNS = (
    *("connection", "id", "state", "record", "key", "name", "email", "code", "what"),
    *("what to do", "candidates", "since", "reason", "in Chargebee", "in Pipedrive"),
    "deals that wait",
)
"""Of the CSV. No program looks for the first one's name alone: a BOM stands before it."""
Said = Callable[[str], str]
AT_ONCE = 500
"""Errors whose names are looked up together."""


def csv(name: str, states: Collection[str] = ("open",)) -> Iterator[str]:
    """The errors as CSV lines; ignored ones are left out unless asked for."""
    return csv_of(listing(name, states))


def csv_of(errors: QuerySet[SyncError], said: Said = str) -> Iterator[str]:
    """These errors of one connection as CSV lines; `said` puts our words for its readers."""
    return lines(COLUMNS, _rows(errors, said))


def _rows(errors: QuerySet[SyncError], said: Said) -> Iterator[tuple[Any, ...]]:
    walked = errors.iterator(chunk_size=AT_ONCE)
    while some := list(islice(walked, AT_ONCE)):
        names = named(some[0].connection, [(each.kind, each.source_key) for each in some])
        waiting = deals_held_up(some[0].connection, some)
        yield from ((*_row(error, names, said), waiting.get(error.pk, "")) for error in some)


def _row(error: SyncError, names: Mapping[Key, Named], said: Said) -> tuple[Any, ...]:
    who = names.get((error.kind, error.source_key), Named(""))
    return (
        error.connection.name,
        error.pk,
        error.state,
        error.kind,
        said(error.source_key) if error.kind == OF_DEALS else error.source_key,
        who.name,
        who.email,
        error.code,
        said(error.words),
        said(what_to_do(error)),
        "; ".join(f"{c['id']} {c['name']}" for c in error.candidates),
        error.opened_at.isoformat(timespec="seconds"),
        error.reason,
        source_url(error),
        " ".join(place.url for place in places(error)),
    )
