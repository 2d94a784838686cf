"""Settle: what became of a record stands in the tables, in the same commit as its cause.

Links, settled revisions, errors and the states of changes are written here and nowhere else.
Every function runs inside `session.commit()`.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from chargepipe.domain.codes import DEALS_CAPPED, REFUSED
from chargepipe.domain.deals import OF_DEALS
from chargepipe.domain.diff import Difference, ours_of
from chargepipe.domain.targets import PersonTarget
from chargepipe.domain.validation import Finding
from chargepipe.store.columns import save_columns
from chargepipe.store.models import Change, Link
from chargepipe.sync.company import Company
from chargepipe.sync.deal_work import DealWork
from chargepipe.sync.dropped import look_again_at
from chargepipe.sync.erase import erase
from chargepipe.sync.erase_organizations import ERASED, erase_companies
from chargepipe.sync.links import keep, rejoin, wake
from chargepipe.sync.missing import dealt_with
from chargepipe.sync.outcomes import note, settled
from chargepipe.sync.remembered import forget
from chargepipe.sync.send import opens_deal
from chargepipe.sync.session import Session
from chargepipe.sync.settle_back import deleted, taken_back
from chargepipe.sync.settle_deals import deal_works, deals_made_true, note_due, stay_due
from chargepipe.sync.settle_errors import found, open_error, resolve
from chargepipe.sync.sharers import elsewhere, staying
from chargepipe.sync.waking import owners, wake_joined
from chargepipe.sync.work import Work, is_same_person

OPEN_DEALS = "open deals"
"""What the error of a full account names as its record."""


_MOVED = (
    "state",
    "pipedrive_id",
    "before",
    "after",
    "tries",
    "fence",
    "read_at",
    "intended_at",
    "uncertain_at",
    "written_at",
    "adopted",
    "kept",
    "words",
)


def works(session: Session, done: Sequence[Work]) -> None:
    """Settle the customers that need no write; failed ones stay dirty."""
    unchanged = [w for w in done if w.outcome == "unchanged"]
    skipped = [w for w in done if w.outcome == "skipped"]
    keep(session, done)
    _link(session, "person", [_person_link(w) for w in unchanged])
    settled(session, _revisions(unchanged), "unchanged")
    settled(session, _revisions([w for w in skipped if not w.again]), "skipped")
    note(session, [w.customer.id for w in skipped if w.again], "skipped")
    resolve(session, [w.customer.id for w in unchanged])
    resolve(session, [w.customer.id for w in skipped if not w.waits])
    erase(session, [w.customer.id for w in (*unchanged, *skipped) if w.customer.pii_cleared])


def findings(session: Session, done: Sequence[Work]) -> None:
    """Open the errors that planning found, and close those of planning that no longer hold."""
    note(session, [w.customer.id for w in done if w.finding is not None], "failed")
    fine = [w.customer.id for w in done if w.outcome != "failed"]
    found(session, [w.finding for w in done if w.finding is not None], fine)


def companies(session: Session, stand: Sequence[Company]) -> None:
    """Remember companies whose organization already holds all that it should."""
    links = [
        (c.key, c.pipedrive_id, getattr(c.match, "reason", ""), c.target.as_json())
        for c in stand
        if c.pipedrive_id is not None and c.target is not None
    ]
    _link_companies(session, links)


def deals(session: Session, works: Sequence[DealWork]) -> None:
    """Settle the records whose deal needs no write; failed ones stay dirty."""
    deal_works(session, works)
    erase(session, [w.customer.id for w in works if w.customer and w.customer.pii_cleared])
    if (session.run.of or session.run.kind) in ("full", "backfill"):
        note_due(works)
    done = [work.key for work in works if work.outcome in ("unchanged", "skipped")]
    resolve(session, done, kind="deal")


def deal_findings(session: Session, works: Sequence[DealWork]) -> None:
    """Open the errors that planning found of deals, and close those that no longer hold."""
    fine = [work.key for work in works if work.outcome in ("", "unchanged", "skipped")]
    found(session, [w.finding for w in works if w.finding is not None], fine, kind="deal")


def deals_capped(session: Session, waiting: Sequence[Change], answer: str) -> None:
    """One error for all deals that Pipedrive takes no more; their records stay dirty."""
    open_error(session, Finding.of(DEALS_CAPPED, OPEN_DEALS, kind=OF_DEALS, answer=answer))
    for change in waiting:
        change.state, change.words = "skipped", "Pipedrive takes no more open deals"
    save_states(waiting)
    stay_due(session, waiting)


def written(session: Session, done: Iterable[tuple[Change, int]], *, adopted: bool = False) -> None:
    """These changes are true in Pipedrive: link, settle and resolve them."""
    pairs = list(done)
    now = session.env.clock.now()
    for change, pipedrive_id in pairs:
        change.state, change.written_at, change.adopted = "written", now, adopted
        change.pipedrive_id, change.words = pipedrive_id, ""
    save_states([change for change, _ in pairs])
    if session.run.kind == "clear":
        _cleared(session, pairs)
        return
    resolve(session, deleted(session, [pair for pair in pairs if pair[0].action == "delete"]))
    if back := [pair for pair in pairs if pair[0].reverts_id is not None]:
        taken_back(session, back, adopted=adopted)
        resolve(session, [change.source_key for change, _ in back], codes=[REFUSED])
    _made_true(session, [p for p in pairs if _of_sync(p[0])], adopted=adopted)
    erase(session, [change.source_key for change, _ in pairs if change.kind == "person"])
    erase_companies(session, [c.source_key for c, _ in pairs if c.reason == ERASED])
    erased = [pid for c, pid in pairs if c.kind == "person" and c.target.get("cleared")]
    wake(elsewhere(session, erased))
    cleared = [c.source_key for c, _ in pairs if c.kind == "deal" and c.target.get("cleared")]
    erase(session, owners(session.connection, cleared))


def _cleared(session: Session, pairs: Sequence[tuple[Change, int]]) -> None:
    """What we wrote was taken off these records; their links stay, for the day of a new start."""
    for kind in ("person", "organization", "deal"):
        keys = [change.source_key for change, _ in pairs if change.kind == kind]
        forget(session.connection, kind, keys)
    wake(staying(session, [pid for change, pid in pairs if change.kind == "person"]))
    note(session, [change.source_key for change, _ in pairs if change.kind == "person"], "updated")


def _of_sync(change: Change) -> bool:
    """Whether a change writes what a target says, and so what a link remembers."""
    return change.reverts_id is None and change.action != "delete"


def _made_true(session: Session, pairs: Sequence[tuple[Change, int]], *, adopted: bool) -> None:
    people = [(c, pid) for c, pid in pairs if c.kind == "person"]
    if made := [c.source_key for c, _ in people if c.action == "create"]:
        dealt_with(session, made)
    _link_people(session, people)
    links = [(c.source_key, p, c.reason, c.target) for c, p in pairs if c.kind == "organization"]
    _link_companies(session, links)
    for action, outcome in _outcomes(adopted).items():
        done_so = [(c.source_key, c.revision) for c, _ in people if c.action == action]
        settled(session, done_so, outcome)
    resolve(session, [c.source_key for c, _ in people])
    companies = [c.source_key for c, _ in pairs if c.kind == "organization"]
    resolve(session, companies, kind="organization")
    wake_joined(session, [c for c, _ in pairs if c.action == "create"])
    deals = [(c, pid) for c, pid in pairs if c.kind == "deal"]
    deals_made_true(session, deals, adopted=adopted)
    resolve(session, [c.source_key for c, _ in deals], kind="deal")
    if any(opens_deal(change) for change, _ in deals):
        resolve(session, [OPEN_DEALS], kind=OF_DEALS)


def _outcomes(adopted: bool) -> dict[str, str]:
    """What a written change makes of its customer.

    An update that turned out to be right already was looked at, not written.
    """
    return {"create": "created", "update": "unchanged" if adopted else "updated"}


def failed(session: Session, change: Change, code: str, **details: Any) -> None:
    """This change was refused for good: its record stays dirty, with an error."""
    kind = "customer" if change.kind == "person" else change.kind
    finding = Finding.of(code, change.source_key, kind=kind, **details)
    change.state, change.words = "failed", finding.words
    save_states([change])
    stay_due(session, [change])
    open_error(session, finding)
    if change.kind == "person":
        note(session, [change.source_key], "failed")
    elif change.kind == "organization" and change.reverts_id is None:
        look_again_at(session.connection, [change.source_key])


def save_states(changes: Sequence[Change]) -> None:
    """Write back the columns of changes that applying them moves."""
    save_columns(changes, _MOVED)


def _person_link(work: Work) -> tuple[str, int, str, dict[str, Any]]:
    assert work.target is not None
    assert work.pipedrive_id is not None or work.link is not None
    pipedrive_id = work.pipedrive_id or (work.link.pipedrive_id if work.link else 0)
    return work.customer.id, pipedrive_id, work.reason or "link", work.target.as_json()


def _link_people(session: Session, people: Sequence[tuple[Change, int]]) -> None:
    """Link written people, and remember which of their emails and phones are ours."""
    held = {
        link.source_key: link.ours
        for link in Link.objects.filter(
            connection=session.connection,
            kind="person",
            source_key__in=[change.source_key for change, _ in people],
        )
    }
    ours = {
        change.source_key: ours_of(
            PersonTarget.from_json(change.target),
            Difference(change.before, change.after),
            held.get(change.source_key, {}) if is_same_person(change) else {},
        )
        for change, _ in people
    }
    for again in (True, False):
        # A pair that stands keeps the reason why it was made.
        links = [
            (c.source_key, p, c.reason, c.target)
            for c, p in people
            if (c.reason == "link") is again
        ]
        _link(session, "person", links, ours, found=not again)


def _link_companies(session: Session, rows: Sequence[tuple[str, int, str, Any]]) -> None:
    """Link organizations; where one took the place of another, its people are to join it."""
    places = {key: pipedrive_id for key, pipedrive_id, *_ in rows}
    held = Link.objects.filter(
        connection=session.connection, kind="organization", source_key__in=places
    ).values_list("source_key", "pipedrive_id")
    if moved := [key for key, before in held if before != places[key]]:
        rejoin(session.connection, moved)
    _link(session, "organization", rows)


def _link(
    session: Session,
    kind: str,
    rows: Sequence[tuple[str, int, str, Any]],
    ours: Mapping[str, Any] | None = None,
    *,
    found: bool = False,
) -> None:
    now = session.env.clock.now()
    links = {
        key: Link(
            connection=session.connection,
            kind=kind,
            source_key=key,
            pipedrive_id=pipedrive_id,
            reason=reason,
            last=last,
            ours=(ours or {}).get(key, {}),
            updated_at=now,
        )
        for key, pipedrive_id, reason, last in rows
    }
    Link.objects.bulk_create(
        links.values(),
        update_conflicts=True,
        unique_fields=["connection", "kind", "source_key"],
        update_fields=[
            "pipedrive_id",
            "last",
            "state",
            "updated_at",
            *(["ours"] if ours else []),
            *(["reason"] if found else []),
        ],
    )


def _revisions(done: Sequence[Work]) -> list[tuple[str, int]]:
    return [(work.customer.id, work.record.revision) for work in done]
