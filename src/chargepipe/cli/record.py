"""One record: its links, its errors, what it holds, and every write."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from chargepipe.cli.output import facts, plain, say, when
from chargepipe.cli.setup import setup
from chargepipe.cli.sync import Name

if TYPE_CHECKING:
    from chargepipe.actions.records import RecordPage
    from chargepipe.store.models import Change, Link


def record(
    name: Name,
    key: Annotated[
        str,
        typer.Argument(
            help="Chargebee customer id; or an email address, or a Pipedrive person's id.",
            metavar="KEY",
        ),
    ],
) -> None:
    """Show one customer with its links, errors and every write."""
    setup()
    from chargepipe.actions import journal, records

    page = records.page(name, key)
    zero_decimal = journal.zero_decimal(page.connection)
    _head(page)
    for link in page.links:
        _target(link, zero_decimal)
    for change in page.changes:
        _change(change, zero_decimal)
    if not page.changes:
        say("Nothing was written yet.")


def _head(page: "RecordPage") -> None:
    from chargepipe.actions import errors

    record = page.record
    say(plain(f"Customer {record.source_id} of {page.connection.name}"))
    outcome = f"{record.outcome} in run {record.outcome_run}" if record.outcome else "not synced"
    facts(
        [
            ("  state", "deleted in Chargebee" if record.deleted else "active in Chargebee"),
            ("  last outcome", outcome),
            ("  to do", "waits for the next sync" if record.dirty else "nothing"),
        ]
    )
    for error in page.errors:
        say(plain(f"  error {error.pk}, {error.state}: {error.words} {errors.what_to_do(error)}"))
    if not page.links:
        say("  no link: it has no person in Pipedrive yet")


def _target(link: "Link", zero_decimal: Any) -> None:
    """What the link remembers as last made true."""
    from chargepipe.actions.journal import in_words

    say(
        plain(
            f"{link.kind} {link.pipedrive_id}, linked by {link.reason} since "
            f"{when(link.created_at)}, as last written:"
        )
    )
    known = {key: value for key, value in link.last.items() if key not in _INTERNAL}
    values = {**known, **link.last.get("fields", {})}
    facts((f"  {name}", in_words(value, zero_decimal)) for name, value in values.items())


_INTERNAL = ("fields", "key", "organization", "cleared", "country")


def _change(change: "Change", zero_decimal: Any) -> None:
    from chargepipe.actions import journal

    moment = when(change.written_at) if change.written_at else change.state
    found = ", found by its mark, nothing sent" if change.adopted else ""
    say(
        plain(
            f"{moment}  {change.action} {change.kind} {change.pipedrive_id or ''} "
            f"(run {change.run_id}, {change.run.kind}{found})"
        )
    )
    for field in journal.fields(change, zero_decimal):
        say(plain(f"  {field}"))
    if change.words:
        say(plain(f"  {change.words}"))
