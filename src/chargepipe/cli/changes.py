"""Changes as lines: what was, what will be, field by field."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from chargepipe.cli.output import clip, plain, say

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from chargepipe.store.models import Change, Connection

FEW = 20


def show_changes(
    changes: "QuerySet[Change]", connection: "Connection", *, everything: bool, more: str
) -> None:
    """Print the changes, a line each; `more` says how to see those beyond the first twenty."""
    few = changes if everything else changes[:FEW]
    for line in lines(few.iterator(), connection):
        say(line)
    rest = 0 if everything else changes.count() - FEW
    if rest > 0:
        say(f"... and {rest} more: {more}")


def lines(changes: "Iterable[Change]", connection: "Connection") -> Iterable[str]:
    """One line a change: action, record, #number, each field before -> after, and what stays.

    A written record's page in Pipedrive comes last.
    """
    from chargepipe.actions import journal

    zero_decimal = journal.zero_decimal(connection)
    for change in changes:
        place = f" ({change.pipedrive_id})" if change.pipedrive_id else ""
        kind = change.kind.replace("_", " ")
        fields = "; ".join(
            f"{field.name}: {clip(field.before)} -> {clip(field.after)}"
            for field in journal.fields(change, zero_decimal)
        )
        what = f"{change.action} {kind} {clip(change.source_key)}{place} #{change.pk}"
        parts = fields, _rest(change), _url(connection, change)
        yield plain("  ".join([what, *filter(None, parts)]))


def _url(connection: "Connection", change: "Change") -> str:
    from chargepipe.actions.links import pipedrive_url

    there = change.state == "written" and change.action != "delete" and change.pipedrive_id
    return pipedrive_url(connection, change.kind, change.pipedrive_id or 0) if there else ""


def _rest(change: "Change") -> str:
    """What stays as it is, and why a change was not written."""
    because = "it was changed since" if change.reverts_id else "Pipedrive lets it not be emptied"
    kept = f"stays, for {because}: {', '.join(change.kept)}" if change.kept else ""
    why = change.words if change.state in ("skipped", "stale", "failed") else ""
    return "  ".join(filter(None, (kept, why)))
