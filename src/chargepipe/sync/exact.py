"""Exact: write just the changes that a preview showed, and say which have moved since (rule 10)."""

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from chargepipe.domain.diff import Difference
from chargepipe.domain.settings import ConnectionFile
from chargepipe.store.columns import save_columns
from chargepipe.store.models import Change, Connection, Link, Record, Run
from chargepipe.sync import settle
from chargepipe.sync.company import Company
from chargepipe.sync.deal_work import DealWork
from chargepipe.sync.deals import change_of
from chargepipe.sync.exactly import changed_words, other_fields
from chargepipe.sync.joining import joins
from chargepipe.sync.kept import Kept
from chargepipe.sync.lacking import lacking, writes
from chargepipe.sync.missing import MISSING
from chargepipe.sync.plan import Plan
from chargepipe.sync.room import FIELD_KINDS
from chargepipe.sync.scope import scope
from chargepipe.sync.session import Session
from chargepipe.sync.trouble import Trouble
from chargepipe.sync.waking import keyed
from chargepipe.sync.work import Work

SENT = ("intended", "unknown", "written")
EXPIRES_AFTER = timedelta(days=1)
PAGE = 500
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
    """Make the preview's planned changes those of this run. Raises NotAsShown.

    One that waited for its yes, or for tokens, may find the plan too old; once something is written
    the rest goes on, and what has moved since will show.
    """
    run, preview = session.run, session.run.about
    if run.changes.filter(state__in=SENT).exists():
        return
    if preview is None:
        raise NotAsShown("The preview whose plan this run should write is no longer kept.")
    if words := refusal(preview, session.env.clock.now(), run):
        raise NotAsShown(words)
    with session.commit():
        preview.changes.filter(state="planned").update(run=run)


@dataclass(frozen=True, slots=True)
class _Looked:
    """What a record was found to be, whether or not it makes a change."""

    revision: int
    words: str
    """Why it makes none now."""
    pipedrive_id: int | None
    """None for one that would be made."""


@dataclass(slots=True)
class _Now:
    """What would be planned now; of records by kind and source key, on disk."""

    changes: Kept[Change] = field(default_factory=lambda: Kept(_slim))
    looked: Kept[_Looked] = field(default_factory=Kept[_Looked])
    """Of people and deals."""
    found: list[Company] = field(default_factory=list)
    """Companies to be linked to an organization that holds all it should: no change shows them."""
    lacking: set[tuple[str, str]] = field(default_factory=set)
    """Fields, by entity and name, that have to be made, or given options, as was not shown."""

    def add(self, changes: Iterable[Change], works: Iterable[Work | DealWork]) -> None:
        """Note one page."""
        for change in changes:
            self.changes[_key(change.kind, change.source_key)] = change
        for work in works:
            key = ("person", work.customer.id) if isinstance(work, Work) else ("deal", work.key)
            self.looked[_key(*key)] = _Looked(work.record.revision, _gone(work), work.pipedrive_id)
        self.changes.turn()
        self.looked.turn()

    def leave(self) -> None:
        """A page was only compared."""
        self.changes.leave()
        self.looked.leave()

    def leads_to(self, kind: str, link: Link) -> bool:
        """Whether a record is where its link leads, as far as it was looked at."""
        key = _key(kind, link.source_key)
        seen = self.looked.get(key) or self.changes.get(key)
        return seen is None or seen.pipedrive_id == link.pipedrive_id


def _key(kind: str, source_key: str) -> str:
    return f"{kind} {source_key}"


def _slim(change: Change) -> Change:
    """What is compared of it."""
    return Change(
        action=change.action,
        pipedrive_id=change.pipedrive_id,
        before=change.before,
        after=change.after,
        read_at=change.read_at,
    )


def compare(session: Session) -> None:
    """Plan the same customers again and put aside, with words, whatever is another change now.

    What is put aside stands in the table page by page, so that this may be broken off and begin
    anew, and a million changes need no memory.
    """
    now = _plan_again(session)
    for page in _pages(_planned(session).select_related("follows")):
        _judge(session, page, now)
    for kind in ("organization", "person"):
        for page in _pages(_planned(session)):
            _put_aside(
                session, {c: NOT_JOINED.format(kind) for c in _joining(session, kind, page, now)}
            )
    with session.commit():
        settle.companies(session, now.found)


def _judge(session: Session, page: Sequence[Change], now: _Now) -> None:
    stale: dict[Change, str] = {}
    fresh: list[Change] = []
    for change in page:
        if words := _moved(session, change, now, stale):
            stale[change] = words
        else:
            change.read_at = now.changes[_key(change.kind, change.source_key)].read_at
            fresh.append(change)
    now.leave()
    with session.commit():
        save_columns(fresh, ["read_at"])
    _put_aside(session, stale)


