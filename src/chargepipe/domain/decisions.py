"""Rules by which one of several matching records is picked for many customers at once (rule 2)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias, get_args

from chargepipe.domain.keys import company_key

PickRule: TypeAlias = Literal["newest", "deals", "company"]
PICK_RULES: tuple[PickRule, ...] = get_args(PickRule)
OF_ORGANIZATIONS: tuple[PickRule, ...] = ("newest", "deals")
"""The rules that tell organizations of one name apart."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What Pipedrive says of one candidate, a person or an organization."""

    id: int
    added_at: datetime | None
    """Aware UTC; None where Pipedrive does not say."""
    open_deals: int
    organization: str | None = field(repr=False)
    """The name of a person's organization, an organization's own name."""
    ours: bool = False
    """Whether it carries the field by which we find again what we made."""


def pick(rule: PickRule, candidates: Sequence[Evidence], company: str | None) -> int | None:
    """The one candidate that the rule points to; None where it points to none or to several.

    newest: added last. deals: the most open deals, at least one. company: an organization whose
    name is the customer's `company` (compared as organizations are).
    """
    best = _PICKS[rule](candidates, company_key(company))
    return best[0].id if len(best) == 1 else None


def _newest(candidates: Sequence[Evidence], _: str) -> list[Evidence]:
    times = [each.added_at for each in candidates if each.added_at is not None]
    return [each for each in candidates if times and each.added_at == max(times)]


def _deals(candidates: Sequence[Evidence], _: str) -> list[Evidence]:
    most = max((each.open_deals for each in candidates), default=0)
    return [each for each in candidates if most and each.open_deals == most]


def _company(candidates: Sequence[Evidence], company: str) -> list[Evidence]:
    return [each for each in candidates if company and company_key(each.organization) == company]


_PICKS: Mapping[PickRule, Callable[[Sequence[Evidence], str], list[Evidence]]] = {
    "newest": _newest,
    "deals": _deals,
    "company": _company,
}
