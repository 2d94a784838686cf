"""Exact: write just the changes that a preview showed, and say which have moved since (rule 10)."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from chargepipe.domain.diff import Difference
from chargepipe.domain.fields import FieldSpec, suffixed
from chargepipe.domain.settings import ConnectionFile
from chargepipe.store.models import Change, Connection, Link, Record, Run
from chargepipe.sync import settle
from chargepipe.sync.deal_work import DealWork
from chargepipe.sync.deals import change_of
from chargepipe.sync.exactly import changed_words, other_fields
from chargepipe.sync.fields import planned_fields
from chargepipe.sync.joining import JOINED
from chargepipe.sync.missing import MISSING
from chargepipe.sync.organizations import Company
from chargepipe.sync.plan import Plan
from chargepipe.sync.room import FIELD_KINDS
from chargepipe.sync.session import Session, slices
from chargepipe.sync.trouble import Trouble
from chargepipe.sync.waking import keyed
from chargepipe.sync.work import Work

EXPIRES_AFTER = timedelta(days=1)
CHANGED = "the customer was modified in Chargebee since the preview"
RECORD_CHANGED = "its record, or its customer, was modified in Chargebee since the preview"
NOTHING = "nothing is left to write: Pipedrive holds it already"
NOT_NOW = "it would not be written now"
FOLLOWS = "it comes after a change that has moved"
NO_FIELD = "a field that it writes was deleted in Pipedrive since the preview"
NOT_JOINED = "the change of its {} has moved"


class NotAsShown(Trouble):
    """The plan as a whole may not be applied any more; nothing was written."""


def fingerprint(connection: Connection) -> str:
    """Of all that a plan hangs on besides the records: the settings and both accounts."""
    file = ConnectionFile.model_validate(connection.file)
    settings = file.settings.model_dump(mode="json", by_alias=True)
    facts = [settings, connection.site, connection.company_id]
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def refusal(preview: Run, now: datetime, own: Run | None = None) -> str:
    """Why the plan of this run cannot be applied, in words with what to do; "" when it can.

    `own` is the run that is applying it already.
    """
    again = f"Make a new one: chargepipe preview {preview.connection.name} {preview.of}".rstrip()
    if preview.kind != "preview":
        return f"Run {preview.pk} is not a preview ({preview.kind}); only those have a plan."
    if preview.state != "done":
        return f"Preview {preview.pk} is {preview.state}, so it has no plan. {again}"
    taken = preview.runs_about.filter(kind="apply").exclude(pk=own.pk if own else None).first()
    if taken is not None:
        return f"The plan of preview {preview.pk} went to run {taken.pk} ({taken.state}). {again}"
    if preview.finished_at is None or now - preview.finished_at >= EXPIRES_AFTER:
        return f"The plan of preview {preview.pk} is more than a day old and has expired. {again}"
    if preview.settings != fingerprint(preview.connection):
        return f"The settings have changed since preview {preview.pk}. {again}"
    return ""


def take_over(session: Session) -> None:
    """Make the preview's planned changes those of this run. Raises NotAsShown."""
    run, preview = session.run, session.run.about
    if run.phase:
        return  # taken over by an earlier attempt: what has moved since will show
    if preview is None:
        raise NotAsShown("The preview whose plan this run should write is no longer kept.")
    if words := refusal(preview, session.env.clock.now(), run):
        raise NotAsShown(words)
    with session.commit():
        preview.changes.filter(state="planned").update(run=run)


@dataclass(slots=True)
class _Now:
    """What would be planned now."""

    changes: dict[tuple[str, str], Change] = field(default_factory=dict)
    works: dict[tuple[str, str], Work | DealWork] = field(default_factory=dict)
    """Of people and deals, by kind and source key."""
    found: list[Company] = field(default_factory=list)
    """Companies to be linked to an organization that holds all it should: no change shows them."""
    lacking: set[tuple[str, str]] = field(default_factory=set)
    """Fields, by entity and name, that would have to be made and that were not shown."""

    def ids(self, kind: str) -> dict[str, int | None]:
        """The records of a kind by source key; None for one that would be made."""
        found = {key: each.pipedrive_id for (of, key), each in self.changes.items() if of == kind}
        return found | {key: w.pipedrive_id for (of, key), w in self.works.items() if of == kind}


def compare(session: Session) -> None:
    """Plan the same customers again and put aside, with words, whatever is another change now."""
    now = _plan_again(session)
    stale: dict[int, Change] = {}
    fresh: list[Change] = []
    for change in _planned(session).select_related("follows").order_by("pk"):
        if words := _moved(session, change, now, stale):
            change.state, change.words = "stale", words
            stale[change.pk] = change
        else:
            same = now.changes[change.kind, change.source_key]
            change.read_at = same.read_at
            fresh.append(change)
    for kind in ("organization", "person"):
        for change in _joining(session, kind, now.ids(kind), stale, fresh):
            change.state, change.words = "stale", NOT_JOINED.format(kind)
            stale[change.pk] = change
    with session.commit():
        settle.companies(session, now.found)
        Change.objects.bulk_update(stale.values(), ["state", "words"], batch_size=500)
        Change.objects.bulk_update(
            [change for change in fresh if change.pk not in stale], ["read_at"], batch_size=500
        )


