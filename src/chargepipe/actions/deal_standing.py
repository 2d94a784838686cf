"""Deal standing: why a subscription or invoice of a customer has no living deal (rule 17)."""

from collections.abc import Iterator

from chargepipe.actions.connections import stored_file
from chargepipe.actions.journal import stages
from chargepipe.actions.records import RecordPage
from chargepipe.domain.deals import NoDeal, deal_key
from chargepipe.domain.pipelines import NoSuchPlace
from chargepipe.store.models import Link, Record
from chargepipe.sync.deal_work import deal_made_of
from chargepipe.sync.missing import LEFT
from chargepipe.sync.scope import is_young
from chargepipe.sync.work import customer_of


def deal_reasons(page: RecordPage) -> Iterator[str]:
    """One sentence for each record that makes deals and has no living one."""
    links = {link.source_key: link for link in page.links if link.kind == "deal"}
    errors = {error.source_key for error in page.errors if error.kind == "deal"}
    for record in page.deals:
        key = deal_key(record.kind, record.source_id)
        words = "" if key in errors else _why(page, record, links.get(key))
        if words:
            yield f"{record.kind} {record.source_id}: {words}"


def _why(page: RecordPage, record: Record, link: Link | None) -> str:
    if link is not None:
        left = f"its deal {link.pipedrive_id} was deleted in Pipedrive, and is not made again"
        return left if link.state == LEFT else ""
    if words := _no_deal(page, record):
        return words
    if record.held_version == record.version:
        return "its deal was undone; it is held until it is modified in Chargebee"
    if page.connection.full_done_at is None:
        return "deals are made after the first full sync"
    if not (record.due or is_young(page.connection, record)):
        return (
            "it did not change since the first full sync, or since deals were switched on; a full "
            "sync or a backfill makes its deal"
        )
    return "its deal waits for the next sync" if record.dirty else ""


def _no_deal(page: RecordPage, record: Record) -> str:
    """The rule of the settings that makes none of it."""
    settings = stored_file(page.connection).settings
    try:
        made = deal_made_of(record, customer_of(page.record), settings, stages(page.connection))
    except NoSuchPlace:
        return ""  # the pipelines are not known yet, or an error says so
    if isinstance(made, NoDeal):
        return made.words
    return "" if made.makes else "deleted or cleared in Chargebee before it had a deal"
