"""A record's story as the one object that --json prints."""

from dataclasses import asdict
from typing import Any

from chargepipe.actions import journal, standing
from chargepipe.actions.links import customer_url, pipedrive_url
from chargepipe.actions.why import FieldStory, Story
from chargepipe.store.models import Change, Link, SyncError


def as_json(story: Story) -> dict[str, Any]:
    """The story of one customer; times are ISO 8601, values in words."""
    page = story.page
    record = page.record
    return {
        "connection": page.connection.name,
        "customer": record.source_id,
        "chargebee": customer_url(page.connection, record.source_id),
        "deleted": record.deleted,
        "outcome": record.outcome,
        "outcome_run": record.outcome_run,
        "dirty": record.dirty,
        "not_written": list(standing.reasons(page)),
        "undone": list(standing.undone(page)),
        "gone": list(story.gone),
        "links": [_link(story, link) for link in page.links],
        "fields": [_field(field) for field in story.fields],
        "errors": [_error(error) for error in page.errors],
        "writes": [_change(story, change) for change in page.changes],
    }


def _field(field: FieldStory) -> dict[str, Any]:
    return {**asdict(field), "since": _time(field.since), "working": list(field.working)}


def _link(story: Story, link: Link) -> dict[str, Any]:
    return {
        "kind": link.kind,
        "pipedrive_id": link.pipedrive_id,
        "pipedrive": pipedrive_url(story.page.connection, link.kind, link.pipedrive_id),
        "reason": link.reason,
        "since": _time(link.created_at),
    }


def _error(error: SyncError) -> dict[str, Any]:
    return {
        "id": error.pk,
        "state": error.state,
        "code": error.code,
        "words": error.words,
        "candidates": error.candidates,
        "since": _time(error.opened_at),
    }


def _change(story: Story, change: Change) -> dict[str, Any]:
    zero_decimal = journal.zero_decimal(story.page.connection)
    return {
        "id": change.pk,
        "run": change.run_id,
        "action": change.action,
        "kind": change.kind,
        "state": change.state,
        "pipedrive_id": change.pipedrive_id,
        "written": _time(change.written_at),
        "reverts": change.reverts_id,
        "kept": change.kept,
        "words": change.words,
        "fields": [asdict(field) for field in journal.fields(change, zero_decimal)],
    }


def _time(moment: Any) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
