"""Plan of people: what each customer's person should hold, against what it holds now."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from chargepipe.domain.diff import after_difference, person_difference
from chargepipe.domain.held import HeldPerson, decode_person
from chargepipe.domain.mapping import person_revenues, person_target
from chargepipe.domain.targets import PersonTarget
from chargepipe.store.models import Change
from chargepipe.sync.backward import body_of, keys_of, read_whole
from chargepipe.sync.fields import field_map
from chargepipe.sync.gate import UNMADE
from chargepipe.sync.kept import Kept
from chargepipe.sync.missing import find_again, hide, stays_left
from chargepipe.sync.reading import look
from chargepipe.sync.session import Session
from chargepipe.sync.sharers import living_elsewhere, spare
from chargepipe.sync.sharing import others
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

    by_id: Kept[Planned] = field(default_factory=lambda: Kept(_slim))
    by_key: Kept[Planned] = field(default_factory=lambda: Kept(_slim))
    cleared: set[int] = field(default_factory=set)
    """Ids of those whose personal data a change takes away: who shares them is compared anew."""
    going: set[int] = field(default_factory=set)
    """Ids of those that a change deletes."""
    wanted: set[int] = field(default_factory=set)
    """Ids of those that living customers are, or get to be, linked to: nobody deletes them."""

    def turn(self) -> None:
        """A page is planned and stored."""
        self.by_id.turn()
        self.by_key.turn()


def _slim(planned: Planned) -> Planned:
    """Of the change the next one needs only which it is."""
    return replace(planned, change=Change(pk=planned.change.pk))


def set_targets(
    session: Session, works: Sequence[Work], people: People, *, trust: bool = True
) -> None:
    """Compute what each person should hold; equal to what was last written ends the work.

    Not so where a customer before writes the same person: this one has its turn after it (rule 3).
    Nor without `trust`: then every person is compared with what Pipedrive holds (reconcile).
    """
    written = set[int]()  # by a customer before
    people.wanted |= {work.pipedrive_id or 0 for work in works if work.customer.live}
    for work in works:
        work.target = person_target(
            work.customer, work.subscriptions, session.settings, session.site
        )
        if words := stays_left(session, work):
            work.skip(words)
            continue
        work.stands = trust and _stands(session, work) and work.pipedrive_id not in people.cleared
        if not work.stands:
            written.add(work.pipedrive_id or 0)
        elif work.pipedrive_id not in written and str(work.pipedrive_id) not in people.by_id:
            work.outcome = "unchanged"


def _stands(session: Session, work: Work) -> bool:
    """Whether the person was last seen to hold all that it should, and is not known to be gone."""
    link = work.link
    if link is None or link.state or _goes(session, work):
        return False
    return work.target is not None and link.last in _wanted(work, work.target)


def _wanted(work: Work, target: PersonTarget) -> Iterator[dict[str, Any]]:
    """What it should hold; who lives no more may be in no organization (`Plan._stay_without`)."""
    yield target.as_json()
    if not work.customer.live:
        yield replace(target, organization=None, organization_name=None).as_json()


def _goes(session: Session, work: Work) -> bool:
    """Whether the customer's person is to be deleted (setting 4)."""
    return work.customer.deleted and session.settings.deleted_customers == "delete"


def read_held(session: Session, works: Sequence[Work], people: People) -> None:
    """Read the matched people that no earlier change of this run writes: 10 tokens for each 100.

    One that is gone is matched anew, or will be made again; a hidden one fails (rule 4).
    """
    wanted = [
        w for w in works if w.open and w.pipedrive_id and str(w.pipedrive_id) not in people.by_id
    ]
    seen = look(session, "person", [w.pipedrive_id or 0 for w in wanted], carried=True)
    fields = field_map(session, "person")
    lost = []
    for work in wanted:
        row = seen.rows.get(work.pipedrive_id or 0)
        if row is not None:
            work.held, work.read_at = decode_person(row, fields), seen.at[row["id"]]
        elif work.pipedrive_id in seen.hidden:
            hide(work)
        else:
            lost.append(work)
    if lost:
        read_held(session, find_again(session, lost), people)


