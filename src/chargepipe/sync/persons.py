"""Plan of people: what each customer's person should hold, against what it holds now."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from chargepipe.domain.diff import after_difference, person_difference
from chargepipe.domain.held import HeldPerson, decode_person
from chargepipe.domain.mapping import person_target
from chargepipe.domain.validation import stopped_by_match
from chargepipe.store.models import Change
from chargepipe.sync.fields import field_map
from chargepipe.sync.match import match
from chargepipe.sync.reading import read
from chargepipe.sync.session import Session
from chargepipe.sync.work import Work


@dataclass(slots=True)
class Planned:
    """A person as it will be after the changes planned so far, and the last of those changes."""

    held: HeldPerson
    change: Change
    pipedrive_id: int | None


@dataclass(slots=True)
class People:
    """The people that this run already plans to write: later customers of theirs come after.

    Customers that share a key write the same person in turn (rule 3), so each is compared
    with what the one before it will leave.
    """

    by_id: dict[int, Planned] = field(default_factory=dict)
    by_key: dict[str, Planned] = field(default_factory=dict)


def set_targets(session: Session, works: Sequence[Work]) -> None:
    """Compute what each person should hold; equal to what was last written ends the work."""
    for work in works:
        work.target = person_target(
            work.customer, work.subscriptions, session.settings, session.site
        )
        if work.link and work.link.last == work.target.as_json():
            work.outcome = "unchanged"


def read_held(session: Session, works: Sequence[Work], people: People) -> None:
    """Read the matched people that no earlier change of this run writes: 10 tokens for each 100.

    A linked person that is gone is matched anew, or will be made again (rule 4).
    """
    wanted = [w for w in works if w.open and w.pipedrive_id and w.pipedrive_id not in people.by_id]
    found = read(session, "person", [w.pipedrive_id or 0 for w in wanted]) if wanted else {}
    fields = field_map(session, "person")
    lost = []
    for work in wanted:
        row = found.get(work.pipedrive_id or 0)
        if row is None:
            lost.append(work)
            continue
        work.held, work.read_at = decode_person(row, fields), session.env.clock.now()
    if lost:
        _match_again(session, lost, people)


def _match_again(session: Session, lost: Sequence[Work], people: People) -> None:
    for work in lost:
        work.link, work.pipedrive_id, work.reason = None, None, ""
        if work.customer.deleted:
            work.skip("deleted in Chargebee, and its person was deleted in Pipedrive")
        elif session.settings.deleted_persons == "leave":
            work.skip("its person was deleted in Pipedrive and is left so (deleted_persons)")
    again = [work for work in lost if work.open]
    match(session, again)
    for work in again:
        if blocking := stopped_by_match(work.customer, work.match):
            work.fail(blocking)
    read_held(session, again, people)


def change_of(
    session: Session, work: Work, people: People, organization_id: int | None
) -> Change | None:
    """The planned change of a work, None where nothing differs or nothing may be made."""
    assert work.target is not None
    ahead = _ahead(work, people)
    if work.pipedrive_id is None and ahead is None and not session.settings.create_people:
        work.skip("no person matches, and create_people is off")
        return None
    held = ahead.held if ahead else work.held
    work.difference = person_difference(
        work.target,
        held,
        work.wrote,
        session.settings.overwrite,
        organization_id,
        session.settings.policies("person"),
    )
    if not work.difference.after and ahead is None:
        work.outcome = "unchanged"
        return None
    change = _row(session, work, ahead)
    _remember(work, people, change, held)
    return change


def _ahead(work: Work, people: People) -> Planned | None:
    if work.pipedrive_id is not None:
        return people.by_id.get(work.pipedrive_id)
    return next((people.by_key[key] for key in work.keys if key in people.by_key), None)


def _row(session: Session, work: Work, ahead: Planned | None) -> Change:
    assert work.target is not None
    assert work.difference is not None
    pipedrive_id = work.pipedrive_id or (ahead.pipedrive_id if ahead else None)
    made = pipedrive_id is None and ahead is None
    return Change(
        run=session.run,
        connection=session.connection,
        account=session.account,
        action="create" if made else "update",
        kind="person",
        source_key=work.customer.id,
        pipedrive_id=pipedrive_id,
        before=dict(work.difference.before),
        after=dict(work.difference.after),
        target=work.target.as_json(),
        reason=work.reason or ("made" if made else "key"),
        revision=work.record.revision,
        follows=ahead.change if ahead else None,
        read_at=work.read_at or session.env.clock.now(),
    )


def _remember(work: Work, people: People, change: Change, held: HeldPerson | None) -> None:
    assert work.difference is not None
    planned = Planned(after_difference(held, work.difference), change, change.pipedrive_id)
    if change.pipedrive_id is not None:
        people.by_id[change.pipedrive_id] = planned
    for key in work.keys:
        people.by_key[key] = planned
