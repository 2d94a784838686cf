"""The part of `settle` for deals: links, what is ours on them, and up to where records are settled.

Every function runs inside `session.commit()`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import F, QuerySet

from chargepipe.domain.deal_diff import ours_after
from chargepipe.domain.deals import split_key
from chargepipe.store.models import Change, Link, Record
from chargepipe.sync.deal_work import DealWork
from chargepipe.sync.missing import LEFT
from chargepipe.sync.session import Session, slices
from chargepipe.sync.waking import keyed


def deal_works(session: Session, works: Sequence[DealWork]) -> None:
    """Settle the records whose deal needs no write, and remember deals that are gone."""
    unchanged = [work for work in works if work.outcome == "unchanged"]
    for work in unchanged:
        if work.held is not None:  # what was not even read is remembered so already
            _link(session, work.key, _as_it_stands(work))
    for work in works:
        if work.gone is not None:
            _link(session, work.key, {"pipedrive_id": work.gone, "state": LEFT})
    settled_deals(session, [(w.key, w.record.revision) for w in unchanged], "unchanged")
    skipped = [(w.key, w.record.revision) for w in works if w.outcome == "skipped"]
    settled_deals(session, skipped, "skipped")


def _as_it_stands(work: DealWork) -> dict[str, Any]:
    """What a link remembers of a deal that holds all that it should.

    It joins whom billing names, so that is ours; whom it joins else a person has put there.
    """
    assert work.target is not None
    assert work.held is not None
    names = {"person": work.target.person, "organization": work.target.organization}
    held = {"person": work.held.person_id, "organization": work.held.org_id}
    joined = {
        name: {"key": key, "id": held[name]}
        for name, key in names.items()
        if key and held[name] is not None and held[name] == work.ids[name]
    }
    ours: Mapping[str, Any] = {**(work.link.ours if work.link else {}), **work.found, **joined}
    reason = {"reason": work.reason} if work.link is None else {}
    return {
        "pipedrive_id": work.pipedrive_id or (work.link.pipedrive_id if work.link else 0),
        "last": work.target.as_json(),
        "ours": ours,
        "state": "",
        **reason,
    }


def deals_made_true(session: Session, pairs: Sequence[tuple[Change, int]], adopted: bool) -> None:
    """These deals hold what was planned: link and settle them."""
    links = _links(session, [change.source_key for change, _ in pairs])
    for change, pipedrive_id in pairs:
        link = links.get(change.source_key)
        known = {**(link.ours if link else {}), **change.working.get("found", {})}
        values = {
            "pipedrive_id": pipedrive_id,
            "last": change.target,
            "ours": ours_after(known, change.after),
            "state": "",
        }
        again = link is not None and change.reason == "link"
        _link(session, change.source_key, values | ({} if again else {"reason": change.reason}))
    outcomes = {"create": "created", "update": "unchanged" if adopted else "updated"}
    for action, outcome in outcomes.items():
        done = [(c.source_key, c.revision) for c, _ in pairs if c.action == action]
        settled_deals(session, done, outcome)


def settled_deals(session: Session, pairs: Iterable[tuple[str, int]], outcome: str) -> None:
    """Settle records at the revision that was planned; what came in since keeps them dirty."""
    by_revision: dict[tuple[str, int], list[str]] = defaultdict(list)
    for key, revision in pairs:
        kind, id = split_key(key)
        by_revision[kind, revision].append(id)
    free = {} if outcome == "skipped" else {"held_version": None}
    values = {"due": False, "outcome": outcome, "outcome_run": session.run.pk, **free}
    for (kind, revision), ids in by_revision.items():
        for some in slices(ids):
            Record.objects.filter(
                connection=session.connection, kind=kind, source_id__in=some
            ).update(settled=revision, **values)


def _links(session: Session, keys: Sequence[str]) -> dict[str, Link]:
    rows = Link.objects.filter(
        connection=session.connection, kind="deal", source_key__in=list(keys)
    )
    return {link.source_key: link for link in rows}


def _link(session: Session, key: str, values: Mapping[str, Any]) -> None:
    Link.objects.update_or_create(
        connection=session.connection,
        kind="deal",
        source_key=key,
        defaults={**values, "updated_at": session.env.clock.now()},
        create_defaults={"reason": "mark", **values, "updated_at": session.env.clock.now()},
    )


def note_due(works: Sequence[DealWork]) -> None:
    """A full sync or a backfill has come by these: they stay due until they have their deal."""
    wanted = [work.record.pk for work in works if work.outcome in ("", "waits", "failed")]
    Record.objects.filter(pk__in=wanted).update(due=True)
    held = [work.record.pk for work in works if work.outcome in ("waits", "failed")]
    _keep_dirty(Record.objects.filter(pk__in=held))


def stay_due(session: Session, changes: Iterable[Change]) -> None:
    """These deals were asked for and could not be made: their records stay due, too."""
    keys = [c.source_key for c in changes if c.kind == "deal" and c.action == "create"]
    for some in slices(keys):
        records = keyed(session.connection).filter(key__in=some)
        records.update(due=True)
        _keep_dirty(records)


def _keep_dirty(records: QuerySet[Record]) -> None:
    """The next sync looks at them, also where an earlier one has passed them by."""
    records.filter(dirty=False).update(revision=F("revision") + 1)
