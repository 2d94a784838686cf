"""The way back: what to write so that Pipedrive holds again what it held before a change.

Only what still stands as we wrote it is taken back; what a person changed since stays, and is
named (rule 12). Values are by logical name and JSON-able, as in a Change.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias, cast

from chargepipe.domain.diff import Difference
from chargepipe.domain.erasure import is_erased
from chargepipe.domain.held import HeldOrganization, HeldPerson
from chargepipe.domain.held_deal import HeldDeal
from chargepipe.domain.values import JSON, to_json

Values: TypeAlias = Mapping[str, JSON]
Held: TypeAlias = HeldPerson | HeldOrganization | HeldDeal
LISTS = ("emails", "phones")


@dataclass(frozen=True, slots=True)
class Inverse:
    """What takes a change back, and the names of the fields that were changed since."""

    difference: Difference
    kept: tuple[str, ...] = field(default=())


def values_of(held: Held) -> dict[str, JSON]:
    """What a record holds, by the names that a Change uses."""
    fields = {name: to_json(value) for name, value in held.fields.items()}
    if isinstance(held, HeldDeal):
        return {**held.built_in(), **fields}
    if isinstance(held, HeldOrganization):
        return {"name": held.name, **fields}
    organization: JSON = None if held.org_id is None else {"key": None, "id": held.org_id}
    return {
        "name": held.name,
        "emails": [each.as_json() for each in held.emails],
        "phones": [each.as_json() for each in held.phones],
        "organization": organization,
        **fields,
    }


def update_inverse(
    before: Values,
    after: Values,
    now: Values,
    theirs: Collection[str] = (),
) -> Inverse:
    """Take an update back. `before` and `after` are the change's, `now` is `values_of` the record.

    What is among `theirs` stays, even where it happens to be what this change wrote
    (`changed_since`).

    A field whose name is unknown to `now` is gone from the account, and stays so. A value that
    was erased (rule 16) is known no more, so its field stays, and is named with the kept ones.
    """
    was: dict[str, JSON] = {}
    back: dict[str, JSON] = {}
    kept: list[str] = []
    for name, written in after.items():
        earlier, held = before.get(name), now.get(name)
        if is_erased(written) or is_erased(earlier):
            kept.append(name)
            continue
        if name not in now:
            continue
        other = name in theirs and name not in LISTS
        value = held if other else _back(name, earlier, written, held)
        if not same(name, value, held):
            # What we wrote says more than what is held: an organization's key beside its id.
            was[name] = written if same(name, written, held) else held
            back[name] = value
        if (other or not same(name, held, written)) and not same(name, held, earlier):
            kept.append(name)
    return Inverse(Difference(was, back), tuple(kept))


def changed_since(afters: Iterable[Values], now: Values) -> tuple[str, ...]:
    """The fields that somebody else has written after the last of several updates of a record.

    `afters` of the updates, the oldest first. What one of them wrote in passing may be there again.
    """
    last: dict[str, JSON] = {}
    for after in afters:
        last |= after
    return tuple(n for n, value in last.items() if n in now and not same(n, now[n], value))


def edited_since(after: Values, now: Values) -> tuple[str, ...]:
    """The fields of a record that we made which no longer hold what it was made with.

    Such a record is not deleted: someone has worked on it. A field that it was made without
    counts once it holds something.
    """
    return tuple(name for name, held in now.items() if not same(name, held, after.get(name)))


def later(now: Values, difference: Difference) -> dict[str, JSON]:
    """What a record holds once the difference is written."""
    return {**now, **difference.after}


def ours_left(
    difference: Difference, now: Values, ours: Mapping[str, str | None]
) -> dict[str, str | None]:
    """Which email and phone of a person are ours once a change was taken back.

    `difference` is the change's own, `now` what the person holds after that, `ours` what was ours
    before. Only a value of ours is ever replaced, so one that came back in its place is ours too.
    """
    return {
        name: _ours(plural, difference, now, ours.get(name))
        for name, plural in (("email", "emails"), ("phone", "phones"))
    }


def _ours(name: str, difference: Difference, now: Values, ours: str | None) -> str | None:
    held = _texts(_rows(now.get(name)))
    if ours in held:
        return ours
    gone = _texts(_rows(difference.before.get(name))) - _texts(_rows(difference.after.get(name)))
    return next(iter(sorted(gone & held)), None)


def same(name: str, one: JSON, other: JSON) -> bool:
    """Whether two values of a field mean the same: what is joined is its id, [] is nothing.

    A time or reason that one of two statuses does not name, Pipedrive has set or left by itself.
    """
    if name == "status" and _is_standing(one) and _is_standing(other):
        return _same_standing(cast(Mapping[str, JSON], one), cast(Mapping[str, JSON], other))
    return _plain(name, one) == _plain(name, other)


def _is_standing(value: JSON) -> bool:
    return isinstance(value, Mapping) and "status" in value


def _same_standing(one: Mapping[str, JSON], other: Mapping[str, JSON]) -> bool:
    rest = ((one.get(name), other.get(name)) for name in ("time", "reason"))
    return one["status"] == other["status"] and all(a == b or None in (a, b) for a, b in rest)


def _plain(name: str, value: JSON) -> Any:
    if name in ("organization", "person") and isinstance(value, Mapping):
        return value.get("id")
    if isinstance(value, str):
        return value.strip() or None
    return None if value == [] else value


def _back(name: str, before: JSON, written: JSON, held: JSON) -> JSON:
    if same(name, held, written):
        return before
    if name in LISTS:
        return _contacts_back(_rows(before), _rows(written), _rows(held))
    return held


def _contacts_back(
    before: Sequence[Mapping[str, Any]],
    written: Sequence[Mapping[str, Any]],
    held: Sequence[Mapping[str, Any]],
) -> JSON:
    """Ours out, what ours replaced in again; what someone added or took away since stays so."""
    were, wrote, stands = _texts(before), _texts(written), _texts(held)
    ours = wrote - were
    rows = [dict(row) for row in held if row["value"] not in ours]
    if not ours or ours & stands:
        missing = [row for row in before if row["value"] in were - wrote - stands]
        rows += [{**row, "primary": False} for row in missing]
    return cast(JSON, _one_primary(rows, before))


def _one_primary(
    rows: list[dict[str, Any]], before: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    if not rows or any(row["primary"] for row in rows):
        return rows
    first = next((row["value"] for row in before if row["primary"]), None)
    chosen = next((row for row in rows if row["value"] == first), rows[0])
    return [{**row, "primary": row is chosen} for row in rows]


def _rows(value: JSON) -> Sequence[Mapping[str, Any]]:
    known = not is_erased(value) and value
    return cast(Sequence[Mapping[str, Any]], value) if known else ()


def _texts(rows: Sequence[Mapping[str, Any]]) -> set[str]:
    return {row["value"] for row in rows}
