"""Exactly: whether a change is still the one that a preview showed (rule 10)."""

from collections.abc import Mapping, Sequence
from typing import Any

from chargepipe.domain.diff import Difference
from chargepipe.domain.inverse import same
from chargepipe.store.models import Change


def other_fields(change: Change, now: Difference) -> list[str]:
    """The fields in which what would be written now is not what was shown; empty for the same."""
    names = dict.fromkeys([*change.before, *change.after, *now.before, *now.after])
    return [n for n in names if not (_as_shown(change, now, n) or _done_ahead(change, now, n))]


def _done_ahead(change: Change, now: Difference, name: str) -> bool:
    """Whether a change before this one writes the same, for a customer who shares the record."""
    ahead = change.follows if name in change.after and name not in now.after else None
    while ahead is not None:
        if name in ahead.after:
            stands = ahead.state in ("planned", "written")
            return stands and _will(name, change.after[name], ahead.after[name])
        ahead = ahead.follows
    return False


def _as_shown(change: Change, now: Difference, name: str) -> bool:
    both = (name in change.after) == (name in now.after)
    was = same(name, change.before.get(name), now.before.get(name))
    return both and was and _will(name, change.after.get(name), now.after.get(name))


def _will(name: str, shown: Any, now: Any) -> bool:
    """Who was still to be made when the plan was shown has no id there."""
    joins = name in ("organization", "person")
    if joins and isinstance(shown, Mapping) and isinstance(now, Mapping):
        return shown["key"] == now["key"] and shown["id"] in (None, now["id"])
    return same(name, shown, now)


def changed_words(change: Change, names: Sequence[str]) -> str:
    """Why a change is not written, for the person who looked at the preview."""
    where = "Pipedrive or Chargebee" if change.kind != "organization" else "Pipedrive"
    return f"changed in {where} since the preview: {', '.join(names)}"
