"""One record: its links, its errors, every field with its story, and every write."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from chargepipe.cli.output import facts, one_object, plain, say, when
from chargepipe.cli.setup import setup
from chargepipe.cli.sync import Json, Name

if TYPE_CHECKING:
    from chargepipe.actions.records import RecordPage
    from chargepipe.actions.why import FieldStory, Story
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
    now: Annotated[
        bool, typer.Option("--now", help="Ask Pipedrive what it holds now (1 token each).")
    ] = False,
    json: Json = False,
) -> None:
    """Show one customer: why its person holds what it holds, errors, and every write."""
    setup()
    from chargepipe.actions import record_json, why

    story = why.explain(name, key, now=now)
    if json:
        one_object(record_json.as_json(story))
        return
    _head(story.page)
    for link in story.page.links:
        _link(link, story)
    _history(story.page)


def _head(page: "RecordPage") -> None:
    from chargepipe.actions import errors, standing
    from chargepipe.actions.links import customer_url

    record = page.record
    say(plain(f"Customer {record.source_id} of {page.connection.name}"))
    outcome = f"{record.outcome} in run {record.outcome_run}" if record.outcome else "not synced"
    facts(
        [
            ("  state", "deleted in Chargebee" if record.deleted else "active in Chargebee"),
            ("  last outcome", outcome),
            ("  to do", "waits for the next sync" if record.dirty else "nothing"),
            ("  Chargebee", customer_url(page.connection, record.source_id)),
        ]
    )
    for words in standing.reasons(page):
        say(plain(f"  not written: {words}"))
    for error in page.errors:
        say(plain(f"  error {error.pk}, {error.state}: {error.words} {errors.what_to_do(error)}"))
    for words in standing.undone(page):
        say(plain(f"  {words}"))
    if not page.links:
        say("  no link: it has no person in Pipedrive yet")


def _link(link: "Link", story: "Story") -> None:
    """What the record holds, field by field."""
    from chargepipe.actions.links import pipedrive_url

    say(
        plain(
            f"{link.kind} {link.pipedrive_id}, linked by {link.reason} since "
            f"{when(link.created_at)}"
        )
    )
    if url := pipedrive_url(story.page.connection, link.kind, link.pipedrive_id):
        say(f"  {url}")
    for words in story.gone:
        if words.startswith(f"{link.kind} {link.pipedrive_id}:"):
            say(plain(f"  {words}"))
    for field in story.fields:
        if (field.kind, field.pipedrive_id) == (link.kind, link.pipedrive_id):
            _field(field)


def _field(field: "FieldStory") -> None:
    written = f"since {when(field.since)} (run {field.run})" if field.since else ""
    note = f"  [{field.note}]" if field.note else ""
    say(plain(f"  {field.field}: {field.value}  {written}{note}".rstrip()))
    say(plain(f"    from {field.source}"))
    for line in field.working:
        say(plain(f"    {line}"))
    if field.moved:
        say(plain(f"    changed in Pipedrive since: {field.now}"))


def _history(page: "RecordPage") -> None:
    from chargepipe.actions import journal

    zero_decimal = journal.zero_decimal(page.connection)
    say("Writes:" if page.changes else "Nothing was written yet.")
    for change in page.changes:
        _change(change, zero_decimal)


def _change(change: "Change", zero_decimal: Any) -> None:
    from chargepipe.actions import journal

    moment = when(change.written_at) if change.written_at else change.state
    found = ", found by its mark, nothing sent" if change.adopted else ""
    say(
        plain(
            f"{moment}  {change.action} {change.kind} {change.pipedrive_id or ''} #{change.pk} "
            f"(run {change.run_id}, {change.run.kind}{found})"
        )
    )
    for field in journal.fields(change, zero_decimal):
        say(plain(f"  {field}"))
    if change.words:
        say(plain(f"  {change.words}"))
