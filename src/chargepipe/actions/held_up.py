"""Held up: how many deals wait while their customer has an error (rule 18)."""

from collections.abc import Sequence

from django.db.models import Count

from chargepipe.actions.connections import stored_file
from chargepipe.store.models import Connection, SyncError
from chargepipe.sync.scope import to_be_looked_at
from chargepipe.sync.session import slices

HOLD = ("open", "ignored")
"""The states of an error that holds deals back."""


def deals_held_up(connection: Connection, errors: Sequence[SyncError]) -> dict[int, int]:
    """How many subscriptions and invoices wait for each error, by its number; a query for all.

    Errors that hold up none are left out.
    """
    of_customers = [e for e in errors if e.kind == "customer" and e.state in HOLD]
    waiting = to_be_looked_at(connection, stored_file(connection).settings)
    found: dict[str, int] = {}
    for some in slices(sorted({error.source_key for error in of_customers})):
        rows = waiting.filter(customer_id__in=some).order_by().values_list("customer_id")
        found |= dict(rows.annotate(n=Count("pk")))
    return {e.pk: found[e.source_key] for e in of_customers if e.source_key in found}


def held_up_words(number: int) -> str:
    """What waits, for people; "" where nothing does."""
    waits = "1 deal waits" if number == 1 else f"{number} deals wait"
    return f"{waits} until this is over." if number else ""
