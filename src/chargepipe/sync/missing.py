"""Missing: what became of a person that is no longer where its link leads (rule 4).

Merged: the link moves to the winner of the merge, which carries our mark now. Gone: it is matched
or made again, or left. Hidden: nothing is made, and an error stands until it is seen again.
"""

from collections.abc import Collection, Sequence

from chargepipe.domain.codes import HIDDEN_PERSON
from chargepipe.domain.matching import Matched, NotFound
from chargepipe.domain.records import Customer
from chargepipe.domain.validation import NOT_MADE_AGAIN, Finding, left_gone, stopped_by_match
from chargepipe.pipedrive import Entity
from chargepipe.store.models import Link
from chargepipe.sync import index
from chargepipe.sync.fields import index_codes
from chargepipe.sync.marks import marked_people
from chargepipe.sync.match import match
from chargepipe.sync.session import Session
from chargepipe.sync.sharing import give_way_to_linked
from chargepipe.sync.work import Work

MISSING, HIDDEN, LEFT = "missing", "hidden", "left"
"""States of a Link: its record may be gone and was not looked for yet; its person is not for our
eyes; it is gone and shall stay so."""


def hide(work: Work) -> None:
    """The person is there, but not for the connecting user: an error, and nothing is made."""
    work.fail(Finding.of(HIDDEN_PERSON, work.customer.id, person=work.pipedrive_id))
    work.link_state = HIDDEN


def stays_left(session: Session, work: Work) -> str | None:
    """Why a person that was left gone is not asked for again, None where it is.

    It is when the customer was modified in a way that its person would show.
    """
    assert work.target is not None
    link = work.link
    if link is None or link.state != LEFT or link.last != work.target.as_json():
        return None
    return why_left(session, work.customer)


def why_left(session: Session, customer: Customer) -> str | None:
    """Why a customer whose person is gone, and that nobody else matches, gets no other one."""
    words = left_gone(customer, session.settings)
    return words or (None if session.settings.create_people else NOT_MADE_AGAIN)


def refresh_without(session: Session, entity: Entity, gone: Sequence[int]) -> None:
    """Bring the index up to date; a list may lag and still show what is gone for certain."""
    index.refresh(session, entity, index_codes(session, entity))
    session.refreshed.add(entity)
    with session.commit():
        index.forget(session, entity, gone)


def find_again(session: Session, lost: Sequence[Work]) -> list[Work]:
    """Say of each work whose person is gone where it is now; the found ones are to be read again.

    The index is walked anew first, for a merge may be younger than its last walk.
    """
    refresh_without(session, "person", [work.pipedrive_id or 0 for work in lost])
    _follow_merges(session, [work for work in lost if work.link is not None])
    rest = [work for work in lost if work.moved_from is None]
    for work in rest:
        work.lost, work.link, work.pipedrive_id, work.reason = work.link, None, None, ""
        words = left_gone(work.customer, session.settings)
        if work.lost is not None and words:
            leave(work, words)
    again = [work for work in rest if work.open]
    match(session, again)
    for work in again:
        _judge(session, work)
    give_way_to_linked(session, [work for work in lost if work.open])
    return [work for work in lost if work.open]


def _judge(session: Session, work: Work) -> None:
    if blocking := stopped_by_match(work.customer, work.match):
        work.fail(blocking)
        return
    words = why_left(session, work.customer)
    if words and work.lost is not None and isinstance(work.match, NotFound):
        leave(work, words)


def leave(work: Work, words: str) -> None:
    """Nothing is made for a customer whose person was deleted; its link remembers that."""
    work.skip(words)
    work.link_state = LEFT


def dealt_with(session: Session, customers: Collection[str]) -> None:
    """Count with the run whose missing people are left gone or made again, as that is settled."""
    links = Link.objects.filter(connection=session.connection, kind="person", state=MISSING)
    if number := links.filter(source_key__in=customers).count():
        session.run.missing += number
        session.run.save(update_fields=["missing"])


def _follow_merges(session: Session, works: Sequence[Work]) -> None:
    """Move those whose mark another living person carries now, with all who shared the lost one."""
    marked = marked_people(session, session.connection, [work.customer.id for work in works])
    winners: dict[int, set[int]] = {}
    for work in works:
        winners.setdefault(work.pipedrive_id or 0, set()).update(marked.get(work.customer.id, ()))
    for work in works:
        own = marked.get(work.customer.id) or sorted(winners[work.pipedrive_id or 0])
        if len(own) == 1:
            work.moved_from, work.pipedrive_id = work.pipedrive_id, own[0]
            work.match, work.reason = Matched(own[0], "mark"), "mark"
