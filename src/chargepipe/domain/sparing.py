"""Sparing: what goes off a person leaves there what another customer of the person wants."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import cast

from chargepipe.domain.diff import Difference
from chargepipe.domain.keys import email_keys, phone_keys
from chargepipe.domain.targets import PersonTarget
from chargepipe.domain.text import squeeze
from chargepipe.domain.values import JSON, to_json


def spared(difference: Difference, wanted: Iterable[PersonTarget]) -> Difference:
    """The difference without the fields that would lose what one of the `wanted` says."""
    pairs = {name: (before, difference.after[name]) for name, before in difference.before.items()}
    kept = {name for each in wanted for name, pair in pairs.items() if _loses(each, name, *pair)}
    return difference.only(difference.after.keys() - kept)


def _loses(wanted: PersonTarget, name: str, before: JSON, after: JSON) -> bool:
    if name == "name":
        return squeeze(cast(str, before)) == squeeze(wanted.name)
    if name == "emails":
        return bool(_gone(before, after, email_keys) & email_keys(wanted.email))
    if name == "phones":
        keys = partial(phone_keys, country=None)
        return bool(_gone(before, after, keys) & phone_keys(wanted.phone, wanted.country))
    value = wanted.fields.get(name)
    return after is None and value is not None and to_json(value) == before


def _gone(before: JSON, after: JSON, keys: Callable[[str], frozenset[str]]) -> frozenset[str]:
    """The keys of the emails or phones that are in `before` alone."""
    left = {row["value"] for row in cast(Sequence[Mapping[str, str]], after)}
    rows = cast(Sequence[Mapping[str, str]], before)
    return frozenset[str]().union(*(keys(r["value"]) for r in rows if r["value"] not in left))
