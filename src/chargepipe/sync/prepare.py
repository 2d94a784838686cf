"""Prepare: make a page of planned changes ready to be sent, or say why one is not.

A change may be true already (adopted by its mark, or nothing differs any more), may have to wait
for its organization, or may be out of date; the rest gets the body that will be sent.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from chargepipe.domain.codes import FIELD_MISSING, ORGANIZATION_FAILED
from chargepipe.domain.diff import Difference, person_difference
from chargepipe.domain.held import (
    FieldMap,
    UnknownField,
    UnknownOption,
    decode_person,
    encode,
)
from chargepipe.domain.held_deal import encode_deal
from chargepipe.domain.targets import OrganizationTarget, PersonTarget
from chargepipe.domain.values import Value
from chargepipe.pipedrive import Entity
from chargepipe.pipedrive.client import MOST_IDS
from chargepipe.store.models import Change
from chargepipe.sync import erase_organizations, settle
from chargepipe.sync.backward import encode_back, read_whole, way_back, whole_fields
from chargepipe.sync.clearing import clearing_now
from chargepipe.sync.deal_now import deal_now
from chargepipe.sync.erase_organizations import ERASED, goes
from chargepipe.sync.exactly import changed_words, other_fields
from chargepipe.sync.fields import field_map
from chargepipe.sync.freshness import fresh_index
from chargepipe.sync.going_back import away, leave_out, made_again, replaced
from chargepipe.sync.joining import (
    Ids,
    ids_of,
    joined,
    joins,
    know_left,
    leave_joined,
    not_there,
    under_way,
)
from chargepipe.sync.linked import Linked, linked
from chargepipe.sync.marks import marked
from chargepipe.sync.newcomers import beginning
from chargepipe.sync.prepare_deletes import prepare_deletes
from chargepipe.sync.reading import read
from chargepipe.sync.ready import Ready
from chargepipe.sync.session import Session
from chargepipe.sync.sharers import spare
from chargepipe.sync.work import is_same_person, wrote

# What was read longer ago is read again before it is written over.
FRESH = timedelta(seconds=60)


def prepare(session: Session, page: Sequence[Change]) -> Ready:
    """Sort a page of one kind. Costs no token unless what was read is over a minute old."""
    if page[0].action == "delete":
        return prepare_deletes(session, page)
    ready = Ready()
    there = _there(session, page)
    rows = _reread(session, page)
    links = linked(session, _in(rows, page))
    ids = ids_of(session, page)
    gone, coming = away(session, page, ids), made_again(session, page)
    fields = _fields(session, page[0])
    ready.skipped, left = replaced(session, page, there)
    for change in left:
        if change.pk in there:
            ready.true.append((change, there[change.pk][0]))
        elif coming and joins(change) & coming:
            ready.later.append(change)
        elif change.follows is not None and not _follow(change, ready):
            continue
        elif change.pipedrive_id in rows or change.pipedrive_id is None or _fresh(session, change):
            if moved := _renew(session, change, rows, links):
                _stale(change, moved, ready)
            else:
                know_left(change)
                leave_out(change, ids, gone)
                leave_joined(change, ids)
                _place(session, change, ids, fields, ready)
        else:
            _stale(change, "its record is gone from Pipedrive", ready)
    return ready


def _there(session: Session, page: Sequence[Change]) -> Mapping[int, Sequence[int]]:
    """The records that carry the mark of what is to be made, by the change."""
    creates = [change for change in page if change.action == "create"]
    if creates:
        kind: Any = page[0].kind
        fresh_index(session, kind)
    return marked(session, creates)


def _fields(session: Session, change: Change) -> FieldMap:
    """The custom fields that may be written: an undo also writes those that are not ours."""
    kind: Any = change.kind
    return field_map(session, kind) if change.reverts_id is None else whole_fields(session, kind)


def _stale(change: Change, words: str, ready: Ready) -> None:
    change.state, change.words = "stale", words
    ready.stale.append(change)


def _follow(change: Change, ready: Ready) -> bool:
    """Take the person of the change before it; without one this customer is planned anew."""
    assert change.follows is not None
    change.pipedrive_id = change.pipedrive_id or change.follows.pipedrive_id
    if change.pipedrive_id is None:
        _stale(change, "the person that it shares was not made", ready)
    return change.pipedrive_id is not None


def _fresh(session: Session, change: Change) -> bool:
    known = _known_at(change)
    return known is not None and session.env.clock.now() - known < FRESH


def _known_at(change: Change) -> datetime | None:
    """When we last knew what the record held: a change that follows knows it from the one before.

    Unless that one was read anew after this was planned, or was not written: then this has to be
    read, too.
    """
    ahead, read_at = change.follows, change.read_at
    if ahead is not None and ahead.state != "written":
        return None
    if ahead is None or ahead.written_at is None or read_at is None:
        return read_at
    renewed = ahead.read_at is not None and ahead.read_at > read_at
    return read_at if renewed else max(read_at, ahead.written_at)


def _reread(session: Session, page: Sequence[Change]) -> dict[int, dict[str, Any]]:
    """Read what was read too long ago, and with it the next ones: a full batch costs the same."""
    old = [c for c in page if c.action == "update" and not _fresh(session, c)]
    if not old:
        return {}
    ahead = _next_old(session, old[0].kind, {change.pk for change in page})
    ids = [c.pipedrive_id or (c.follows.pipedrive_id if c.follows else None) for c in old]
    wanted = [pipedrive_id for pipedrive_id in ids if pipedrive_id is not None]
    room = max(0, MOST_IDS - len(wanted))
    entity: Any = old[0].kind
    wanted += [c.pipedrive_id or 0 for c in ahead[:room]]
    rows = _read(session, entity, wanted, undoing=old[0].reverts_id is not None)
    renewed = _in(rows, ahead[:room])
    links = linked(session, renewed)
    for change in renewed:
        _renew(session, change, rows, links)
    with session.commit():
        settle.save_states(renewed)
    return rows


def _in(rows: Mapping[int, Any], changes: Iterable[Change]) -> list[Change]:
    """Those whose record was just read."""
    return [change for change in changes if change.pipedrive_id in rows]


def _read(
    session: Session, entity: Entity, ids: Collection[int], *, undoing: bool
) -> dict[int, dict[str, Any]]:
    """An undo looks at every custom field of a record, also those that are ours no more."""
    if not undoing:
        return read(session, entity, ids)
    return {pid: whole.row for pid, whole in read_whole(session, entity, ids).records.items()}


def _next_old(session: Session, kind: str, without: Collection[int]) -> list[Change]:
    """The next updates of the run whose reading is no longer fresh either."""
    over = session.env.clock.now() - FRESH
    return list(
        session.run.changes.filter(
            Q(read_at=None) | Q(read_at__lte=over),
            kind=kind,
            state="planned",
            action="update",
            pipedrive_id__isnull=False,
            follows=None,
        )
        .exclude(pk__in=without)
        .select_related("reverts")
        .order_by("pk")[:MOST_IDS]
    )


def _renew(
    session: Session, change: Change, rows: Mapping[int, dict[str, Any]], links: Linked
) -> str:
    """Compare again with what was just read; before and after are then of this minute.

    In words why not, where just the previewed change may be written and it is another one now.
    """
    row = rows.get(change.pipedrive_id or 0)
    if row is None:
        return ""
    difference = difference_now(session, change, row, links)
    if session.run.kind == "apply" and (moved := other_fields(change, difference)):
        return changed_words(change, moved)
    if change.reverts is not None:
        change.kept = list(way_back(session, change, row).kept)
    change.before, change.after = dict(difference.before), dict(difference.after)
    change.read_at = session.env.clock.now()
    return ""


def difference_now(
    session: Session, change: Change, row: dict[str, Any], links: Linked
) -> Difference:
    """What the change's target still differs in from what Pipedrive holds in `row`.

    `links` are those that the change hangs on (`linked`).
    """
    if change.reverts is not None:
        return way_back(session, change, row).difference
    if session.run.kind == "clear":
        return clearing_now(session, change, row, links)
    if change.kind == "person":
        return _person(session, change, row, links)
    if change.kind == "deal":
        return deal_now(session, change, row, links)
    return _organization(session, change, row, links)


def _organization(
    session: Session, change: Change, row: dict[str, Any], links: Linked
) -> Difference:
    target = OrganizationTarget.from_json(change.target)
    link = links.get(("organization", change.source_key))
    going: Mapping[str, Value] = {}
    if change.reason == ERASED and link and link.last:
        going = goes(session, OrganizationTarget.from_json(link.last), target)
    return erase_organizations.difference(session, target, row, going)


def _person(session: Session, change: Change, row: dict[str, Any], links: Linked) -> Difference:
    target = PersonTarget.from_json(change.target)
    link = links.get(("person", change.source_key))
    organization = links.get(("organization", target.organization or ""))
    difference = person_difference(
        target,
        decode_person(row, field_map(session, "person")),
        wrote(link) if is_same_person(change) else None,
        session.settings.overwrite,
        organization.pipedrive_id if organization else None,
        session.settings.policies("person"),
    )
    return spare(session, target, row["id"], difference)


def _place(session: Session, change: Change, ids: Ids, fields: FieldMap, ready: Ready) -> None:
    if not change.after and change.kept:
        change.state = "skipped"
        ready.skipped.append(change)
    elif not change.after and change.pipedrive_id is not None:
        ready.true.append((change, change.pipedrive_id))
    elif (missing := not_there(change, ids)) is None:
        try:
            ready.bodies.append((change, _body(session, change, ids, fields)))
        except (UnknownField, UnknownOption):
            _lacking(session, change, ready)
    elif under_way(session, missing, [change.after[missing]["key"]]):
        ready.later.append(change)
    elif change.kind == "deal":
        _stale(change, f"its {missing} could not be made", ready)
    else:
        ready.failed.append((change, ORGANIZATION_FAILED))


def _lacking(session: Session, change: Change, ready: Ready) -> None:
    if change.pk in session.repeated:
        ready.failed.append((change, FIELD_MISSING))
    else:
        ready.lacking.append(change)


def _body(session: Session, change: Change, ids: Ids, fields: FieldMap) -> dict[str, Any]:
    """What is sent. The journal keeps the ids of what is joined, which are known only now."""
    change.after = joined(change, ids)
    if change.reverts_id is not None:
        return encode_back(change.kind, change.after, fields)
    made = change.action == "create"
    encoded = encode_deal if change.kind == "deal" else encode
    return encoded(change.after, fields) | (beginning(session, change.kind) if made else {})
