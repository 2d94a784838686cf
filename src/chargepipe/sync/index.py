"""Keep the index fresh by walking Pipedrive's lists, and look ids up by key."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Literal, TypeAlias

from django.db import transaction

from chargepipe.domain.keys import amount_key, company_key, email_key, phone_keys, text_key
from chargepipe.http import BadRecord
from chargepipe.pipedrive import Entity, Which, costs
from chargepipe.store.columns import insert_rows
from chargepipe.store.models import IndexKey, IndexRecord, IndexState
from chargepipe.sync.budget import keep_walk_to_budget
from chargepipe.sync.session import Session, slices

# Lists are read again this far back: clocks differ, and a list may lag behind a write.
OVERLAP = timedelta(minutes=10)
AT_ONCE = 50_000
"""Rows that one commit takes off the index."""
ALWAYS: Final[Mapping[Entity, Sequence[str]]] = {"deal": ("products_count",)}
"""Figures without which a record cannot be compared: products lock a deal's value."""

Shelf: TypeAlias = Literal["person", "organization", "deal", "archived deal", "deleted deal"]
"""What one list of Pipedrive's shows; deals are in one of three."""
SHELVES: Final[Mapping[Entity, Mapping[Shelf, Which]]] = {
    "person": {"person": "current"},
    "organization": {"organization": "current"},
    "deal": {"deal": "current", "archived deal": "archived", "deleted deal": "deleted"},
}
ENTITY_OF: Final[Mapping[Shelf, Entity]] = {
    shelf: entity for entity, shelves in SHELVES.items() for shelf in shelves
}


def refresh(
    session: Session, entity: Entity, codes: Collection[str], *, complete: bool = False
) -> None:
    """Bring the index of one entity up to date: 10 tokens for each 500 records that moved.

    Of deals the archived (20 tokens) and the deleted ones too, for they carry our marks as well.
    `complete` walks all records, which also shows which are no longer there.

    `codes` are the custom fields whose values must be findable. A code that the index has
    not seen before asks for a complete walk; else only what was updated since the last one.
    A walk that was interrupted, or paused for want of tokens, goes on from its cursor; from its
    start where Pipedrive no longer takes that.
    """
    for shelf in SHELVES[entity]:
        _refresh(session, shelf, codes, complete=complete)


def _refresh(session: Session, shelf: Shelf, codes: Collection[str], *, complete: bool) -> None:
    state, _ = IndexState.objects.get_or_create(account=session.account, entity=shelf)
    if complete and state.since is not None:
        state.cursor = ""  # a stored walk of what moved is not what is asked for
    resumed = bool(state.cursor)
    if not resumed:
        _begin(session, state, codes, complete=complete)
    try:
        _walk(session, shelf, state)
    except BadRecord:
        if not resumed:
            raise
        # Pipedrive no longer knows the stored cursor: the same walk again, from its start.
        state.cursor = ""
        _walk(session, shelf, state)
    if resumed:
        # What moved behind the old cursor meanwhile.
        _begin(session, state, codes, complete=False)
        _walk(session, shelf, state)


def _walk(session: Session, shelf: Shelf, state: IndexState) -> None:
    entity = ENTITY_OF[shelf]
    keep_walk_to_budget(session, _price(shelf))
    since = state.since - OVERLAP if state.since else None
    # Not every figure of a deal that a comparison needs is told of archived ones.
    carried = session.carried.get(entity) if shelf == entity else None
    codes = [*state.codes, *(carried.codes if carried else ())]
    pages = session.pipedrive.pages(
        entity,
        which=SHELVES[entity][shelf],
        updated_since=since,
        custom_fields=codes,
        include=ALWAYS.get(entity, ()) if carried else (),
        cursor=state.cursor or None,
    )
    for page in session.iterate(pages):
        with session.commit():
            store(session, shelf, page.rows, state.codes)
            state.cursor = page.next or ""
            if not state.cursor:
                state.since = state.walk_started
            state.save()
        if carried:
            carried.note(page.rows)
        session.pulse()
        if state.cursor:
            keep_walk_to_budget(session, _price(shelf))


def _price(shelf: Shelf) -> int:
    """Tokens of a page."""
    return (costs.ARCHIVED_DEALS if shelf == "archived deal" else costs.LIST[ENTITY_OF[shelf]]).cost


def _begin(session: Session, state: IndexState, codes: Collection[str], *, complete: bool) -> None:
    wanted = sorted({*state.codes, *codes})
    if complete or wanted != state.codes or state.since is None:
        with session.commit():
            state.codes, state.since = wanted, None
            state.save()
        session.refreshed.add(whole(state.entity))
        _empty(session, state.entity)
    with session.commit():
        state.walk_started = session.pipedrive_now()
        state.save()


def whole(shelf: str) -> str:
    """What `session.refreshed` holds once all of a shelf has been walked, or is about to be."""
    return f"all of {shelf}"


