"""One subscription or invoice on the line: its customer, its link, and what is made of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from chargepipe.domain.deal_diff import found
from chargepipe.domain.deals import DealRecord, NoDeal, deal_key, deal_of
from chargepipe.domain.diff import Difference
from chargepipe.domain.held_deal import HeldDeal
from chargepipe.domain.keys import company_key
from chargepipe.domain.pipelines import PipelineFacts
from chargepipe.domain.records import Customer, Invoice, Subscription
from chargepipe.domain.settings import Settings
from chargepipe.domain.targets import DealTarget
from chargepipe.domain.validation import Finding
from chargepipe.store.models import IndexRecord, Link, Record
from chargepipe.sync.missing import HIDDEN, LEFT, MISSING
from chargepipe.sync.session import Session
from chargepipe.sync.work import customer_of

TABLES: Mapping[str, DealRecord] = {
    "subscription_deals": "subscription",
    "invoice_deals": "invoice",
}
"""Which records the deals of each table of the settings are made of."""


@dataclass(slots=True)
class DealWork:
    """A record under plan. `outcome` is set as soon as nothing more has to be done for it."""

    record: Record
    key: str
    customer: Customer | None
    """None while the mirror does not know it."""
    link: Link | None
    whose: str
    """The source key of its person: its customer's id, or that of a live copy."""
    person: Link | None
    """Its person, where that is to be seen."""
    organization: Link | None
    """Its customer's company's."""
    target: DealTarget | None = None
    pipedrive_id: int | None = None  # the deal, once linked or matched
    reason: str = ""  # how it was found: link, mark, made
    held: HeldDeal | None = None
    read_at: datetime | None = None
    difference: Difference | None = None
    alone: bool = False  # whether its customer has no person to be seen, and gets none in this run
    joins: bool = True  # whether its organization stands or is made in this run, if it has one
    outcome: str = ""  # unchanged, skipped, failed, waits
    words: str = ""  # why it was skipped or waits
    finding: Finding | None = None
    gone: int | None = None  # the deal that was deleted: its link is left
    hidden: bool = False

    @property
    def open(self) -> bool:
        """Whether the line still has to go on with it."""
        return not self.outcome

    @property
    def makes(self) -> bool:
        """Whether a new deal is to be made of it, once it is compared."""
        return self.open and self.pipedrive_id is None

    @property
    def company(self) -> str:
        """The source key of its customer's company; "" without one."""
        return company_key(self.customer.company_name) if self.customer else ""

    @property
    def ids(self) -> dict[str, int | None]:
        """Its person and organization in Pipedrive, as far as they are made."""
        return {
            "person": self.person.pipedrive_id if self.person else None,
            "organization": self.organization.pipedrive_id if self.organization else None,
        }

    @property
    def found(self) -> dict[str, Any]:
        """Where its deal stands, as far as that counts as ours (domain.deal_diff)."""
        if self.held is None or self.target is None:
            return {}
        return found(self.target, self.held, self.link.ours if self.link else {})

    def skip(self, words: str) -> None:
        """Nothing is to be done, so long as the record is as it is."""
        self.words, self.outcome = words, "skipped"

    def wait(self, words: str) -> None:
        """Nothing can be done yet; it is looked at again in the next run."""
        self.words, self.outcome = words, "waits"

    def fail(self, finding: Finding) -> None:
        """An error stands in the way; the record stays dirty and is tried again."""
        self.finding, self.outcome = finding, "failed"

    def aim(self, session: Session, facts: PipelineFacts) -> None:
        """Work out what the deal should hold. Raises NoSuchPlace."""
        assert self.customer is not None
        made = deal_made_of(self.record, self.customer, session.settings, facts)
        if isinstance(made, NoDeal):
            self.skip(made.words)
        elif not made.makes and self.link is None:
            self.skip("no deal is made of it any more")
        else:
            self.target = replace(made, person=self.whose) if made.person else made


def deal_made_of(
    record: Record, customer: Customer, settings: Settings, facts: PipelineFacts
) -> DealTarget | NoDeal:
    """The deal that a row of the mirror makes. Raises NoSuchPlace."""
    json = {**record.attributes, "deleted": record.deleted}
    parsed = Subscription if record.kind == "subscription" else Invoice
    return deal_of(parsed.parse(json), customer, settings, facts)


def load(session: Session, records: Sequence[Record]) -> list[DealWork]:
    """Make works of mirror rows, in their order."""
    customers = _customers(session, {record.customer_id for record in records})
    companies = {row.company_key for row in customers.values()} - {""}
    keys = {record.pk: deal_key(record.kind, record.source_id) for record in records}
    deals = _links(session, "deal", keys.values())
    heirs = _heirs(session, customers)
    people = _people(session, customers | _customers(session, set(heirs.values())))
    organizations = _links(session, "organization", companies)
    works: list[DealWork] = []
    for record in records:
        row = customers.get(record.customer_id)
        whose: str = heirs.get(record.customer_id) or record.customer_id
        works.append(
            DealWork(
                record,
                keys[record.pk],
                customer_of(row) if row else None,
                deals.get(keys[record.pk]),
                whose,
                people.get(whose),
                organizations.get(row.company_key) if row else None,
            )
        )
    return works


def _heirs(session: Session, customers: Mapping[str, Record]) -> dict[str, str]:
    """Live copies of those that went to another business entity, where these have no person.

    No person is made for the old record any more; a hidden one may be seen again.
    """
    left = {id: customer_of(row).heir or "" for id, row in customers.items()}
    left = {id: heir for id, heir in left.items() if heir}
    links = _links(session, "person", left) if left else {}
    own = {key for key, link in links.items() if link.state not in (LEFT, MISSING)}
    return {id: heir for id, heir in left.items() if id not in own}


def _customers(session: Session, ids: set[str]) -> dict[str, Record]:
    if not ids:
        return {}
    rows = Record.objects.filter(
        connection=session.connection, kind="customer", source_id__in=list(ids)
    )
    return {row.source_id: row for row in rows}


def _people(session: Session, customers: Mapping[str, Record]) -> dict[str, Link]:
    """The people of these customers that are to be seen, as far as is known.

    Pipedrive refuses a deal that names a hidden one. No presence check marks the link of a held
    customer, but the index knows who is there.
    """
    links = _links(session, "person", customers)
    held = {key: links[key].pipedrive_id for key in links if customers[key].held}
    there = IndexRecord.objects.filter(
        account=session.account, entity="person", pipedrive_id__in=list(held.values())
    )
    seen = set(there.values_list("pipedrive_id", flat=True)) if held else set[int]()
    gone = {key for key, pipedrive_id in held.items() if pipedrive_id not in seen}
    gone |= {key for key, link in links.items() if link.state in (HIDDEN, LEFT, MISSING)}
    return {key: link for key, link in links.items() if key not in gone}


def _links(session: Session, kind: str, keys: Iterable[str]) -> dict[str, Link]:
    rows = Link.objects.filter(connection=session.connection, kind=kind, source_key__in=list(keys))
    return {link.source_key: link for link in rows}
