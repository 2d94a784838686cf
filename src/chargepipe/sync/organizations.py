"""Plan of organizations: one for each company name, found, made or ambiguous (setting 3)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db.models import F

from chargepipe.domain.codes import (
    AMBIGUOUS_ORGANIZATION,
    CURRENCY_MISSING,
    HIDDEN_ORGANIZATION,
    UNCONVERTIBLE,
)
from chargepipe.domain.diff import Difference, organization_difference
from chargepipe.domain.mapping import organization_revenues, organization_target
from chargepipe.domain.matching import Ambiguous, Match, Matched, NotFound, match_organization
from chargepipe.domain.records import Customer, Subscription
from chargepipe.domain.revenue import Unconvertible
from chargepipe.domain.targets import OrganizationTarget
from chargepipe.domain.validation import Finding, speaks
from chargepipe.domain.values import Value, currencies_in
from chargepipe.store.models import Change, Link, Record
from chargepipe.sync import index
from chargepipe.sync.candidates import still_there
from chargepipe.sync.currencies import currencies_for
from chargepipe.sync.erase_organizations import (
    ERASED,
    difference,
    goes,
    leaves,
    left_over,
)
from chargepipe.sync.freshness import fresh_index
from chargepipe.sync.ignored import ignored
from chargepipe.sync.joined import winners
from chargepipe.sync.kept import Kept
from chargepipe.sync.missing import refresh_without
from chargepipe.sync.reading import look
from chargepipe.sync.session import Session, slices
from chargepipe.sync.work import Work, customer_of, subscriptions_of

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


def _slim(company: Company) -> Company:
    """What its change says stands in the table of changes."""
    return replace(company, difference=company.difference and Difference(), working={}, going={})


class Organizations:
    """What the plan knows of companies; each is matched once a run, and compared once."""

    def __init__(self, session: Session, *, trust: bool = True) -> None:
        self.session, self.trust = session, trust
        self.known = Kept[Company](_slim)
        self.cleared = set[str]()
        """Companies of customers whose personal data go (rule 16)."""

    def match(self, keys: Iterable[str]) -> None:
        """Find the organizations of these companies: by link, else by name."""
        fresh = [key for key in dict.fromkeys(keys) if key and key not in self.known]
        links = {
            link.source_key: link
            for link in Link.objects.filter(
                connection=self.session.connection, kind="organization", source_key__in=fresh
            )
        }
        unlinked = [key for key in fresh if key not in links]
        named, own = self._named(unlinked), self._own(unlinked)
        for key in fresh:
            link = links.get(key)
            at, others = link and link.pipedrive_id, named.get(key, ())
            found = match_organization(at, others, make_new=key in own)
            self.known[key] = Company(key, link, found)

    def linked(self, keys: Collection[str]) -> set[str]:
        """Those of these companies that are linked to an organization."""
        links = Link.objects.filter(connection=self.session.connection, kind="organization")
        return set(links.filter(source_key__in=keys).values_list("source_key", flat=True))

    def match_of(self, key: str) -> Match | None:
        """How a company was matched; None for a customer without one, or with organizations off."""
        return self.known[key].match if key in self.known else None

    def id_of(self, key: str | None) -> int | None:
        """The organization of a company, None while it is not made."""
        return self.known[key].pipedrive_id if key and key in self.known else None

    def comes(self, key: str) -> bool:
        """Whether a company is linked to an organization, or gets to be in this run."""
        company = self.known.get(key)
        return company is not None and (company.link or company.difference) is not None

    @property
    def unlinked(self) -> int:
        """How many companies of all pages could have an organization and are not linked to it."""
        free = (c for c in self.known.values() if c.link is None)
        return sum(not isinstance(c.match, Ambiguous) for c in free)

    def compare(self, keys: Collection[str], only_linked: Collection[str]) -> list[Company]:
        """Work out what these organizations lack; those of `only_linked` are not made.

        One of them that is gone is made again only for people who stay.
        """
        wanted = dict.fromkeys([*keys, *only_linked])
        for key in keys:
            self.known[key].wanted = True
        fresh = [self.known[key] for key in wanted if self.known[key].target is None]
        companies = [c for c in fresh if c.key in keys or c.link is not None]
        quiet = ignored(self.session, "organization", [c.key for c in companies])
        companies = [c for c in companies if c.key not in quiet]
        self._set_targets(companies)
        companies = [c for c in companies if c.target is not None and not self._held(c)]
        linked = [c for c in companies if c.pipedrive_id is not None]
        self._read([c for c in linked if not (self.trust and _stands(c))])
        return self._with_new(companies)

    def confirm(self, keys: Collection[str]) -> list[Company]:
        """Make sure that these linked organizations are there, for people will be linked to them.

        Those that are gone are followed, matched or made again by name (rule 4). One that is there
        is not written: a person's edit stands until billing says something new of it, and so does
        an undo.
        """
        linked = [self.known[key] for key in keys if key in self.known]
        linked = [c for c in linked if c.target and c.difference is None]
        unread = [c for c in linked if _stands(c) or self._held(c)]
        self._read(unread)
        for company in unread:
            if company.link is not None:
                company.difference = Difference()
        return [c for c in self._with_new(unread) if c.link is None]

    def stop(self, works: Iterable[Work]) -> None:
        """Fail the customers whose organization is hidden, or after a deletion ambiguous."""
        for work in works:
            company = self.known.get(work.target.organization or "") if work.target else None
            if company and (finding := _trouble(company, work.customer.id)):
                work.fail(finding)

    def _held(self, company: Company) -> bool:
        """Whether it was undone and no customer of it has changed since (rule 12)."""
        link, run = company.link, self.session.run
        by_hand = bool(run.only) and not run.automatic
        undone = link is not None and not link.last and link.ours.get(HELD) == company.version
        return undone and not by_hand

    def _with_new(self, companies: list[Company]) -> list[Company]:
        for company in companies:
            missing = isinstance(company.match, NotFound) and not company.orphan
            joined = missing and (company.wanted or self._has_people(company))
            if joined and company.target is not None:
                company.difference = organization_difference(company.target, None)
        return companies

    def _has_people(self, company: Company) -> bool:
        """Whether a customer of it that lives has a person: that joins what is made again."""
        rows = Record.objects.filter(
            connection=self.session.connection, kind="customer", company_key=company.key
        )
        living = [row.source_id for row in rows if customer_of(row).live]
        links = Link.objects.filter(connection=self.session.connection, kind="person")
        return any(links.filter(source_key__in=some).exists() for some in slices(living))

    def _named(self, keys: Collection[str]) -> dict[str, list[int]]:
        if not keys:
            return {}
        fresh_index(self.session, "organization")
        found = index.lookup(self.session, "organization", "name", keys)
        return still_there(self.session, "organization", found)

    def _own(self, keys: Collection[str]) -> set[str]:
        """The companies that a person decided to make an organization of their own for."""
        rows = Record.objects.filter(
            connection=self.session.connection,
            kind="customer",
            company_key__in=keys,
            own_organization=F("company_key"),
        )
        return set(rows.values_list("company_key", flat=True))

    def _set_targets(self, companies: Collection[Company]) -> None:
        """Each from the customers that speak for its company: Deleted only when all of them are.

        Where none does it stays as it is.
        """
        session = self.session
        customers: dict[str, list[Customer]] = defaultdict(list)
        newest: dict[str, int] = defaultdict(int)
        rows = Record.objects.filter(
            connection=session.connection,
            kind="customer",
            company_key__in=[company.key for company in companies],
        )
        for row in rows:
            customer = customer_of(row)
            if speaks(customer, session.settings):
                customers[row.company_key].append(customer)
            newest[row.company_key] = max(newest[row.company_key], row.version)
        theirs = {}
        if session.settings.subscription_data == "organization":
            everyone = [customer.id for few in customers.values() for customer in few]
            theirs = subscriptions_of(session, everyone)
        for company in companies:
            few = customers.get(company.key, [])
            owned = [s for customer in few for s in theirs.get(customer.id, ())]
            if few:
                company.version = newest[company.key]
                self._aim(company, few, owned)
            if company.key in self.cleared and company.link and company.link.last:
                self._clear(company, OrganizationTarget.from_json(company.link.last), left=not few)

    def _aim(
        self, company: Company, customers: Sequence[Customer], owned: Sequence[Subscription]
    ) -> None:
        facts = customers, owned, self.session.settings, self.session.site
        try:
            target = organization_target(*facts)
        except Unconvertible as error:
            company.unconvertible = error.subscription_id
            return
        wanted = currencies_in(target.fields)
        company.lacking = min(wanted - set(currencies_for(self.session, wanted)), default="")
        if company.lacking:
            return
        company.target, sums = target, organization_revenues(*facts)
        company.working = {name: revenue.as_json() for name, revenue in sums.items()}

    def clear(self, works: Iterable[Work]) -> set[str]:
        """Have what organizations show of the cleared among these go (rule 16); the companies."""
        companies = leaves(self.session, works)
        self.cleared |= companies
        return companies

    def _clear(self, company: Company, last: OrganizationTarget, *, left: bool) -> None:
        """What goes of `last`; where all customers have `left`, nothing else is to be written."""
        if left:
            company.orphan, company.target = True, left_over(self.session, last)
        if company.target:
            company.going = goes(self.session, last, company.target)

    def _read(self, companies: Collection[Company]) -> None:
        ids = [c.pipedrive_id for c in companies if c.pipedrive_id is not None]
        seen = look(self.session, "organization", ids, carried=True)
        for company in companies:
            row = seen.rows.get(company.pipedrive_id or 0)
            company.hidden = company.pipedrive_id in seen.hidden
            if row is not None:
                company.difference = self._difference(company, row)
                company.read_at = seen.at[row["id"]]
        if lost := [c for c in companies if c.pipedrive_id in seen.gone]:
            self._find_again(lost)
            self._read([company for company in lost if company.pipedrive_id is not None])

    def _find_again(self, lost: Collection[Company]) -> None:
        """Gone from Pipedrive: where a merge led, else matched or made again by name (rule 4)."""
        linked = [(c.key, c.pipedrive_id) for c in lost if c.link and c.pipedrive_id is not None]
        merged = winners(self.session, linked)
        # A merge, or one made by hand, may be younger than the last walk.
        gone = [company.pipedrive_id or 0 for company in lost]
        refresh_without(self.session, "organization", gone)
        keys = [company.key for company in lost]
        named, own = self._named(keys), self._own(keys)
        for company in lost:
            company.link = None
            winner, others = merged.get(company.key), named.get(company.key, ())
            company.match = match_organization(winner, others, make_new=company.key in own)

    def _difference(self, company: Company, row: Mapping[str, Any]) -> Difference:
        assert company.target is not None
        return difference(self.session, company.target, row, company.going)


def _trouble(company: Company, customer_id: str) -> Finding | None:
    if company.unconvertible:
        return Finding.of(UNCONVERTIBLE, customer_id, subscription=company.unconvertible)
    if company.lacking:
        return Finding.of(CURRENCY_MISSING, customer_id, currency=company.lacking)
    if company.hidden:
        return Finding.of(HIDDEN_ORGANIZATION, customer_id, organization=company.pipedrive_id)
    if isinstance(company.match, Ambiguous):
        return Finding.of(AMBIGUOUS_ORGANIZATION, customer_id, candidates=company.match.candidates)
    return None


def _stands(company: Company) -> bool:
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
