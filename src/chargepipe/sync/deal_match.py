"""Which deal is this subscription or invoice? The rule is domain.matching; here are its facts."""

from collections.abc import Collection, Sequence

from chargepipe.domain.codes import ALIKE_DEALS, DUPLICATE_MARK
from chargepipe.domain.keys import amount_key
from chargepipe.domain.matching import Ambiguous, Left, Matched, match_deal
from chargepipe.domain.money import Money, to_wire
from chargepipe.domain.validation import Finding
from chargepipe.store.models import Change, Link
from chargepipe.sync import index
from chargepipe.sync.deal_work import DealWork
from chargepipe.sync.fields import index_codes
from chargepipe.sync.freshness import fresh_index
from chargepipe.sync.marks import marked_deals
from chargepipe.sync.missing import LEFT, refresh_without
from chargepipe.sync.session import Session
from chargepipe.sync.work import MAKE_NEW


def match(session: Session, works: Sequence[DealWork]) -> None:
    """Give each work its deal where there is one; what leads to several, or to none, ends here.

    The index is brought up to date only for those without a link.
    """
    unlinked = [work for work in works if work.link is None]
    if unlinked:
        fresh_index(session, "deal")
    marked = marked_deals(session, session.connection, [work.key for work in unlinked])
    alike = _alike(session, [work for work in unlinked if not any(marked[work.key])])
    for work in works:
        living, deleted = marked.get(work.key, ([], []))
        found = match_deal(
            work.link.pipedrive_id if work.link else None,
            living,
            deleted,
            alike.get(work.key, ()),
            make_new=work.record.decision == MAKE_NEW,
        )
        if isinstance(found, Matched):
            work.pipedrive_id, work.reason = found.pipedrive_id, found.reason
        elif isinstance(found, Left):
            leave(work, found.pipedrive_id)
        elif isinstance(found, Ambiguous):
            code = DUPLICATE_MARK if found.reason == "mark" else ALIKE_DEALS
            work.fail(Finding.of(code, work.key, kind="deal", candidates=found.candidates))


def find_again(session: Session, lost: Sequence[DealWork]) -> list[DealWork]:
    """Of works whose deal is gone those that another deal carries the mark of: it was merged.

    The winner of a merge is adopted, for it was somebody's. All others are left.
    """
    fresh = [work for work in lost if work.link is None or work.link.state != LEFT]
    if fresh:
        refresh_without(session, "deal", [work.pipedrive_id or 0 for work in lost])
    marked = marked_deals(session, session.connection, [work.key for work in fresh])
    for work in lost:
        living, _ = marked.get(work.key, ([], []))
        if len(living) == 1:
            work.link, work.pipedrive_id, work.reason = None, living[0], "mark"
        else:
            leave(work, work.pipedrive_id or 0)
    return [work for work in lost if work.open]


def leave(work: DealWork, pipedrive_id: int) -> None:
    """Its deal was deleted, or turned into a lead: it is not made again (rule 4)."""
    work.gone = pipedrive_id
    work.skip("its deal was deleted in Pipedrive, and is not made again")


def alike(session: Session, change: Change) -> dict[str, list[int]]:
    """The deals of the person and amount that a create writes, without a mark, by that key."""
    person, value = change.after.get("person") or {}, change.after.get("value") or {}
    if not person.get("id") or "amount" not in value:
        return {}
    money = Money(value["amount"], value["currency"])
    key = _amount(session.on(change), person["id"], money)
    return _without_mark(session, index.lookup(session, "deal", "amount", [key]))


def _alike(session: Session, works: Sequence[DealWork]) -> dict[str, list[int]]:
    """By source key the deals that no record has, of the same person and amount."""
    keys = {
        work.key: _amount(session, work.person.pipedrive_id, work.target.value)
        for work in works
        if work.person and work.target and work.target.value and work.target.value.amount
    }
    found = _without_mark(session, index.lookup(session, "deal", "amount", list(keys.values())))
    taken = _linked(session, {deal for deals in found.values() for deal in deals})
    left = {
        key: [deal for deal in found.get(own, ()) if deal not in taken] for key, own in keys.items()
    }
    return {key: deals for key, deals in left.items() if deals}


def _amount(session: Session, person: int, money: Money) -> str:
    wire = to_wire(money, session.settings.zero_decimal)
    return amount_key(person, wire["value"], wire["currency"])


def _without_mark(session: Session, found: dict[str, list[int]]) -> dict[str, list[int]]:
    ids = {deal for deals in found.values() for deal in deals}
    marked = set[int]()
    for code in index_codes(session, "deal"):
        marked |= index.having(session, "deal", code, ids)
    return {key: [deal for deal in deals if deal not in marked] for key, deals in found.items()}


def _linked(session: Session, deals: Collection[int]) -> set[int]:
    """Those that a link of the account leads to, whoever wrote their mark away."""
    rows = Link.objects.filter(
        connection__account=session.account, kind="deal", pipedrive_id__in=list(deals)
    )
    return set(rows.values_list("pipedrive_id", flat=True))
