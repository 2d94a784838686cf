"""Standing: why nothing is written for a customer now, and what was taken back (rule 17)."""

from collections.abc import Iterator

from chargepipe.actions.connections import stored_file
from chargepipe.actions.deal_standing import deal_reasons
from chargepipe.actions.records import RecordPage
from chargepipe.domain.validation import skip_reason
from chargepipe.sync.sharing import WORDS
from chargepipe.sync.work import customer_of

_STATES = {
    "missing": "its person was not found in Pipedrive at the last look; the next sync asks for it",
    "hidden": "its person is hidden from the connecting user",
    "left": "its person was deleted in Pipedrive and is left so",
}


def reasons(page: RecordPage) -> tuple[str, ...]:
    """Why nothing is written now, each in words; empty where all is written and stands."""
    return (*own_reasons(page), *deal_reasons(page))


def own_reasons(page: RecordPage) -> tuple[str, ...]:
    """Why nothing is written of the customer itself; its deals have reasons of their own."""
    return tuple(_reasons(page))


def _reasons(page: RecordPage) -> Iterator[str]:
    record = page.record
    person = next((link for link in page.links if link.kind == "person"), None)
    settings = stored_file(page.connection).settings
    if page.connection.account_id is None:
        yield "the connection is unlinked"
    yield from _put_aside(page)
    if words := skip_reason(customer_of(record), settings, person is not None):
        yield words
    if person is None and not settings.create_people:
        yield "no person matches, and create_people is off"
    elif not words and record.outcome == "skipped" and settings.shared_keys == "first":
        yield WORDS
    if person is not None and person.state:
        yield _STATES.get(person.state) or person.state


def _put_aside(page: RecordPage) -> Iterator[str]:
    record, name = page.record, page.connection.name
    if record.held:
        yield (
            "undone and held until it is modified in Chargebee, the undo is undone, or by: "
            f"chargepipe sync {name} --customer {record.source_id}"
        )
    for error in page.errors:
        if error.state == "ignored" and error.version_ignored == record.version:
            yield f"its error {error.pk} is ignored until the customer changes in Chargebee"


def undone(page: RecordPage) -> tuple[str, ...]:
    """What undo runs took back on this customer's records, and what they left."""
    return tuple(_undone(page))


def _undone(page: RecordPage) -> Iterator[str]:
    for change in page.changes:
        if change.reverts is None:
            continue
        verb = "took back" if change.state == "written" else "left"
        kept = f"; kept, for it was changed since: {', '.join(change.kept)}" if change.kept else ""
        moment = f" on {change.written_at:%Y-%m-%d %H:%M} UTC" if change.written_at else ""
        yield (
            f"run {change.run_id}{moment} {verb} the {change.reverts.action} of the "
            f"{change.kind} by run {change.reverts.run_id}{kept}"
        )
