"""Our fields among those of an account: by the code that we kept, else by their name.

A code never changes, a name may: a field that a person renames in Pipedrive stays ours. The same
holds for the options of a field: by their label, else by the id that we kept.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from chargepipe.domain.fields import FieldSpec, suffixed
from chargepipe.domain.held import KnownField
from chargepipe.domain.settings import Settings
from chargepipe.domain.text import squeeze

Row: TypeAlias = Mapping[str, Any]
"""A custom field of the account: code, name, type, options (label to id)."""
Rows: TypeAlias = Mapping[str, Sequence[Row]]
"""The custom fields of an account by entity."""
Codes: TypeAlias = Mapping[str, Any]
"""What a connection keeps: codes by "entity/name", and option ids (`option_key`)."""


@dataclass(frozen=True, slots=True)
class TypeOf:
    """One of Pipedrive's types of fields."""

    words: str
    """As Pipedrive's pages call it."""
    holds: str = ""
    """What it holds, as the settings call it; "" where it takes no value of ours."""
    key: bool = False
    """Whether such a field of a person may be a match key: texts (setting 6)."""


TYPES: Mapping[str, TypeOf] = {
    "varchar": TypeOf("text", "text", key=True),
    "varchar_auto": TypeOf("autocomplete text", "text", key=True),
    "text": TypeOf("large text", "text", key=True),
    "phone": TypeOf("phone", key=True),
    "double": TypeOf("number", "number"),
    "monetary": TypeOf("money", "money"),
    "date": TypeOf("date", "date"),
    "enum": TypeOf("single option", "option"),
    "set": TypeOf("multiple options"),
}


def type_of(type: str) -> TypeOf:
    """What is known of a type; one that is not in the table has its own name as its words."""
    return TYPES.get(type) or TypeOf(type)


def find(spec: FieldSpec, rows: Rows, codes: Codes, suffix: str) -> Row | None:
    """The account's field that is this field of ours; None where there is none.

    One that takes our values goes before another, for several may have the same name.
    """
    own = rows.get(spec.entity, ())
    coded = [row for row in own if row["code"] == codes.get(spec.key)]
    few = [*coded, *_named(own, suffixed(spec, suffix).name)]
    return next((row for row in few if spec.takes(row["type"])), few[0] if few else None)


def by_name(rows: Iterable[Row], name: str) -> Row | None:
    """The field of this name; a name that differs in case and blanks only counts second."""
    return next(iter(_named(rows, name)), None)


def _named(rows: Iterable[Row], name: str) -> list[Row]:
    equal = (row for row in rows if _folded(row["name"]) == _folded(name))
    return sorted(equal, key=lambda row: row["name"] != name)


def known(spec: FieldSpec, row: Row, codes: Codes) -> KnownField:
    """The field with its options under our labels, whatever a person calls them now."""
    options: dict[str, int] = dict(row["options"])
    kept = {label: codes.get(option_key(spec, label)) for label in _labels(spec, codes)}
    for label, number in kept.items():
        theirs = next((each for each, held in options.items() if held == number), None)
        if label not in options and theirs is not None:
            options[label] = options.pop(theirs)
    return KnownField(row["code"], row["type"], options)


def keep(specs: Iterable[FieldSpec], rows: Rows, codes: Codes, suffix: str) -> dict[str, Any]:
    """The codes and option ids to keep, now that the account's fields are these."""
    kept = dict(codes)
    for spec in specs:
        row = find(spec, rows, codes, suffix)
        kept.pop(spec.key, None)
        for label in _labels(spec, codes):
            kept.pop(option_key(spec, label))
        if row is None:
            continue
        kept[spec.key] = row["code"]
        if row["type"] == "enum":
            options = known(spec, row, codes).options.items()
            kept |= {option_key(spec, label): number for label, number in options}
    return kept


def lost(specs: Iterable[FieldSpec], old: Codes, new: Codes) -> dict[str, frozenset[str] | None]:
    """Fields whose values are gone from all records, by name: None for all values of it.

    The field itself was deleted, or single options of it; then their labels are given.
    """
    found: dict[str, frozenset[str] | None] = {}
    for spec in specs:
        if spec.key in old and old[spec.key] != new.get(spec.key):
            found[spec.name] = None
        elif gone := _gone(spec, old, new):
            found[spec.name] = gone
    return found


def _gone(spec: FieldSpec, old: Codes, new: Codes) -> frozenset[str]:
    keys = {label: option_key(spec, label) for label in _labels(spec, old)}
    return frozenset(label for label, key in keys.items() if old[key] != new.get(key))


def problems(
    settings: Settings, specs: Sequence[FieldSpec], rows: Rows, codes: Codes, suffix: str
) -> Iterator[str]:
    """Why fields of the account cannot be used, in words: a wrong type, or one field for two."""
    taken: dict[str, str] = {}
    for spec in specs:
        row = find(spec, rows, codes, suffix)
        if row is None:
            continue
        if not spec.takes(row["type"]):
            yield _wrong_type(spec, row)
        other = taken.setdefault(f"{spec.entity} {row['code']}", spec.name)
        if other != spec.name:
            yield (
                f'The {spec.entity} field "{row["name"]}" would take both {other} and '
                f"{spec.name}. Choose another field for one of them."
            )
    yield from _of_match_key(settings, rows, codes)


def _wrong_type(spec: FieldSpec, row: Row) -> str:
    held = type_of(row["type"]).words
    advice = (
        "Give the additional field that type, or choose another field."
        if spec.chosen
        else "Rename or delete that field, then run again."
    )
    return (
        f'The {spec.entity} field "{row["name"]}" has the type {held} ({row["type"]}) in '
        f"Pipedrive; chargepipe needs {type_of(spec.type).words} ({spec.type}). {advice}"
    )


def match_key_spec(settings: Settings) -> FieldSpec | None:
    """The custom field of the person that is the match key; None for email and phone."""
    name = settings.match_key.pipedrive
    return None if name in ("email", "phone") else _key_spec(name)


def key_field(rows: Sequence[Row], name: str) -> Row | None:
    """The person's field of this name as a match key: a text before one of another type."""
    return find(_key_spec(name), {"person": rows}, {}, "")


def _key_spec(name: str) -> FieldSpec:
    return FieldSpec("person", name, "varchar", chosen=True)


def _of_match_key(settings: Settings, rows: Rows, codes: Codes) -> Iterator[str]:
    spec = match_key_spec(settings)
    row = find(spec, rows, codes, "") if spec else None
    if spec and row is None:
        yield (
            f'The match key\'s person field "{spec.name}" is not there in Pipedrive, so nobody '
            "could be matched. Make it there as a text field, or choose another match key."
        )
    elif spec and row is not None and not type_of(row["type"]).key:
        yield (
            f'The match key\'s person field "{row["name"]}" has the type {row["type"]}; a match '
            "key must be a text. Choose another field."
        )


def option_key(spec: FieldSpec, label: str) -> str:
    """By what the id of an option is kept."""
    return f"{_options(spec)}{label}"


def _options(spec: FieldSpec) -> str:
    return f"option:{spec.key}="


def _labels(spec: FieldSpec, codes: Codes) -> list[str]:
    """The labels of the field whose ids we keep."""
    start = _options(spec)
    return [key.removeprefix(start) for key in codes if key.startswith(start)]


def _folded(name: str) -> str:
    return squeeze(name).casefold()


def missing_labels(spec: FieldSpec, field: KnownField, more: Collection[str]) -> list[str]:
    """The options that the field lacks: those that it always has, and those that values need."""
    asked = dict.fromkeys([*spec.options, *sorted(more)])
    return [label for label in asked if label not in field.options]
