"""The brake: a plan that would do much asks for a yes before its first write (rule 11)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from chargepipe.domain.settings import Brake

LEAST_CHANGED = 10
"""Fewer changed people than this never stop a run."""
LEAST_MISSING = 5
"""Fewer missing people than this never stop a run."""
MISSING_SHARE = Fraction(1, 100)
"""Of the linked people."""


@dataclass(frozen=True, slots=True)
class Totals:
    """What a run would do, with what it has done already, counted in records."""

    linked_people: int
    changed: int
    """Linked people that it changes."""
    deleted: int
    """Records of any kind that it deletes."""
    deals_made: int
    missing: int
    """Linked people that the presence check did not find; they may be hidden, not gone."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that a run asks for: what it is, how much of it, and both in words."""

    what: str
    number: int
    words: str


def brake(totals: Totals, limits: Brake) -> tuple[Reason, ...]:
    """The reasons to ask; empty means go."""
    return tuple(_reasons(totals, limits))


def _reasons(totals: Totals, limits: Brake) -> Iterator[Reason]:
    people = totals.linked_people
    share = Fraction(str(limits.share_of_people))
    if totals.changed >= LEAST_CHANGED and totals.changed > share * people:
        limit = f"more than {float(100 * share):g} %"
        words = f"would change {totals.changed} of {people} linked people, {limit}"
        yield Reason("changed", totals.changed, words)
    if totals.deleted:
        yield Reason("deleted", totals.deleted, f"would delete {totals.deleted} in Pipedrive")
    if totals.deals_made > limits.deals:
        words = f"would make {totals.deals_made} deals, more than {limits.deals}"
        yield Reason("deals", totals.deals_made, words)
    if totals.missing >= LEAST_MISSING and totals.missing > MISSING_SHARE * people:
        words = (
            f"{totals.missing} of {people} linked people are missing in Pipedrive, more than 1 %: "
            "they may be hidden from the connecting user, not gone"
        )
        yield Reason("missing", totals.missing, words)


def beyond(reasons: Iterable[Reason], agreed: Mapping[str, int]) -> tuple[Reason, ...]:
    """The reasons that an earlier yes does not cover: new ones, and those that have grown.

    `agreed` is how much of what was said yes to.
    """
    more = (reason for reason in reasons if reason.number > agreed.get(reason.what, 0))
    return tuple(_grown(reason, agreed) for reason in more)


def _grown(reason: Reason, agreed: Mapping[str, int]) -> Reason:
    if reason.what not in agreed:
        return reason
    return replace(reason, words=f"{reason.words}; the yes was to {agreed[reason.what]}")
