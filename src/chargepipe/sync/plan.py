"""Plan: walk the customers that are to be looked at, and write down what would change.

A page of customers goes through gate, match, check, targets, read and difference; then one
commit stores its changes and settles what needs no write. Nothing is sent from here.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from django.db.models import Q, QuerySet

from chargepipe.pipedrive import Entity
from chargepipe.store.models import Change, Record
from chargepipe.sync import company, deals, doubles, persons, settle, settle_errors
from chargepipe.sync.backfill import is_backfill
from chargepipe.sync.companies import asked_for
from chargepipe.sync.company import Company
from chargepipe.sync.deals import Deals
from chargepipe.sync.erase import leaving, wake_sharers
from chargepipe.sync.fields import check_fields, discover, labels_in, planned_fields
from chargepipe.sync.foretell import foretell
from chargepipe.sync.freshness import fresh_index
from chargepipe.sync.gate import check, pass_over
from chargepipe.sync.match import match
from chargepipe.sync.newcomers import choose
from chargepipe.sync.organizations import Organizations
from chargepipe.sync.persons import People
from chargepipe.sync.room import check_room
from chargepipe.sync.session import Session
from chargepipe.sync.sharing import give_way_to_linked
from chargepipe.sync.walked import carry_matching
from chargepipe.sync.work import Work, load

PAGE = 1000
ENTITIES: Final[tuple[Entity, ...]] = ("person", "organization")
Mode = Literal["write", "preview", "check"]


@dataclass(frozen=True, slots=True)
class Page:
    """What planning made of one page of customers."""

    works: list[Work]
    companies: list[Company]
    changes: list[Change]
    """Of people."""

    def organizations(self, session: Session) -> list[Change]:
        """The changes of companies; one that holds all that it should has none."""
        rows = (company.change_of(session, each) for each in self.companies)
        return [row for row in rows if row is not None]


class Plan:
    """The plan of one run under way.

    Mode "write" settles what needs no write as it goes, "preview" keeps the changes and the
    findings, "check" (validation) only the findings. Without `trust` what was last written counts
    for nothing: every linked record is compared with what Pipedrive holds (reconcile).
    """

    def __init__(self, session: Session, mode: Mode, *, trust: bool = True) -> None:
        self.session, self.mode, self.trust = session, mode, trust
        self.organizations = Organizations(session, trust=trust)
        self.people = People()
        self.deals = Deals(session, self.organizations, trust=trust)
        self.tally: Counter[str] = Counter()
        self.skipped: Counter[str] = Counter()  # why, and how many
        self.without_deal: Counter[str] = Counter()  # of what a backfill has come by
        self.waiting: Counter[str] = Counter()  # deals that wait
        self.labels: dict[tuple[str, str], set[str]] = {}
        self._new_customers = 0

    def pages(self, customers: QuerySet[Record]) -> Iterator[Page]:
        """What would be planned for these customers; nothing is stored."""
        self._begin()
        for records in in_turn(customers, leaving(self.session, customers)):
            page = self._look(self.examine(records))
            self._block(page.works)
            self.note_labels([*page.organizations(self.session), *page.changes])
            yield page
            self._turn()
            self.session.pulse()

    def _begin(self) -> None:
        discover(self.session)
        check_fields(self.session)
        if self.mode == "write":
            carry_matching(self.session)

    def make(self, customers: QuerySet[Record], with_deals: QuerySet[Record] | None = None) -> None:
        """Plan all these customers, then the deals of these records, and the fields for all."""
        self._begin()
        going = leaving(self.session, customers)
        wake_sharers(self.session, going)
        for records in in_turn(customers, going):
            works = self.examine(records)
            made = self._findings(works) if self.mode == "check" else self._changed(works)
            self.tally.update(
                work.outcome or ("created" if work.customer.id in made else "updated")
                for work in works
            )
            self._new_customers += sum(work.open and work.link is None for work in works)
            self.skipped.update(work.words for work in works if work.outcome == "skipped")
            self._block(works)
            self._turn()
            self.session.pulse()
        if with_deals is not None:
            self._make_deals(with_deals)
        if self.mode != "check" and planned(self.session):
            self._fields()
        if self.mode == "check":
            self._look_for_doubles()
        if self.mode == "write":
            choose(self.session)
        else:
            foretell(self.session, self.unlinked)
        # Not an error, but the run says so (settings 0, 2, 4; rules 13 and 18).
        self._say("Skipped", self.skipped)
        self._say("No deal for", self.without_deal)
        self._say("Deals that wait", self.waiting)

    def _say(self, what: str, reasons: Counter[str]) -> None:
        words = ", ".join(f"{number} ({words})" for words, number in reasons.most_common())
        self.session.note += f"{what}: {words}. " if words else ""

    @property
    def unlinked(self) -> int:
        """How many customers and companies could be linked and are not yet."""
        return self._new_customers + self.organizations.unlinked

    def _turn(self) -> None:
        """A page is over: what the next ones must know of it goes to the disk."""
        self.people.turn()
        self.organizations.known.turn()

    def _block(self, works: Sequence[Work]) -> None:
        """Deals of customers that have an error wait (rule 18)."""
        self.deals.blocked |= {work.customer.id for work in works if work.outcome == "failed"}

    def _make_deals(self, records: QuerySet[Record]) -> None:
        session = self.session
        for works in self.deals.pages(records):
            changes = [deals.change_of(session, work) for work in works]
            made = [change for change in changes if change is not None]
            self.note_labels(made)
            if is_backfill(session):
                self.without_deal.update(w.words for w in works if w.outcome == "skipped")
            self.waiting.update(w.words for w in works if w.outcome == "waits")
            with session.commit():
                store(made)
                if self.mode == "write":
                    settle.deals(session, works)
                settle.deal_findings(session, works)
            session.pulse()
        with session.commit():
            settle_errors.held_up(session, self.deals.findings)

    def _look_for_doubles(self) -> None:
        """A validation brings the index up to date, and says how much stands twice."""
        for entity in ENTITIES if self.session.settings.organizations else ENTITIES[:1]:
            fresh_index(self.session, entity)
        if words := doubles.summary(self.session.connection):
            name = self.session.connection.name
            self.session.note += f"Duplicates: {words}; see them: chargepipe duplicates {name}. "

    def _fields(self) -> None:
        """Fields are made on first need: only where something else is to be written."""
        fields = planned_fields(self.session, self.labels)
        with self.session.commit():
            store(fields)
        if self.mode == "write":
            check_room(self.session)

    def examine(self, records: Sequence[Record]) -> list[Work]:
        """Match these customers and look for what stands in their way; reads no record."""
        session = self.session
        works = load(session, records)
        pass_over(session, works)
        match(session, _open(works))
        give_way_to_linked(session, _open(works))
        if session.settings.organizations:
            self.organizations.match(w.record.company_key for w in _open(works))
        check(session, _open(works), self.organizations, writing=self.mode != "check")
        return works

    def _look(self, works: list[Work]) -> Page:
        """Compare with what Pipedrive holds now; nothing is stored yet."""
        session = self.session
        persons.set_targets(session, _open(works), self.people, trust=self.trust)
        persons.read_held(session, _open(works), self.people)
        companies = asked_for(session, self.organizations, self.people, works)
        again = self.organizations.confirm(self._theirs(_open(works)))
        companies += [each for each in again if each not in companies]
        self.organizations.stop(w for w in works if w.outcome in ("", "unchanged"))
        return Page(works, companies, self._changes(_open(works)))

    def _theirs(self, works: Sequence[Work]) -> set[str]:
        """The companies of the people that are looked at.

        A person goes on naming an organization that was deleted, so its word proves nothing.
        """
        return {w.target.organization for w in works if w.target and w.target.organization}

    def _changes(self, works: Sequence[Work]) -> list[Change]:
        changes = list[Change]()
        for work in works:
            self._stay_without(work)
            organization = self.organizations.id_of(work.target and work.target.organization)
            if change := persons.change_of(self.session, work, self.people, organization):
                changes.append(change)
        return changes

    def _stay_without(self, work: Work) -> None:
        """No organization is made for a customer that lives no more: its person joins none."""
        key = work.target.organization if work.target else None
        if work.target and key and not work.customer.live and not self.organizations.comes(key):
            work.target = replace(work.target, organization=None, organization_name=None)

    def _commit(self, page: Page) -> None:
        session = self.session
        rows = [company.change_of(session, each) for each in page.companies]
        made = [row for row in rows if row is not None]
        self.note_labels([*made, *page.changes])
        with session.commit():
            store(made)
            store(page.changes)
            if self.mode == "write":
                same = [c for c, row in zip(page.companies, rows, strict=True) if row is None]
                stand = [c for c in same if not c.hidden]  # nobody knows what a hidden one holds
                settle.companies(session, stand)
                settle.works(session, page.works)
            settle.findings(session, page.works)

    def note_labels(self, changes: Iterable[Change]) -> None:
        """Fields need an option for each label that these changes write."""
        for field, labels in labels_in(self.session, changes).items():
            self.labels.setdefault(field, set()).update(labels)

    def _changed(self, works: list[Work]) -> set[str]:
        """Plan the changes of a page; returns the customers whose person is made.

        Of several that share a new person only the first makes it, the others update it.
        """
        page = self._look(works)
        self._commit(page)
        return {change.source_key for change in page.changes if change.action == "create"}

    def _findings(self, works: Sequence[Work]) -> set[str]:
        """Note the findings of a page; nobody is made."""
        with self.session.commit():
            settle.findings(self.session, works)
            settle_errors.warnings(self.session, works)
        return set()


def planned(session: Session) -> int:
    """How many changes of records the run has planned; custom fields are made for these."""
    return session.run.changes.filter(state="planned").exclude(kind__endswith="_field").count()


def in_turn(customers: QuerySet[Record], first: Sequence[str]) -> Iterator[list[Record]]:
    """Pages of customers, those named in `first` before the others.

    People are cleared first (rule 16): customers that share one with the cleared keep theirs.
    """
    if first:
        yield from pages(customers.filter(source_id__in=first))
    yield from pages(customers.exclude(source_id__in=first) if first else customers)


def pages(customers: QuerySet[Record]) -> Iterator[list[Record]]:
    """Customers by their last change, then id: so shared people are written in turn."""
    ordered = customers.order_by("updated_at", "source_id")
    after = Q()
    while records := list(ordered.filter(after)[:PAGE]):
        yield records
        last = records[-1]
        # The first condition says no more than the other; by it the index finds the place at once.
        after = Q(updated_at__gte=last.updated_at) & (
            Q(updated_at__gt=last.updated_at) | Q(source_id__gt=last.source_id)
        )


def store(changes: Sequence[Change]) -> None:
    """Insert changes; one that follows another is inserted after it, so that it can name it."""
    left = list(changes)
    while left:
        ready = [c for c in left if c.follows is None or c.follows.pk is not None]
        Change.objects.bulk_create(ready or left)
        left = [change for change in left if change.pk is None]


def _open(works: Sequence[Work]) -> list[Work]:
    return [work for work in works if work.open]
