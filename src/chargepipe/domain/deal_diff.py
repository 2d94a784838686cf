"""What to write so that Pipedrive holds a deal's target, without fighting the salesperson.

The stage and the status are written when billing says something new, and only while the deal
stands where we last put it (setting 13). Of a deal that we did not make nobody knows who moved it:
there the stage stays, and only an open one is closed. The time and the reason go with the status.
Under another overwrite policy than "always" a title, value or date is replaced only where it is
empty or still ours. What billing no longer names is emptied under each policy, and only while it is
still ours.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from chargepipe.domain.diff import Difference, differing, given_fields, pairs_of_fields
from chargepipe.domain.held_deal import DEAL_NAMES, HeldDeal
from chargepipe.domain.money import Money
from chargepipe.domain.settings import Overwrite
from chargepipe.domain.targets import DealTarget, Standing
from chargepipe.domain.values import JSON, to_json

Ours: TypeAlias = Mapping[str, Any]
"""Built-in fields of a deal as we last wrote them; stage and status also as they were found."""
CARED = ("stage", "status")
"""What a person decides: where the deal stands."""
WITH_STATUS = ("time", "reason")
"""What goes with a status."""
LINKS = ("person", "organization")
MAY_END = ("expected_close_date", "organization")
"""What billing names at one time and not at another; a deal always has a customer."""


@dataclass(frozen=True, slots=True)
class Before:
    """What we did to a deal before."""

    ours: Ours = field(default_factory=dict[str, Any], hash=False, repr=False)
    last: DealTarget | None = None
    """What billing said when we last wrote."""


@dataclass(frozen=True, slots=True)
class DealRules:
    """How the settings want deals to be written."""

    overwrite: Overwrite = "always"
    care: bool = True
    """Setting 13."""
    policies: Mapping[str, Overwrite] = field(default_factory=dict[str, Overwrite], hash=False)
    """Of additional fields."""


def deal_difference(
    target: DealTarget,
    held: HeldDeal | None,
    before: Before,
    rules: DealRules,
    ids: Mapping[str, int | None],
    absent: Collection[str] = (),
) -> Difference:
    """What to write to a deal; `held` None makes one.

    `before` is what we did to it; nothing for one that we adopt. `ids` are the ids of its "person"
    and "organization", None while they are not made. What is `absent` of these two does not stand
    and is not being made: the deal stays with whom it has.
    """
    if target.cleared:
        rules = replace(rules, overwrite="always", policies={})
    wanted = {name: None if name in absent else v for name, v in _wanted(target, ids).items()}
    if held is None:
        made = {name: value for name, value in wanted.items() if value is not None}
        return Difference(after={**made, **given_fields(target.fields)})
    now = held.built_in()
    pairs = {
        name: (now[name], value if _may(name, target, held, before, rules) else now[name])
        for name, value in wanted.items()
        if value is not None and _differs(name, now[name], value)
    }
    ended = [name for name in _ended(target, held, before) if name not in absent]
    pairs |= {name: (before.ours[name], None) for name in ended}
    return differing({**pairs, **pairs_of_fields(target.fields, held.fields, rules.policies)})


def _ended(target: DealTarget, held: HeldDeal, before: Before) -> Iterator[str]:
    """What billing names no more, while the deal still holds what we wrote there."""
    wanted, now = _wanted(target, {}), held.built_in()
    for name in MAY_END if target.makes else ():
        ours = before.ours.get(name)
        seen_only = isinstance(ours, Mapping) and not ours["key"]  # a person may have put it there
        if wanted[name] is None and now[name] and _is_ours(name, held, before.ours):
            yield from () if seen_only else (name,)


def found(target: DealTarget, held: HeldDeal, ours: Ours) -> dict[str, JSON]:
    """Where the deal stands, as far as that counts as ours.

    So it does when we adopt it; and where a person put it, once billing says the same. Until then
    None: what a person put elsewhere is not ours even when it comes back.
    """
    now, wanted = held.built_in(), _wanted(target, {})
    now["status"] = Standing(held.standing.status).as_json()  # its time is whoever's it was
    moved = [n for n in CARED if n not in ours or not same_built_in(n, now[n], ours[n])]
    return {name: now[name] if _counts(name, now, wanted, ours) else None for name in moved}


def _counts(name: str, now: Ours, wanted: Ours, ours: Ours) -> bool:
    return name not in ours or same_built_in(name, now[name], wanted[name])


def ours_after(ours: Ours, after: Mapping[str, JSON]) -> dict[str, JSON]:
    """What is ours once a Change with this `after` is written."""
    return {**ours, **{name: value for name, value in after.items() if name in DEAL_NAMES}}


def same_built_in(name: str, one: Any, other: Any) -> bool:
    """Whether two values of a built-in field mean the same, of a status without its time."""
    if name in LINKS:
        return one is not None and other is not None and one["id"] == other["id"] is not None
    if name == "status":
        return one is not None and other is not None and one["status"] == other["status"]
    if isinstance(one, str) and isinstance(other, str):
        return " ".join(one.split()) == " ".join(other.split())
    return one == other


def _differs(name: str, now: Any, wanted: Any) -> bool:
    """A time or reason that billing does not know is not written: Pipedrive's own stands."""
    if name != "status" or now["status"] != wanted["status"]:
        return not same_built_in(name, now, wanted)
    return any(wanted[part] is not None and wanted[part] != now[part] for part in WITH_STATUS)


