"""Clear: plan what takes all that we wrote off people, organizations and deals (unlink --clear).

It is a run of changes like any other: it asks first, survives a crash, stands in the journal and
can be undone. Links stay, so that a connection that is linked again makes no duplicates.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from django.db.models import QuerySet

from chargepipe.domain.brake import Reason
from chargepipe.domain.clearing import deal_clearing, organization_clearing, person_clearing
from chargepipe.domain.diff import Difference
from chargepipe.domain.held import decode_organization, decode_person
from chargepipe.domain.held_deal import decode_deal
from chargepipe.domain.sparing import spared
from chargepipe.domain.targets import OrganizationTarget, PersonTarget
from chargepipe.pipedrive import Entity
from chargepipe.store.models import Change, Link, Record
from chargepipe.sync.brakes import COUNTED
from chargepipe.sync.deal_now import before_of
from chargepipe.sync.fields import discover, field_map
from chargepipe.sync.linked import Linked
from chargepipe.sync.plan import store
from chargepipe.sync.reading import read
from chargepipe.sync.remembered import forget
from chargepipe.sync.session import Session
from chargepipe.sync.sharers import staying, wanted
from chargepipe.sync.waking import keyed
from chargepipe.sync.work import wrote

KINDS: Final[tuple[Entity, ...]] = ("person", "organization", "deal")
PAGE = 200


def plan(session: Session) -> None:
    """Plan to empty what we wrote on each linked record: 10 tokens for each 100."""
    discover(session)
    for kind in KINDS:
        ahead: dict[int, tuple[Change, dict[str, Any]]] = {}
        for links in _pages(_links(session, kind)):
            _plan_page(session, kind, links, ahead)
            session.pulse()


def questions(session: Session) -> list[Reason]:
    """What is asked before the first write; nothing where nothing is to be cleared."""
    changes = session.run.changes.filter(state__in=COUNTED)
    planned = changes.filter(state="planned")
    if not planned.exists():
        return []
    number = {kind: _records(planned, kind) for kind in KINDS}
    counted = f"{number['person']} people and {number['organization']} organizations"
    if number["deal"]:
        counted += f" and {number['deal']} deals"
    in_all = sum(_records(changes, kind) for kind in KINDS)
    return [Reason("clear", in_all, f"would take all that chargepipe wrote off {counted}")]


def _records(changes: QuerySet[Change], kind: Entity) -> int:
    return changes.filter(kind=kind).values("pipedrive_id").distinct().count()


def clearing_now(
    session: Session, change: Change, row: Mapping[str, Any], links: Linked
) -> Difference:
    """What is still to be cleared of a record that Pipedrive holds as `row`."""
    kind: Any = change.kind
    link = links.get((kind, change.source_key))
    theirs = _theirs(session, kind, {row["id"]}).get(row["id"], ())
    return _difference(session, kind, link, row, theirs)


def _difference(
    session: Session,
    kind: Entity,
    link: Link | None,
    row: Mapping[str, Any],
    theirs: Iterable[PersonTarget],
) -> Difference:
    """What to take off; not what customers that stay want on the same person (`theirs`)."""
    fields = field_map(session, kind)
    if kind == "person":
        ours = link.ours if link else {}
        return spared(person_clearing(decode_person(row, fields), wrote(link), ours), theirs)
    if kind == "deal":
        return deal_clearing(decode_deal(row, fields), before_of(link).last)
    last = OrganizationTarget.from_json(link.last) if link and link.last else None
    return organization_clearing(decode_organization(row, fields), last)


def _theirs(
    session: Session, kind: Entity, ids: Collection[int]
) -> Mapping[int, Sequence[PersonTarget]]:
    """What customers that stay want on these people, by person."""
    return wanted(session, staying(session, ids)) if kind == "person" else {}


def _links(session: Session, kind: Entity) -> QuerySet[Link]:
    """All links; where the run names business entities, those of their customers alone.

    An organization that customers of another entity share is not among them.
    """
    links = Link.objects.filter(connection=session.connection, kind=kind)
    if not session.run.only:
        return links
    customers = Record.objects.filter(connection=session.connection, kind="customer")
    leaving = customers.filter(attributes__business_entity_id__in=session.run.only)
    if kind == "person":
        return links.filter(source_key__in=leaving.values("source_id"))
    if kind == "deal":
        owned = keyed(session.connection).filter(customer_id__in=leaving.values("source_id"))
        return links.filter(source_key__in=owned.values("key"))
    staying = customers.exclude(pk__in=leaving.values("pk")).values("company_key")
    return links.filter(source_key__in=leaving.values("company_key")).exclude(
        source_key__in=staying
    )


def _pages(links: QuerySet[Link]) -> Iterator[list[Link]]:
    after = 0
    while page := list(links.filter(pk__gt=after).order_by("pk")[:PAGE]):
        yield page
        after = page[-1].pk


def _plan_page(
    session: Session,
    kind: Entity,
    links: list[Link],
    ahead: dict[int, tuple[Change, dict[str, Any]]],
) -> None:
    """One change a link: customers that share a person may each have an email of theirs on it."""
    rows = read(session, kind, {link.pipedrive_id for link in links})
    theirs = _theirs(session, kind, rows)
    changes: list[Change] = []
    bare: list[str] = []
    for link in links:
        before = ahead.get(link.pipedrive_id)
        row = before[1] if before else rows.get(link.pipedrive_id)
        wishes = theirs.get(link.pipedrive_id, ())
        difference = _difference(session, kind, link, row, wishes) if row else Difference()
        if row is None or not difference:
            bare.append(link.source_key)
            continue
        change = _change(session, link, difference, before[0] if before else None)
        ahead[link.pipedrive_id] = change, _after(session, kind, row, difference)
        changes.append(change)
    with session.commit():
        store(changes)
        forget(session.connection, kind, bare)


def _after(
    session: Session, kind: Entity, row: Mapping[str, Any], difference: Difference
) -> dict[str, Any]:
    """The record as it will be, for the next customer that shares it."""
    codes = {name: known.code for name, known in field_map(session, kind).fields.items()}
    custom = {codes[name]: None for name in difference.after if name in codes}
    lists = {
        name: difference.after[name] for name in ("emails", "phones") if name in difference.after
    }
    return {**row, **lists, "custom_fields": {**(row.get("custom_fields") or {}), **custom}}


def _change(session: Session, link: Link, difference: Difference, follows: Change | None) -> Change:
    return Change(
        run=session.run,
        connection=session.connection,
        account=session.account,
        action="update",
        kind=link.kind,
        source_key=link.source_key,
        pipedrive_id=link.pipedrive_id,
        before=dict(difference.before),
        after=dict(difference.after),
        reason="clear",
        follows=follows,
        read_at=session.env.clock.now(),
    )