def _put_aside(session: Session, stale: Mapping[Change, str]) -> None:
    for change, words in stale.items():
        change.state, change.words = "stale", words
    with session.commit():
        save_columns(list(stale), ["state", "words"])


def _planned(session: Session) -> QuerySet[Change]:
    return session.run.changes.filter(state="planned").exclude(kind__in=FIELD_KINDS)


def _pages(changes: QuerySet[Change]) -> Iterator[list[Change]]:
    """In the order in which they were planned: who is followed comes before its followers."""
    after = 0
    while page := list(changes.filter(pk__gt=after).order_by("pk")[:PAGE]):
        yield page
        after = page[-1].pk


def _plan_again(session: Session) -> _Now:
    planned = _planned(session)
    person = planned.filter(kind="person", source_key=OuterRef("source_id"))
    company = planned.filter(kind="organization", source_key=OuterRef("company_key"))
    deal = planned.filter(kind="deal", source_key=OuterRef("key"))
    deals = keyed(session.connection).filter(Exists(deal))
    # Not all of a company: who was not looked at then may make other changes of shared people.
    beside = scope(session).filter(Exists(company) | Q(source_id__in=deals.values("customer_id")))
    customers = Record.objects.filter(
        Exists(person) | Q(pk__in=beside.values("pk")),
        connection=session.connection,
        kind="customer",
    )
    now, plan = _Now(), Plan(session, "preview")
    for page in plan.pages(customers):
        now.add([*page.organizations(session), *page.changes], page.works)
        now.found += [c for c in page.companies if _is_elsewhere(c)]
    for works in plan.deals.pages(deals):
        made = [change for work in works if (change := change_of(session, work)) is not None]
        plan.note_labels(made)
        now.add(made, works)
    now.lacking = set(lacking(session, plan.labels))
    return now


def _is_elsewhere(company: Company) -> bool:
    """Whether no link leads to its organization yet, and no change will make one do so."""
    linked = company.link is not None and company.link.pipedrive_id == company.pipedrive_id
    return not (linked or company.difference or company.hidden)


def _moved(session: Session, change: Change, now: _Now, stale: Collection[Change]) -> str:
    """Why this change is not written, in words; "" for one that is as it was shown."""
    ahead = change.follows
    if ahead is not None and (ahead.state == "stale" or ahead in stale):
        return FOLLOWS
    key = _key(change.kind, change.source_key)
    looked = now.looked.get(key)
    if looked is not None and looked.revision != change.revision:
        return CHANGED if change.kind == "person" else RECORD_CHANGED
    again = now.changes.get(key)
    if again is None:
        return looked.words if looked is not None else NOT_NOW
    if again.action != change.action or again.pipedrive_id != _target(change):
        return f"it would now {again.action} the {change.kind} {again.pipedrive_id or ''}".rstrip()
    if moved := other_fields(change, Difference(again.before, again.after)):
        return changed_words(change, moved)
    return NO_FIELD if writes(session, change, now.lacking) else ""


def _gone(work: Work | DealWork) -> str:
    if work.finding is not None:
        return f"{NOT_NOW}: {work.finding.words}"
    if work.words:
        return f"{NOT_NOW}: {work.words}"
    return NOTHING


def _target(change: Change) -> int | None:
    """The record that it is written to; the leader may have made it meanwhile."""
    ahead = change.follows
    return change.pipedrive_id or (ahead.pipedrive_id if ahead is not None else None)


def _joining(session: Session, kind: str, page: Sequence[Change], now: _Now) -> Iterator[Change]:
    """People and deals that join a record which a change that has moved would have made.

    Or one that is gone since.
    """
    joined = {c: key for c in page for own, key in joins(c) if own == kind}
    stale = session.run.changes.filter(state="stale", kind=kind)
    lost = set(
        stale.filter(source_key__in=set(joined.values())).values_list("source_key", flat=True)
    )
    # One that is missing was to be made again.
    links = Link.objects.filter(connection=session.connection, kind=kind).exclude(state=MISSING)
    there = links.filter(source_key__in=lost)
    lost -= {link.source_key for link in there if now.leads_to(kind, link)}
    now.leave()
    return (change for change, key in joined.items() if key in lost)


def moved(run: Run) -> QuerySet[Change]:
    """The changes of a preview that were not written, for they would be others now."""
    return run.changes.filter(state="stale").order_by("pk")