def _planned(session: Session) -> QuerySet[Change]:
    return session.run.changes.filter(state="planned").exclude(kind__in=FIELD_KINDS)


def _plan_again(session: Session) -> _Now:
    people = _planned(session).filter(kind="person").values("source_key")
    companies = _planned(session).filter(kind="organization").values("source_key")
    customers = Record.objects.filter(
        Q(source_id__in=people) | Q(company_key__in=companies),
        connection=session.connection,
        kind="customer",
    )
    now, plan = _Now(), Plan(session, "preview")
    for page in plan.pages(customers):
        for change in (*page.organizations(session), *page.changes):
            now.changes[change.kind, change.source_key] = change
        now.works |= {("person", work.customer.id): work for work in page.works}
        now.found += [
            c for c in page.companies if c.link is None and not (c.difference or c.hidden)
        ]
    keys = _planned(session).filter(kind="deal").values("source_key")
    for works in plan.deals.pages(keyed(session.connection).filter(key__in=keys)):
        for work in works:
            now.works["deal", work.key] = work
            if (change := change_of(session, work)) is not None:
                now.changes["deal", work.key] = change
    now.lacking = set(_lacking(session, plan))
    return now


def _lacking(session: Session, plan: Plan) -> Iterator[tuple[str, str]]:
    shown = session.run.changes.filter(kind__in=FIELD_KINDS)
    known = {(change.kind, change.source_key): change.after for change in shown}
    for change in planned_fields(session, plan.labels):
        if known.get((change.kind, change.source_key)) != change.after:
            yield change.kind.removesuffix("_field"), change.source_key


def _moved(session: Session, change: Change, now: _Now, stale: Mapping[int, Change]) -> str:
    """Why this change is not written, in words; "" for one that is as it was shown."""
    if change.follows_id in stale:
        return FOLLOWS
    work = now.works.get((change.kind, change.source_key))
    if work is not None and work.record.revision != change.revision:
        return CHANGED if change.kind == "person" else RECORD_CHANGED
    again = now.changes.get((change.kind, change.source_key))
    if again is None:
        return _gone(work)
    if again.action != change.action or again.pipedrive_id != _target(change):
        return f"it would now {again.action} the {change.kind} {again.pipedrive_id or ''}".rstrip()
    if moved := other_fields(change, Difference(again.before, again.after)):
        return changed_words(change, moved)
    return NO_FIELD if _writes(session, change, now) else ""


def _gone(work: Work | DealWork | None) -> str:
    if work is None:
        return NOT_NOW
    if work.finding is not None:
        return f"{NOT_NOW}: {work.finding.words}"
    if work.words:
        return f"{NOT_NOW}: {work.words}"
    return NOTHING


def _target(change: Change) -> int | None:
    """The record that it is written to; the leader may have made it meanwhile."""
    ahead = change.follows
    return change.pipedrive_id or (ahead.pipedrive_id if ahead is not None else None)


def _writes(session: Session, change: Change, now: _Now) -> bool:
    suffix = session.connection.field_suffix
    names = {(change.kind, name) for name in change.after}
    specs = (FieldSpec("person", name, "varchar") for name in change.after)
    names |= {(change.kind, suffixed(spec, suffix).name) for spec in specs}
    return bool(names & now.lacking)


def _joining(
    session: Session,
    kind: str,
    ids: Mapping[str, int | None],
    stale: Mapping[int, Change],
    fresh: list[Change],
) -> Iterator[Change]:
    """People and deals that join a record which a change that has moved would have made.

    Or one that is gone since: `ids` are those of now, by source key.
    """
    lost = {c.source_key for c in stale.values() if c.kind == kind}
    # One that is missing was to be made again.
    links = Link.objects.filter(connection=session.connection, kind=kind).exclude(state=MISSING)
    for some in slices(sorted(lost)):
        pairs = links.filter(source_key__in=some).values_list("source_key", "pipedrive_id")
        lost -= {key for key, pid in pairs if ids.get(key, pid) == pid}
    for change in fresh:
        wanted = change.after.get(kind) if kind in JOINED[change.kind] else None
        if wanted and wanted["key"] in lost and change.pk not in stale:
            yield change


def moved(run: Run) -> QuerySet[Change]:
    """The changes of a preview that were not written, for they would be others now."""
    return run.changes.filter(state="stale").order_by("pk")