def _wanted(target: DealTarget, ids: Mapping[str, int | None]) -> dict[str, JSON]:
    """The built-in fields that the target names, in the form that a Change uses."""
    return {
        "title": target.title,
        "value": to_json(target.value),
        "stage": target.place.as_json() if target.place else None,
        "status": target.standing.as_json() if target.standing else None,
        "expected_close_date": target.expected_close,
        "person": _reference(target.person, ids.get("person")),
        "organization": _reference(target.organization, ids.get("organization")),
    }


def _reference(key: str | None, id: int | None) -> JSON:
    return None if key is None else {"key": key, "id": id}


def _may(name: str, target: DealTarget, held: HeldDeal, before: Before, rules: DealRules) -> bool:
    """Whether a built-in field that differs is ours to write."""
    if name == "stage":
        return target.moves and (not rules.care or _may_place(target, held, before))
    if name == "status":
        return not rules.care or _may_move(name, target, held, before)
    if name == "value" and held.locked:
        return False
    free = _is_ours(name, held, before.ours) or _is_empty(name, held)
    return rules.overwrite == "always" or free


def _may_place(target: DealTarget, held: HeldDeal, before: Before) -> bool:
    """A stage goes with its status: nobody puts a won deal into the stage of an open one."""
    said = target.standing.status if target.standing else held.standing.status
    closes = said == held.standing.status or _may_move("status", target, held, before)
    return closes and _may_move("stage", target, held, before)


def _may_move(name: str, target: DealTarget, held: HeldDeal, before: Before) -> bool:
    if held.archived:
        return False
    if name == "status" and target.standing and target.standing.status == held.standing.status:
        return _may_retime(target, held, before)
    if name not in before.ours:
        return name == "status" and held.standing.status == "open"
    return _is_untouched(name, target, held, before.ours) and _is_new(name, target, before.last)


def _is_untouched(name: str, target: DealTarget, held: HeldDeal, ours: Ours) -> bool:
    """Nobody moves a deal that a person closed, or reopens one that a person moved."""
    reopens = target.standing is not None and target.standing.status == "open"
    alone = name == "status" and not reopens
    return all(_is_ours(each, held, ours) for each in ((name,) if alone else CARED))


def _may_retime(target: DealTarget, held: HeldDeal, before: Before) -> bool:
    """Whether the status stays and its time and reason are still those that we wrote.

    A subscription that ended and came back between two syncs is won anew.
    """
    ours, now = before.ours.get("status"), held.standing.as_json()
    moved = before.last is None or before.last.standing != target.standing
    return ours is not None and moved and ours == now


def _is_new(name: str, target: DealTarget, last: DealTarget | None) -> bool:
    """Whether billing says something else than when we last wrote."""
    if last is None:
        return True
    then, now = _wanted(last, {})[name], _wanted(target, {})[name]
    return then is None or not same_built_in(name, then, now)


def _is_ours(name: str, held: HeldDeal, ours: Ours) -> bool:
    """Whether the deal still holds what we last wrote there."""
    return name in ours and same_built_in(name, ours[name], held.built_in()[name])


def _is_empty(name: str, held: HeldDeal) -> bool:
    if name == "value":
        return isinstance(held.value, Money) and not held.value.amount
    return not held.built_in()[name]
