"""Emails and phones of a person: ours joins those that are there (product.md section 4)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from chargepipe.domain.held import ContactValue
from chargepipe.domain.settings import Overwrite

Keys: TypeAlias = Callable[[str], frozenset[str]]


@dataclass(frozen=True, slots=True)
class Wish:
    """What Chargebee wants among a person's emails or phones, and what it wanted last."""

    ours: str | None
    ours_keys: frozenset[str]
    last: str | None
    last_keys: frozenset[str]
    cleared: bool
    """Personal data were cleared: what we wrote goes, whatever the policy."""


def merged(
    held: Sequence[ContactValue], wish: Wish, policy: Overwrite, keys: Keys
) -> tuple[ContactValue, ...]:
    """The person's values with ours among them; equal to `held` when nothing is to be done.

    `keys` are those of a held value. A value equal to ours as a match key is there already, and
    stands for it. Only the value that we wrote last is ever replaced or taken away; all others
    stay as they are, but that a new primary one makes the others not primary.
    """
    held = tuple(held)
    kept = policy == "fill_empty" and not wish.cleared
    if wish.ours is None:
        return held if kept else without(held, wish.last, wish.last_keys, keys)
    place = _place_of(held, wish.last, wish.last_keys, keys)
    if any(keys(each.value) & wish.ours_keys for each in held):
        return held if kept else _with_theirs(held, wish.ours_keys, place, keys)
    if policy == "fill_empty" and held and not (wish.cleared and place is not None):
        return held
    return _with_ours(held, wish.ours, place, policy)


def without(
    held: tuple[ContactValue, ...], ours: str | None, ours_keys: frozenset[str], keys: Keys
) -> tuple[ContactValue, ...]:
    """The person's values less the one that is ours; where it was primary the next one is."""
    place = _place_of(held, ours, ours_keys, keys)
    if place is None:
        return held
    rest = held[:place] + held[place + 1 :]
    if held[place].primary and rest:
        return (replace(rest[0], primary=True), *rest[1:])
    return rest


def _with_theirs(
    held: tuple[ContactValue, ...], ours_keys: frozenset[str], place: int | None, keys: Keys
) -> tuple[ContactValue, ...]:
    """The values less the one at `place`, whose part one that is equal to ours takes."""
    if place is None or keys(held[place].value) & ours_keys:
        return held
    rest = held[:place] + held[place + 1 :]
    if not held[place].primary:
        return rest
    heir = next(index for index, each in enumerate(rest) if keys(each.value) & ours_keys)
    return tuple(replace(each, primary=index == heir) for index, each in enumerate(rest))


def _with_ours(
    held: tuple[ContactValue, ...], ours: str, place: int | None, policy: Overwrite
) -> tuple[ContactValue, ...]:
    if policy == "always":
        label = held[place].label if place is not None else "work"
        rest = held if place is None else held[:place] + held[place + 1 :]
        others = (replace(each, primary=False) for each in rest)
        return (ContactValue(ours, label, True), *others)
    if place is not None:
        return (*held[:place], replace(held[place], value=ours), *held[place + 1 :])
    return (*held, ContactValue(ours, "work", not held))


def _place_of(
    held: Sequence[ContactValue], ours: str | None, ours_keys: frozenset[str], keys: Keys
) -> int | None:
    """Where a value of ours stands: the very same text, else an equal key."""
    same = (index for index, each in enumerate(held) if each.value == ours)
    equal = (index for index, each in enumerate(held) if keys(each.value) & ours_keys)
    return next(same, next(equal, None))


def ours_after(
    value: str | None,
    texts: tuple[Sequence[str], Sequence[str]] | None,
    previous: str | None,
    keys: Keys,
) -> str | None:
    """Which of a person's values is ours once a change is written; only that one is ever replaced.

    `value` is what Chargebee wants, `texts` what the person held before and after the change (None
    where it does not touch them), `previous` what was ours until now. A value that was there
    before us stays the person's own; where it took the place of ours, nothing is ours any more.
    """
    if texts is None:
        return previous
    before, after = texts
    if value is None:
        return None
    if not _among(value, before, keys):
        return value
    return previous if previous is not None and _among(previous, after, keys) else None


def _among(value: str, texts: Sequence[str], keys: Keys) -> bool:
    return any(keys(each) & keys(value) for each in texts)
