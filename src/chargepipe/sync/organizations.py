"""Plan of organizations: one for each company name, found, made or ambiguous (setting 3)."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db.models import F

from chargepipe.domain.diff import Difference, organization_difference
from chargepipe.domain.matching import Ambiguous, Match, NotFound, match_organization
from chargepipe.store.models import Link, Record
from chargepipe.sync import index
from chargepipe.sync.candidates import still_there
from chargepipe.sync.company import HELD, Company, slim, stands, trouble
from chargepipe.sync.company_targets import set_targets
from chargepipe.sync.erase_organizations import difference, leaves
from chargepipe.sync.freshness import fresh_index
from chargepipe.sync.ignored import ignored
from chargepipe.sync.joined import winners
from chargepipe.sync.kept import Kept
from chargepipe.sync.missing import refresh_without
from chargepipe.sync.reading import look
from chargepipe.sync.session import Session, slices
from chargepipe.sync.work import Work, customer_of


class Organizations:
    """What the plan knows of companies; each is matched once a run, and compared once."""

    def __init__(self, session: Session, *, trust: bool = True) -> None:
        self.session, self.trust = session, trust
        self.known = Kept[Company](slim)
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
        set_targets(self.session, companies, self.cleared)
        companies = [c for c in companies if c.target is not None and not self._held(c)]
        linked = [c for c in companies if c.pipedrive_id is not None]
        self._read([c for c in linked if not (self.trust and stands(c))])
        return self._with_new(companies)

    def confirm(self, keys: Collection[str]) -> list[Company]:
        """Make sure that these linked organizations are there, for people will be linked to them.

        Those that are gone are followed, matched or made again by name (rule 4). One that is there
        is not written: a person's edit stands until billing says something new of it, and so does
        an undo.
        """
        linked = [self.known[key] for key in keys if key in self.known]
        linked = [c for c in linked if c.target and c.difference is None]
        unread = [c for c in linked if stands(c) or self._held(c)]
        self._read(unread)
        for company in unread:
            if company.link is not None:
                company.difference = Difference()
        return [c for c in self._with_new(unread) if c.link is None]

    def stop(self, works: Iterable[Work]) -> None:
        """Fail the customers whose organization is hidden, or after a deletion ambiguous."""
        for work in works:
            company = self.known.get(work.target.organization or "") if work.target else None
            if company and (finding := trouble(company, work.customer.id)):
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

    def clear(self, works: Iterable[Work]) -> set[str]:
        """Have what organizations show of the cleared among these go (rule 16); the companies."""
        companies = leaves(self.session, works)
        self.cleared |= companies
        return companies

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
        found = difference(self.session, company.target, row, company.going)
        return found.only(company.going) if company.orphan else found
