"""Going back: whom an undo's records joined before, and whether they are there to be joined."""

from collections.abc import Collection, Mapping, Sequence

from chargepipe.domain.erasure import is_erased
from chargepipe.store.models import Change, Link
from chargepipe.sync.joining import JOINED, Ids, joins, place, take_out, under_way
from chargepipe.sync.reading import look
from chargepipe.sync.session import Session

REPLACED = "another record has taken its place since"


def replaced(
    session: Session, page: Sequence[Change], there: Mapping[int, Sequence[int]]
) -> Collection[int]:
    """What an undo would make again though another record stands for it, by the change.

    That one was matched since, and carries the mark. It is not of this undo's making: taken for
    that, it would be deleted when this undo is undone.
    """
    again = {change.pk: change.source_key for change in page if change.reverts_id is not None}
    rows = Link.objects.filter(
        connection=session.connection, kind=page[0].kind, source_key__in=list(again.values())
    )
    linked = dict(rows.values_list("source_key", "pipedrive_id"))
    return {pk for pk, key in again.items() if linked.get(key) in there.get(pk, ())}


def away(session: Session, page: Sequence[Change], ids: Ids) -> Collection[tuple[str, int]]:
    """Whom an undo's records would go back to and who is not to be seen, by kind and id."""
    if page[0].reverts_id is None:
        return frozenset()
    befores = (change.reverts.before if change.reverts else {} for change in page)
    rows = [*befores, *(change.after for change in page)]
    gone = set[tuple[str, int]]()
    for kind in JOINED[page[0].kind]:
        wanted = [row[kind] for row in rows if row.get(kind) and not is_erased(row[kind])]
        found = {ids.get((kind, each["key"] or ""), each["id"]) for each in wanted} - {None}
        seen = look(session, kind, found)
        gone |= {(kind, pipedrive_id) for pipedrive_id in seen.gone | seen.hidden}
    return gone


def made_again(session: Session, page: Sequence[Change]) -> set[tuple[str, str]]:
    """The people and companies whose record this very undo makes again, and that do not stand."""
    if page[0].reverts_id is None:
        return set()
    keys = {pair for change in page for pair in joins(change)}
    return {
        (kind, key)
        for kind in JOINED[page[0].kind]
        for key in under_way(session, kind, {k for of, k in keys if of == kind}, ["create"])
    }


def leave_out(change: Change, ids: Ids, gone: Collection[tuple[str, int]]) -> None:
    """Nothing can go back to what is gone: the present one stays, and is named."""
    for kind in JOINED[change.kind]:
        if change.after.get(kind) and (kind, place(change, kind, ids)) in gone:
            take_out(change, kind)
            change.kept = [*change.kept, kind]