def _empty(session: Session, shelf: str) -> None:
    """In several commits: that of a million records would keep all others from writing."""
    for table in (IndexKey, IndexRecord):
        rows = table.objects.filter(account=session.account, entity=shelf)
        gone = AT_ONCE
        while gone == AT_ONCE:
            with session.commit():
                gone, _ = rows.filter(pk__in=rows.values("pk")[:AT_ONCE]).delete()


def store(
    session: Session, shelf: Shelf, rows: Iterable[Mapping[str, Any]], codes: Iterable[str]
) -> None:
    """Put records as Pipedrive showed them into the index, in place of what it held of them.

    A list may tell of deleted ones too (docs/reference/assumptions.md); they are taken off, but
    for deals: a deleted one that carries a mark is not made again. Of a record that is there
    twice, written for two companies, the last row counts.
    """
    rows = list({row["id"]: row for row in rows}.values())
    forget(session, ENTITY_OF[shelf], [row["id"] for row in rows])
    if shelf != "deleted deal":
        rows = [row for row in rows if row.get("is_deleted") is not True]
    base = session.account.pk, shelf
    insert_rows(
        IndexRecord,
        ("account_id", "entity", "pipedrive_id", "name", "added_at"),
        [(*base, row["id"], _name(row), _time(row.get("add_time"))) for row in rows],
    )
    insert_rows(
        IndexKey,
        ("account_id", "entity", "pipedrive_id", "field", "value"),
        [
            (*base, row["id"], field, value[:300])
            for row in rows
            for field, value in keys_of(ENTITY_OF[shelf], row, codes)
        ],
    )


def _name(row: Mapping[str, Any]) -> str:
    return str(row.get("name") or row.get("title") or "")[:255]


def keys_of(entity: Entity, row: Mapping[str, Any], codes: Iterable[str]) -> set[tuple[str, str]]:
    """Every (field, key) by which this record can be found."""
    if entity == "organization":
        found = {("name", company_key(str(row.get("name") or "")))}
    elif entity == "deal":
        found = {("amount", _amount(row))}
    else:
        found = {("email", email_key(str(e.get("value") or ""))) for e in row.get("emails") or ()}
        for phone in row.get("phones") or ():
            found |= {("phone", key) for key in phone_keys(str(phone.get("value") or ""), None)}
    custom = row.get("custom_fields") or {}
    for code in codes:
        value = str(custom.get(code) or "").strip()
        found |= {(code, value), (folded(code), text_key(value))}
        found |= {(joined(code), part.strip()) for part in value.split(",") if "," in value}
    return {(field, key) for field, key in found if key}


def _amount(row: Mapping[str, Any]) -> str:
    """Of a deal without a person or an amount nothing tells whose it may be."""
    person, value = row.get("person_id"), row.get("value")
    return amount_key(person, value, str(row.get("currency"))) if person and value else ""


def folded(code: str) -> str:
    """Under which name the index keeps a custom field case-folded, for keys; marks are exact."""
    return f"{code}~"


def joined(code: str) -> str:
    """Under which name the index keeps the parts of "id1, id2": a merge of records joins texts."""
    return f"{code},"


def forget(session: Session, entity: Entity, ids: Collection[int]) -> None:
    """Drop records from the index: they are gone, or about to be stored anew."""
    where = {
        "account": session.account,
        "entity__in": list(SHELVES[entity]),
        "pipedrive_id__in": list(ids),
    }
    with transaction.atomic():
        IndexKey.objects.filter(**where).delete()
        IndexRecord.objects.filter(**where).delete()


def lookup(
    session: Session, entity: Shelf, field: str, values: Collection[str]
) -> dict[str, list[int]]:
    """The ids of the records that hold each value in `field`; values without any are left out."""
    found: dict[str, list[int]] = defaultdict(list)
    for some in slices(sorted(set(values))):
        rows = IndexKey.objects.filter(
            account=session.account, entity=entity, field=field, value__in=some
        ).values_list("value", "pipedrive_id")
        for value, pipedrive_id in rows:
            found[value].append(pipedrive_id)
    return {value: sorted(set(ids)) for value, ids in found.items()}


def names(session: Session, entity: Shelf, ids: Collection[int]) -> list[dict[str, Any]]:
    """Candidates for a person to choose from: id and name, lowest id first."""
    rows = IndexRecord.objects.filter(
        account=session.account, entity=entity, pipedrive_id__in=list(ids)
    ).order_by("pipedrive_id")
    return [{"id": row.pipedrive_id, "name": row.name} for row in rows]


def _time(text: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        return None


def having(session: Session, entity: Shelf, field: str, ids: Collection[int]) -> set[int]:
    """Those of `ids` that hold anything in `field`."""
    rows = IndexKey.objects.filter(
        account=session.account, entity=entity, field=field, pipedrive_id__in=list(ids)
    )
    return set(rows.values_list("pipedrive_id", flat=True))
