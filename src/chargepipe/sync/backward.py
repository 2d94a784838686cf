"""Backward: what takes one written change back, against what Pipedrive holds now (rule 12).

The rules are domain.inverse; here are the facts: the whole record with every custom field of the
account, who works on it, and what we wrote on it later.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias, cast

from chargepipe.domain.diff import Difference
from chargepipe.domain.held import (
    FieldMap,
    KnownField,
    decode_organization,
    decode_person,
    encode,
)
from chargepipe.domain.held_deal import DEAL_NAMES, decode_deal, encode_deal
from chargepipe.domain.inverse import Held, Inverse, edited_since, update_inverse, values_of
from chargepipe.domain.values import JSON
from chargepipe.pipedrive import Entity
from chargepipe.store.models import Change, Link
from chargepipe.sync.fields import field_map
from chargepipe.sync.joining import JOINED
from chargepipe.sync.newcomers import beginning
from chargepipe.sync.reading import Seen, confirm, look
from chargepipe.sync.session import Session

ATTRIBUTES = ("owner_id", "visible_to", "label_ids")
"""What a record has besides its fields: a record that is made again gets it again."""
BUILT_IN = frozenset({"name", "emails", "phones", "organization"})
FILLED = (
    *("label_ids", "picture_id", "postal_address", "notes", "im", "birthday", "job_title"),
    *("address", "website", "linkedin", "industry", "annual_revenue", "employee_count"),
    "probability",
)
"""Attributes that we do not write: a record on which one is filled was worked on."""
_COMMON = {
    "deals": ("open_deals_count", "closed_deals_count"),
    "activities": ("activities_count",),
    "notes": ("notes_count",),
    "files": ("files_count",),
    "mails": ("email_messages_count",),
}
WORK: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "person": {
        **_COMMON,
        "deals": (
            *_COMMON["deals"],
            *("participant_open_deals_count", "participant_closed_deals_count"),
        ),
    },
    "organization": {**_COMMON, "people": ("people_count",)},
    "deal": {name: figures for name, figures in _COMMON.items() if name != "deals"}
    | {"products": ("products_count",)},
}
"""What hangs on a record, by the word that the user reads, as `include_fields` names it."""


Keys: TypeAlias = Mapping[tuple[str, int], str]
"""Source keys of people and organizations, by kind and id."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A living record with all that it holds."""

    entity: Entity
    row: dict[str, Any] = field(repr=False)
    values: dict[str, JSON] = field(repr=False)
    """By the names that a Change uses; fields that are not ours by their own names."""


def whole_fields(session: Session, entity: Entity) -> FieldMap:
    """Every custom field of the account: ours by our names, all others by their own."""
    ours = field_map(session, entity)
    codes = {known.code for known in ours.fields.values()}
    fields = dict(ours.fields)
    for row in session.account.fields.get(entity, ()):
        if row["code"] not in codes:
            name = row["code"] if row["name"] in fields else row["name"]
            fields[name] = KnownField(row["code"], row["type"], row["options"])
    return FieldMap(fields, ours.zero_decimal)


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found of records; one that is in neither is gone."""

    records: dict[int, Whole]
    hidden: set[int]


def read_whole(
    session: Session, entity: Entity, ids: Collection[int], *, one_by_one: bool = False
) -> Looked:
    """Read records with all that they hold: 10 tokens for each 100.

    `one_by_one` costs a token each and is never late, as a list may be.
    """
    figures = [name for names in WORK[entity].values() for name in names]
    if one_by_one:
        seen = Seen()
        for pipedrive_id in sorted(set(ids)):
            confirm(session, entity, pipedrive_id, seen, figures)
    else:
        seen = look(session, entity, ids, include=figures)
    fields = whole_fields(session, entity)
    whole = {pid: as_whole(entity, row, fields) for pid, row in seen.rows.items()}
    return Looked(whole, seen.hidden)


def as_whole(entity: Entity, row: dict[str, Any], fields: FieldMap) -> Whole:
    """A record of Pipedrive's JSON that holds every custom field."""
    return Whole(entity, row, values_of(_DECODERS[entity](row, fields)))


_DECODERS: Mapping[Entity, Callable[[dict[str, Any], FieldMap], Held]] = {
    "person": decode_person,
    "organization": decode_organization,
    "deal": decode_deal,
}


def way_back(session: Session, change: Change, row: dict[str, Any]) -> Inverse:
    """What an undo's planned change still has to write, now that Pipedrive holds `row`.

    Where it makes a record again, or follows one that does, nothing is left once that stands.
    """
    assert change.reverts is not None
    entity: Any = change.kind
    whole = as_whole(entity, row, whole_fields(session, entity))
    return back(change.reverts, whole.values, change.kept)


