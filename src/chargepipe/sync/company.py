"""A company under plan: which organization is its own, what that should hold, and what it lacks."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from chargepipe.domain.codes import (
    AMBIGUOUS_ORGANIZATION,
    CURRENCY_MISSING,
    HIDDEN_ORGANIZATION,
    UNCONVERTIBLE,
)
from chargepipe.domain.diff import Difference
from chargepipe.domain.matching import Ambiguous, Match, Matched
from chargepipe.domain.targets import OrganizationTarget
from chargepipe.domain.validation import Finding
from chargepipe.domain.values import Value
from chargepipe.store.models import Change, Link
from chargepipe.sync.erase_organizations import ERASED
from chargepipe.sync.session import Session

HELD = "held"
"""In `Link.ours` of an undone organization: the newest version of its customers at that time."""


@dataclass(slots=True)
class Company:
    """A company under plan."""

    key: str
    link: Link | None
    match: Match
    target: OrganizationTarget | None = None
    difference: Difference | None = None
    read_at: datetime | None = None
    version: int = 0  # the newest of its customers
    wanted: bool = False  # whether somebody who is looked at is to join it
    hidden: bool = False  # from the connecting user
    working: dict[str, Any] = field(default_factory=dict)  # of its sums (rule 17)
    orphan: bool = False  # without any customer, and only cleared
    going: dict[str, Value] = field(default_factory=dict)  # with a customer's personal data
    unconvertible: str = ""  # the subscription whose amount has no way into the sum
    lacking: str = ""  # a currency of its amounts that Pipedrive does not have

    @property
    def pipedrive_id(self) -> int | None:
        """Its organization, None while that is to be made or ambiguous."""
        return self.match.pipedrive_id if isinstance(self.match, Matched) else None


def slim(company: Company) -> Company:
    """What its change says stands in the table of changes."""
    return replace(company, difference=company.difference and Difference(), working={}, going={})


def trouble(company: Company, customer_id: str) -> Finding | None:
    """What of a company stands in the way of a customer."""
    if company.unconvertible:
        return Finding.of(UNCONVERTIBLE, customer_id, subscription=company.unconvertible)
    if company.lacking:
        return Finding.of(CURRENCY_MISSING, customer_id, currency=company.lacking)
    if company.hidden:
        return Finding.of(HIDDEN_ORGANIZATION, customer_id, organization=company.pipedrive_id)
    if isinstance(company.match, Ambiguous):
        return Finding.of(AMBIGUOUS_ORGANIZATION, customer_id, candidates=company.match.candidates)
    return None


def stands(company: Company) -> bool:
    """Whether billing says nothing new of it. Another spelling of its name is none: it stays."""
    assert company.target is not None
    link, target = company.link, company.target
    if link is None or link.state or not link.last:
        return False
    return {**link.last, "name": target.name} == target.as_json()


def change_of(session: Session, company: Company) -> Change | None:
    """The planned change of a company, None where Pipedrive holds all that it should."""
    if not company.difference or company.target is None:
        return None
    made, found = company.pipedrive_id is None, getattr(company.match, "reason", "link")
    return Change(
        run=session.run,
        connection=session.connection,
        account=session.account,
        action="create" if made else "update",
        kind="organization",
        source_key=company.key,
        pipedrive_id=company.pipedrive_id,
        before=dict(company.difference.before),
        after=dict(company.difference.after),
        target=company.target.as_json(),
        working=company.working,
        reason="made" if made else ERASED if company.going else found,
        read_at=company.read_at or session.env.clock.now(),
    )
