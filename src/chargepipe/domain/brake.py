"""The brake: a plan that would do much asks for a yes before its first write (rule 11)."""

from collections.abc import Iterator
from dataclasses import dataclass
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
    """What a plan would do, counted in records."""

    linked_people: int
    """People linked when the run began."""
    changed: int
    """Linked people that it would change."""
    deleted: int
    """Records of any kind that it would delete."""
    deals_made: int
    missing: int
    """Linked people that the presence check did not find; they may be hidden, not gone."""


def brake(totals: Totals, limits: Brake) -> tuple[str, ...]:
    """The reasons to ask, in words; empty means go."""
    return tuple(_reasons(totals, limits))


def _reasons(totals: Totals, limits: Brake) -> Iterator[str]:
    people = totals.linked_people
    share = Fraction(str(limits.share_of_people))
    if totals.changed >= LEAST_CHANGED and totals.changed > share * people:
        limit = f"more than {float(100 * share):g} %"
        yield f"would change {totals.changed} of {people} linked people, {limit}"
    if totals.deleted:
        yield f"would delete {totals.deleted} in Pipedrive"
    if totals.deals_made > limits.deals:
        yield f"would make {totals.deals_made} deals, more than {limits.deals}"
    if totals.missing >= LEAST_MISSING and totals.missing > MISSING_SHARE * people:
        yield (
            f"{totals.missing} of {people} linked people are missing in Pipedrive, more than 1 %: "
            "they may be hidden from the connecting user, not gone"
        )