def encode_back(kind: str, after: Mapping[str, JSON], fields: FieldMap) -> dict[str, Any]:
    """The body that writes an undo's values; custom fields that are gone by now are left out."""
    attributes = {name: after[name] for name in ATTRIBUTES if name in after}
    own, encoded = (DEAL_NAMES, encode_deal) if kind == "deal" else (BUILT_IN, encode)
    known = {name: value for name, value in after.items() if name in own or name in fields.fields}
    return encoded(known, fields) | attributes


def back(change: Change, now: Mapping[str, JSON], theirs: Collection[str] = ()) -> Inverse:
    """What takes a written update back; nothing is left to do for another whose record stands.

    `theirs` are fields that stay, for somebody else wrote them last.
    """
    if change.action != "update":
        return Inverse(Difference())
    return update_inverse(change.before, change.after, now, theirs)


def body_of(record: Whole, keys: Keys) -> dict[str, JSON]:
    """All that is needed to make the record again; `keys` are those of what it joins."""
    values = {name: value for name, value in record.values.items() if value not in (None, [], "")}
    for kind in JOINED[record.entity]:
        held = cast(Mapping[str, int] | None, values.get(kind))
        if held is not None:
            values[kind] = {"key": keys.get((kind, held["id"])), "id": held["id"]}
    attributes = {name: record.row.get(name) for name in ATTRIBUTES}
    return {**values, **{name: value for name, value in attributes.items() if value}}


def keys_of(session: Session, records: Iterable[Whole]) -> Keys:
    """The source keys of the linked people and organizations that these records join."""
    records = list(records)
    found: dict[tuple[str, int], str] = {}
    for kind, attribute in (("person", "person_id"), ("organization", "org_id")):
        ids = {record.row.get(attribute) for record in records} - {None}
        rows = Link.objects.filter(
            connection=session.connection, kind=kind, pipedrive_id__in=list(ids)
        )
        pairs = rows.order_by("-pk").values_list("pipedrive_id", "source_key")
        found |= {(kind, pipedrive_id): key for pipedrive_id, key in pairs}
    return found


def worked_on(
    session: Session,
    record: Whole,
    making: Change,
    *,
    undone: Collection[str],
    leaving: Mapping[str, int] | None = None,
) -> tuple[str, ...]:
    """Why a record that we made stays, in words; empty when nobody but us has worked on it.

    What we wrote on it later is ours as well. `undone` are the source keys that are taken back
    along with it, `leaving` how many people and deals leave it in the same run, by their word.
    """
    wrote = _written_since(session, making, record.row["id"])
    edited = edited_since(wrote, record.values)
    filled, hanging = _filled(session, record, wrote), _hanging(record, leaving or {})
    archived = ("archived",) if record.row.get("is_archived") else ()  # we never do that
    return (*edited, *filled, *hanging, *archived, *_linked(making, record, undone))


def _written_since(session: Session, making: Change, pipedrive_id: int) -> dict[str, JSON]:
    """What the record holds if only we have written on it: the create and all that came after."""
    rows = Change.objects.filter(
        connection=making.connection,
        kind=making.kind,
        pipedrive_id=pipedrive_id,
        state="written",
        pk__gt=making.pk,
    ).exclude(action="delete")
    began = beginning(session, making.kind) if making.adopted else {}
    wrote: dict[str, JSON] = {**began, **making.after}
    for after in rows.order_by("pk").values_list("after", flat=True):
        wrote |= after
    return wrote


def _filled(session: Session, record: Whole, wrote: Mapping[str, JSON]) -> tuple[str, ...]:
    """Attributes that somebody else filled; a custom field that is newer than our list, too."""
    known = {each.code for each in whole_fields(session, record.entity).fields.values()}
    custom: Mapping[str, Any] = record.row.get("custom_fields") or {}
    strange = any(value not in (None, "") for code, value in custom.items() if code not in known)
    found = [
        name for name in FILLED if record.row.get(name) and record.row[name] != wrote.get(name)
    ]
    owner = record.row.get("owner_id")
    if owner not in (None, wrote.get("owner_id", session.user_id)):
        found.append("owner")
    return (*found, *(("a new custom field",) if strange else ()))


def _hanging(record: Whole, leaving: Mapping[str, int]) -> tuple[str, ...]:
    """What hangs on it: deals, activities, notes, files, mails; on an organization people."""
    found: list[str] = []
    for word, figures in WORK[record.entity].items():
        number = sum(int(record.row.get(name) or 0) for name in figures)
        if number > leaving.get(word, 0):
            found.append(word)
    return tuple(found)


def _linked(making: Change, record: Whole, undone: Collection[str]) -> tuple[str, ...]:
    """Whether it is the record of others, who are not taken back along with it."""
    links = Link.objects.filter(
        connection__account=making.account, kind=making.kind, pipedrive_id=record.row["id"]
    )
    others = links.exclude(connection_id=making.connection_id, source_key__in=undone)
    return ("a link of another",) if others.exists() else ()
