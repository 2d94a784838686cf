"""Plan of deals: what the deal of each subscription and invoice should hold, against what it holds.

It comes after the people and organizations of the same run: a deal names them by their source
keys, and is sent once they stand (settings 7, 8 and 13; rules 4 and 18).
"""

from collections.abc import Collection, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from django.db.models import Q, QuerySet

from chargepipe.domain.codes import CURRENCY_MISSING, HIDDEN_DEAL, HIDDEN_PERSON, PLACE_MISSING
from chargepipe.domain.deal_diff import deal_difference
from chargepipe.domain.deals import OF_DEALS
from chargepipe.domain.held_deal import decode_deal
from chargepipe.domain.pipelines import PipelineFacts, problems
from chargepipe.domain.records import Customer
from chargepipe.domain.validation import Finding, skip_reason
from chargepipe.store.models import Change, Record, SyncError
from chargepipe.sync import backfill
from chargepipe.sync.currencies import currencies_for
from chargepipe.sync.deal_match import find_again, match
from chargepipe.sync.deal_now import absent, before_of, rules
from chargepipe.sync.deal_work import TABLES, DealWork, load
from chargepipe.sync.fields import field_map
from chargepipe.sync.gate import by_hand
from chargepipe.sync.ignored import ignored
from chargepipe.sync.joining import JOINED, under_way
from chargepipe.sync.organizations import Organizations
from chargepipe.sync.places import pipeline_facts
from chargepipe.sync.reading import look
from chargepipe.sync.session import Session

PAGE = 500


class Deals:
    """The deals of one plan. `blocked` are customers that have an error in this very plan."""

    def __init__(
        self, session: Session, organizations: Organizations, *, trust: bool = True
    ) -> None:
        self.session, self.organizations, self.trust = session, organizations, trust
        self.blocked = set[str]()
        self.findings: list[Finding] = []
        """What holds up all deals of one kind."""

    def pages(self, records: QuerySet[Record]) -> Iterator[list[DealWork]]:
        """What is to be done for these records; nothing is stored."""
        if not records.exists():
            return
        facts = self._facts()
        stopped = [kind for table, kind in TABLES.items() if self._stopped(table)]
        going = records.exclude(kind__in=stopped) if stopped else records
        filling = backfill.is_backfill(self.session)
        rows = backfill.pages(self.session, going) if filling else _pages(going)
        looked = (self._look(self._follow(load(self.session, page)), facts) for page in rows)
        yield from backfill.capped(self.session, looked) if filling else looked

    def _follow(self, works: list[DealWork]) -> list[DealWork]:
        """Organizations that were merged: a preview knows it, and stores no link."""
        for work in works:
            now = self.organizations.id_of(work.company)
            if work.organization is not None and now is not None:
                work.organization.pipedrive_id = now
        return works

    def _facts(self) -> PipelineFacts:
        """The pipelines; read anew before a setting is said to name what is not there."""
        facts = pipeline_facts(self.session)
        if list(problems(self.session.settings, facts)):
            facts = pipeline_facts(self.session, fresh=True)
        self.findings = [
            Finding.of(PLACE_MISSING, table, kind=OF_DEALS, table=table, words=words)
            for table, words in problems(self.session.settings, facts)
        ]
        return facts

    def _stopped(self, table: str) -> bool:
        return any(finding.record == table for finding in self.findings)

    def _look(self, works: list[DealWork], facts: PipelineFacts) -> list[DealWork]:
        session = self.session
        self._gate(works)
        for work in _open(works):
            work.aim(session, facts)
            name_nobody(work)
        for work in _open(works):
            if self.trust and stands(work):
                work.outcome = "unchanged"
        match(session, _open(works))
        self._check_currencies(_open(works))
        self._read(_open(works))
        for work in _open(works):
            compare(session, work, trust=self.trust)
        return works

    def _gate(self, works: Sequence[DealWork]) -> None:
        """End the works that the settings, an error or an undo keep out (rules 7, 12, 18)."""
        customers = [each for work in works for each in {work.record.customer_id, work.whose}]
        coming = under_way(self.session, "person", customers)
        blocked = self.blocked | self._with_errors(customers, coming)
        quiet = ignored(self.session, "deal", [work.key for work in works])
        made = under_way(self.session, "person", customers, ["create"])
        companies = under_way(self.session, "organization", [w.company for w in works])
        for work in works:
            self._keep_out(work, blocked, quiet)
            stands = work.organization is not None or work.company in companies
            work.joins = stands or not work.company
            if work.whose in made:
                work.person = None  # another one takes its place in this run
            work.alone = work.person is None and work.whose not in coming
            if work.open and work.alone and work.link is None:
                work.wait("its customer has no person in Pipedrive that is to be seen")

    def _keep_out(self, work: DealWork, blocked: AbstractSet[str], quiet: Collection[str]) -> None:
        customer = work.customer
        if customer is None:
            work.wait("its customer is not known yet")
        elif not blocked.isdisjoint((customer.id, work.whose)):
            work.wait("its customer has an error")
        elif work.key in quiet:
            work.wait("its error is ignored until the record changes in Chargebee")
        elif work.record.held and not by_hand(self.session):
            work.wait("what was written for it was undone; it is held until it is modified")
        elif words := skip_reason(payer(work), self.session.settings, _is_linked(work)):
            work.skip(f"its customer: {words}")

    def _with_errors(self, customers: Sequence[str], coming: Collection[str]) -> set[str]:
        """Those with an open error; a hidden person that is written now has been seen again."""
        errors = SyncError.objects.filter(
            connection=self.session.connection,
            kind="customer",
            state="open",
            source_key__in=customers,
        )
        seen = Q(code=HIDDEN_PERSON, source_key__in=coming)
        waiting = set(errors.exclude(seen).values_list("source_key", flat=True))
        return waiting | ignored(self.session, "customer", customers)

    def _check_currencies(self, works: Sequence[DealWork]) -> None:
        """An amount in a currency that Pipedrive lacks is an error of its deal (setting 12)."""
        wanted = {work.target.value.currency for work in works if work.target and work.target.value}
        known = currencies_for(self.session, wanted) if wanted else ()
        for work in works:
            value = work.target.value if work.target else None
            if value is not None and value.currency not in known:
                missing = Finding.of(
                    CURRENCY_MISSING, work.key, kind="deal", currency=value.currency
                )
                work.fail(missing)

    def _read(self, works: Sequence[DealWork]) -> None:
        """Read the deals that are there: 10 tokens for each 100, 1 for each archived one.

        One that is gone may have been merged into another; else it is left (rule 4).
        """
        session = self.session
        lost: list[DealWork] = []
        wanted = [work for work in works if work.pipedrive_id is not None]
        seen = look(session, "deal", [work.pipedrive_id or 0 for work in wanted], carried=True)
        fields = field_map(session, "deal")
        for work in wanted:
            row = seen.rows.get(work.pipedrive_id or 0)
            if row is not None:
                work.held, work.read_at = decode_deal(row, fields), seen.at[row["id"]]
            elif work.pipedrive_id in seen.hidden:
                hidden = Finding.of(HIDDEN_DEAL, work.key, kind="deal", deal=work.pipedrive_id)
                work.fail(hidden)
            else:
                lost.append(work)
        if lost:
            self._read(find_again(session, lost))


