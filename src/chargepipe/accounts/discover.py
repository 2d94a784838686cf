"""Discover: what the account holds beside its records, and how much it may hold."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from chargepipe.domain.account_fields import find
from chargepipe.domain.fields import FieldSpec, wanted
from chargepipe.domain.quota import Room, plan_of
from chargepipe.domain.settings import Settings
from chargepipe.pipedrive import Entity, Field, Pipedrive

ENTITIES: Final[tuple[Entity, ...]] = ("person", "organization", "deal")
LABEL_FIELDS = frozenset({"label", "label_ids"})
"""The built-in field of a person whose options are its labels (pipedrive-api.md section 12)."""
MOST_PAGES = 4


async def read_fields(target: Pipedrive, only: Collection[Entity]) -> dict[str, Any]:
    """The custom fields of these entities as rows, and with people their labels (name to id).

    10 tokens an entity.
    """
    found: dict[str, Any] = {}
    for entity in only:
        fields = await target.fields(entity)
        found[entity] = [as_row(field) for field in fields if field.custom]
        if entity == "person":
            own = (field for field in fields if field.code in LABEL_FIELDS and not field.custom)
            found["labels"] = {label: id for field in own for label, id in field.options.items()}
    return found


def as_row(field: Field) -> dict[str, Any]:
    """One field as JSON, as the account's row keeps it."""
    return {
        "code": field.code,
        "name": field.name,
        "type": field.type,
        "options": dict(field.options),
    }


async def count_people(target: Pipedrive) -> tuple[int, bool]:
    """How many people the account has, and whether there are more than were counted.

    There is no cheaper way than walking the list: 10 tokens for each 500, at most four times.
    """
    count, pages = 0, 0
    async for page in target.pages("person", custom_fields=()):
        count, pages = count + len(page.rows), pages + 1
        if page.next is None or pages == MOST_PAGES:
            return count, page.next is not None
    return count, False


def used_fields(fields: Mapping[str, Any]) -> int:
    """Custom fields in use, of all entities that we read."""
    return sum(len(fields.get(entity, ())) for entity in ENTITIES)


def room(
    settings: Settings,
    fields: Mapping[str, Any],
    codes: Mapping[str, Any],
    suffix: str,
    burst: int | None,
    *,
    oauth: bool,
) -> Room:
    """What these settings need of an account whose custom fields are `fields`."""
    specs = wanted(settings)
    there = sum(_is_there(spec, fields, codes, suffix) for spec in specs)
    return Room(len(specs), there, used_fields(fields), plan_of(burst, oauth=oauth))


def _is_there(
    spec: FieldSpec, fields: Mapping[str, Any], codes: Mapping[str, Any], suffix: str
) -> bool:
    return find(spec, fields, codes, suffix) is not None
