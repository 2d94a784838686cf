"""Plan of organizations: one for each company name, found, made or ambiguous (setting 3)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from chargepipe.domain.diff import Difference, organization_difference
from chargepipe.domain.held import decode_organization
from chargepipe.domain.mapping import organization_target
from chargepipe.domain.matching import Match, Matched, NotFound, match_organization
from chargepipe.domain.records import Customer
from chargepipe.domain.targets import OrganizationTarget
from chargepipe.store.models import Change, Link, Record
from chargepipe.sync import index
from chargepipe.sync.fields import field_map
from chargepipe.sync.freshness import fresh_index
from chargepipe.sync.reading import read
from chargepipe.sync.session import Session
from chargepipe.sync.work import customer_of, subscriptions_of


@dataclass(slots=True)
class Company:
    """A company under plan."""

    key: str
    link: Link | None
    match: Match
    target: OrganizationTarget | None = None
    difference: Difference | None = None

    @property
    def pipedrive_id(self) -> int | None:
        """Its organization, None while that is to be made or ambiguous."""
        return self.match.pipedrive_id if isinstance(self.match, Matched) else None


class Organizations:
    """What the plan knows of companies; each is matched once a run, and compared once."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.known: dict[str, Company] = {}

    def match(self, keys: Iterable[str]) -> None:
        """Find the organizations of these companies: by link, else by name."""
        fresh = [key for key in dict.fromkeys(keys) if key and key not in self.known]
        links = {
            link.source_key: link
            for link in Link.objects.filter(
                connection=self.session.connection, kind="organization", source_key__in=fresh
            )
        }
        named = self._named([key for key in fresh if key not in links])
        for key in fresh:
            link = links.get(key)
            found = match_organization(link.pipedrive_id if link else None, named.get(key, ()))
            self.known[key] = Company(key, link, found)

    def match_of(self, key: str) -> Match | None:
        """How a company was matched; None for a customer without one, or with organizations off."""
        return self.known[key].match if key in self.known else None

    def id_of(self, key: str | None) -> int | None:
        """The organization of a company, None while it is not made."""
        return self.known[key].pipedrive_id if key and key in self.known else None

    def compare(self, keys: Collection[str], only_linked: Collection[str]) -> list[Company]:
        """Work out what these organizations lack; those of `only_linked` are not made."""
        wanted = dict.fromkeys([*keys, *only_linked])
        fresh = [self.known[key] for key in wanted if self.known[key].target is None]
        companies = [c for c in fresh if c.key in keys or c.link is not None]
        self._set_targets(companies)
        companies = [c for c in companies if c.target is not None]
        self._read([c for c in companies if c.pipedrive_id is not None and not _stands(c)])
        return self._with_new(companies)

    def confirm(self, keys: Collection[str]) -> list[Company]:
        """Make sure that these linked organizations are there, for people will be linked to them.

        Those that were deleted in Pipedrive are matched or made again by name (rule 4).
        """
        linked = [self.known[key] for key in keys if key in self.known]
        unread = [c for c in linked if c.target and c.difference is None and _stands(c)]
        self._read(unread)
        return [c for c in self._with_new(unread) if c.difference]

    def _with_new(self, companies: list[Company]) -> list[Company]:
        for company in companies:
            if isinstance(company.match, NotFound) and company.target is not None:
                company.difference = organization_difference(company.target, None)
        return companies

    def _named(self, keys: Collection[str]) -> dict[str, list[int]]:
        if not keys:
            return {}
        fresh_index(self.session, "organization")
        return index.lookup(self.session, "organization", "name", keys)

    def _set_targets(self, companies: Collection[Company]) -> None:
        """Each from all customers of its company: it is Deleted only when all of them are."""
        session = self.session
        customers: dict[str, list[Customer]] = defaultdict(list)
        rows = Record.objects.filter(
            connection=session.connection,
            kind="customer",
            company_key__in=[company.key for company in companies],
        )
        for row in rows:
            customers[row.company_key].append(customer_of(row))
        theirs = {}
        if session.settings.subscription_data == "organization":
            everyone = [customer.id for few in customers.values() for customer in few]
            theirs = subscriptions_of(session, everyone)
        for company in companies:
            few = customers.get(company.key, [])
            owned = [s for customer in few for s in theirs.get(customer.id, ())]
            if few:
                company.target = organization_target(few, owned, session.settings, session.site)

    def _read(self, companies: Collection[Company]) -> None:
        ids = [c.pipedrive_id for c in companies if c.pipedrive_id is not None]
        held = read(self.session, "organization", ids) if ids else {}
        lost = [c for c in companies if c.pipedrive_id not in held]
        for company in companies:
            if company.pipedrive_id in held:
                company.difference = self._difference(company, held[company.pipedrive_id])
        if lost:
            # Deleted in Pipedrive: matched or made again by name (rule 4).
            named = self._named([company.key for company in lost])
            for company in lost:
                company.link = None
                company.match = match_organization(None, named.get(company.key, ()))
            self._read([company for company in lost if company.pipedrive_id is not None])

    def _difference(self, company: Company, row: Mapping[str, Any]) -> Difference:
        assert company.target is not None
        held = decode_organization(row, field_map(self.session, "organization"))
        return organization_difference(
            company.target, held, self.session.settings.policies("organization")
        )


def _stands(company: Company) -> bool:
    assert company.target is not None
    return company.link is not None and company.link.last == company.target.as_json()


def change_of(session: Session, company: Company) -> Change | None:
    """The planned change of a company, None where Pipedrive holds all that it should."""
    if not company.difference or company.target is None:
        return None
    made = company.pipedrive_id is None
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
        reason="made" if made else getattr(company.match, "reason", "link"),
        read_at=session.env.clock.now(),
    )