def stands(work: DealWork) -> bool:
    """Whether the deal was last seen to hold all that it should, linked to who is theirs now."""
    link = work.link
    if link is None or work.target is None or not _says_nothing_new(work):
        return False
    if work.person is None and work.target.person:
        return False  # it is to be made in this run
    named = {"person": work.target.person, "organization": work.target.organization}
    return all(
        id is None or not named[name] or (link.ours.get(name) or {}).get("id") == id
        for name, id in work.ids.items()
    )


def name_nobody(work: DealWork) -> None:
    """Only making a deal needs a person; one that stands follows its record without one.

    Pipedrive refuses a deal that names somebody who is hidden or gone. Who comes back wakes it.
    """
    if work.alone and work.target is not None:
        work.target = replace(work.target, person=None)


def _is_linked(work: DealWork) -> bool:
    """Whether the customer has what must not be left behind when it goes."""
    return work.person is not None or work.link is not None


def payer(work: DealWork) -> Customer:
    """The customer as its deal sees it.

    When a customer goes to another business entity its invoices stay with the old record
    (chargebee-api.md section 6): their deals follow them, and hang on the same person, or on the
    live copy's where that is gone.
    """
    assert work.customer is not None
    stays = work.record.kind == "invoice"
    return replace(work.customer, active_id=None) if stays else work.customer


def compare(session: Session, work: DealWork, *, trust: bool) -> None:
    """Say what the deal lacks; nothing ends the work.

    An organization that nobody makes in this run is joined once it stands: it wakes the deal.
    Where billing says nothing new the deal only joins who is theirs now.
    """
    assert work.target is not None
    before, missing = before_of(work.link), absent(session, work.joins)
    work.difference = deal_difference(
        work.target, work.held, before, rules(session), work.ids, missing
    )
    if trust and _says_nothing_new(work):  # edits of people stay
        work.difference = work.difference.only(JOINED["deal"])
    if not work.difference.after:
        work.outcome = "unchanged"


def _says_nothing_new(work: DealWork) -> bool:
    link = work.link
    if link is None or link.state or work.target is None:
        return False
    target, then = work.target.as_json(), link.last.get("person")
    # Whom a deal may not name just now, or may again, is no news of billing; nor is a live copy.
    same = target["person"] is None or then in (None, work.record.customer_id)
    return link.last == (target | {"person": then} if same else target)


def change_of(session: Session, work: DealWork) -> Change | None:
    """The planned change of a work; None where nothing is to be written."""
    if not work.open or work.difference is None or work.target is None:
        return None
    return Change(
        run=session.run,
        connection=session.connection,
        account=session.account,
        action="create" if work.makes else "update",
        kind="deal",
        source_key=work.key,
        pipedrive_id=work.pipedrive_id,
        before=dict(work.difference.before),
        after=dict(work.difference.after),
        target=work.target.as_json(),
        reason=work.reason or "made",
        revision=work.record.revision,
        working={"found": work.found} if work.found else {},
        read_at=work.read_at or session.env.clock.now(),
    )


def _open(works: Sequence[DealWork]) -> list[DealWork]:
    return [work for work in works if work.open]


def _pages(records: QuerySet[Record]) -> Iterator[list[Record]]:
    """By the row's number: settling a page moves nobody out of the next ones."""
    after = 0
    while page := list(records.filter(pk__gt=after).order_by("pk")[:PAGE]):
        yield page
        after = page[-1].pk