def change_of(
    session: Session, work: Work, people: People, organization_id: int | None
) -> Change | None:
    """The planned change of a work, None where nothing differs or nothing may be made."""
    assert work.target is not None
    if _goes(session, work) and not _is_flagged(session, work):
        return _deletion(session, work, people)
    ahead = ahead_of(work, people)
    if work.stands and ahead is None:
        work.outcome = "unchanged"
        return None
    if work.pipedrive_id is None and ahead is None and not session.settings.create_people:
        work.skip(UNMADE)
        return None
    held = ahead.held if ahead else work.held
    difference = person_difference(
        work.target,
        held,
        work.wrote,
        session.settings.overwrite,
        organization_id,
        session.settings.policies("person"),
    )
    work.difference = spare(session, work.target, work.pipedrive_id, difference)
    if not work.difference.after and (ahead is None or work.stands):
        work.outcome = "unchanged"
        return None
    change = _row(session, work, ahead)
    _remember(work, people, change, held)
    return change


def ahead_of(work: Work, people: People) -> Planned | None:
    """Its person as an earlier customer's change in this run leaves it, None where none does."""
    if work.pipedrive_id is not None:
        return people.by_id.get(str(work.pipedrive_id))
    if work.makes_new:
        return None
    return next((found for key in work.keys if (found := people.by_key.get(key))), None)


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
        working=_working(session, work),
        read_at=work.read_at or session.env.clock.now(),
    )


def _is_flagged(session: Session, work: Work) -> bool:
    """Whether its person says that it is deleted, and stays for a customer of another connection.

    Where one of its own connection has it, the fields of ours are that one's alone.
    """
    person = work.pipedrive_id
    return bool(person and living_elsewhere(session, person) and not others(session, work))


def _deletion(session: Session, work: Work, people: People) -> Change | None:
    """Delete the person of a deleted customer (setting 4), unless it is a living one's too."""
    if work.pipedrive_id is None:
        work.skip("deleted in Chargebee before it had a person")
    elif work.pipedrive_id in people.wanted or others(session, work):
        work.skip("deleted in Chargebee; its person is another customer's too")
        work.ends = True
    elif work.pipedrive_id in people.going:
        work.skip("deleted in Chargebee; its person is deleted with another customer's")
    if not work.open or work.pipedrive_id is None:
        return None
    people.going.add(work.pipedrive_id)
    looked = read_whole(session, "person", [work.pipedrive_id], one_by_one=True)
    whole = looked.records.get(work.pipedrive_id)
    keys = keys_of(session, [whole]) if whole else {}
    return Change(
        run=session.run,
        connection=session.connection,
        account=session.account,
        action="delete",
        kind="person",
        source_key=work.customer.id,
        pipedrive_id=work.pipedrive_id,
        before=body_of(whole, keys) if whole else {},
        reason="deleted",
        revision=work.record.revision,
        read_at=session.env.clock.now(),
    )


def _working(session: Session, work: Work) -> dict[str, Any]:
    """How the sums of this person came about (rule 17), by field."""
    sums = person_revenues(work.customer, work.subscriptions, session.settings, session.site)
    return {name: revenue.as_json() for name, revenue in sums.items()}


def _remember(work: Work, people: People, change: Change, held: HeldPerson | None) -> None:
    assert work.difference is not None
    planned = Planned(after_difference(held, work.difference), change, change.pipedrive_id)
    if change.pipedrive_id is not None:
        people.by_id[str(change.pipedrive_id)] = planned
        if work.customer.pii_cleared:
            people.cleared.add(change.pipedrive_id)
    for key in work.keys:
        people.by_key[key] = planned
