"""Who owns a person that several customers stand for (rule 3, shared_keys = "first")."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Claim:
    """One customer of several that share a match key or a person."""

    customer: str = field(repr=False)
    """Its Chargebee id."""
    linked: int | None
    """The place of its link in the order in which links were made; None without one."""
    created_at: int
    """Seconds, as Chargebee says; 0 where it does not."""
    deleted: bool


def owner(claims: Iterable[Claim]) -> str:
    """The customer whose values the person shows: linked first, else the oldest, then by id.

    A living customer goes before a deleted one. Raises ValueError without a claim.
    """
    return min(claims, key=_rank).customer


def _rank(claim: Claim) -> tuple[bool, float, int, str]:
    linked = math.inf if claim.linked is None else claim.linked
    return claim.deleted, linked, claim.created_at, claim.customer
