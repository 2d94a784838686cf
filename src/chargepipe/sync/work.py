"""One customer on the line: its records, its link, and what the stages make of it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from chargepipe.domain.diff import Difference
from chargepipe.domain.held import HeldPerson
from chargepipe.domain.matching import Match
from chargepipe.domain.records import Customer, Subscription
from chargepipe.domain.targets import PersonTarget
from chargepipe.domain.validation import Finding
from chargepipe.store.models import Change, Link, Record
from chargepipe.sync.session import Session

MAKE_NEW = "new"
"""The decision of a Record: none of the matching people is it, a new one is made."""


@dataclass(slots=True)
class Work:
    """A customer under plan. `outcome` is set as soon as nothing more has to be done for it."""

    record: Record
    customer: Customer
    subscriptions: tuple[Subscription, ...]
    link: Link | None
    keys: frozenset[str] = frozenset()  # under the match key
    match: Match | None = None
    target: PersonTarget | None = None
    pipedrive_id: int | None = None  # the person, once linked or matched
    reason: str = ""  # how it was found: link, mark, key, made
    stands: bool = False  # what was last written is what it should hold
    held: HeldPerson | None = None
    read_at: datetime | None = None
    difference: Difference | None = None
    outcome: str = ""  # unchanged, skipped, failed
    words: str = ""  # why it was skipped
    waits: bool = False  # skipped for now only: ignored, or held
    again: bool = False  # skipped, but looked at again in the next run
    finding: Finding | None = None
    lost: Link | None = None  # its link, once the person is known to be gone
    moved_from: int | None = None  # the person that was merged into the present one
    link_state: str = ""  # what the link is to remember: hidden, left
    ends: bool = False  # whether the link ends: its person is no longer this customer's
    warnings: list[Finding] = field(default_factory=list)

    @property
    def open(self) -> bool:
        """Whether the line still has to go on with it."""
        return not self.outcome

    @property
    def makes_new(self) -> bool:
        """Whether a person decided that none of the matching people is it (rule 2)."""
        return self.record.decision == MAKE_NEW

    def fail(self, finding: Finding) -> None:
        """An error stands in the way; the record stays dirty and is tried again."""
        self.finding, self.outcome = finding, "failed"

    def wait(self, words: str) -> None:
        """Nothing is done for now; its errors stay as they are."""
        self.skip(words)
        self.waits = True

    def skip(self, words: str) -> None:
        """The settings say that nothing is to be done."""
        self.words, self.outcome = words, "skipped"

    @property
    def last(self) -> PersonTarget | None:
        """What was last written through the link."""
        return PersonTarget.from_json(self.link.last) if self.link and self.link.last else None

    @property
    def wrote(self) -> PersonTarget | None:
        """The same, with only the email and phone that we added ourselves."""
        return wrote(self.link)


def wrote(link: Link | None) -> PersonTarget | None:
    """What we wrote through a link: an email or phone that was there before us is not ours."""
    if link is None or not (link.last or link.ours):
        return None
    last = PersonTarget.from_json(link.last) if link.last else _NOTHING
    return replace(last, email=link.ours.get("email"), phone=link.ours.get("phone"))


def is_same_person(change: Change) -> bool:
    """Whether a change goes to the person that its link knows; a merge takes along what is ours.

    One that was found by its key, or is made, has nothing of ours: it is another than that which
    was lost.
    """
    return change.reason in ("link", "mark")


_NOTHING = PersonTarget("", None, None, None, None, None, {})
"""What is known of a link whose last written values no longer stand (after an undo)."""


def load(session: Session, records: Sequence[Record]) -> list[Work]:
    """Make works of mirror rows, in their order."""
    ids = [record.source_id for record in records]
    subscriptions = subscriptions_of(session, ids)
    links = {
        link.source_key: link
        for link in Link.objects.filter(
            connection=session.connection, kind="person", source_key__in=ids
        )
    }
    return [
        Work(
            record,
            customer_of(record),
            tuple(subscriptions.get(record.source_id, ())),
            links.get(record.source_id),
        )
        for record in records
    ]


def customer_of(record: Record) -> Customer:
    """The customer as the mirror holds it; one that is no longer listed is deleted."""
    return Customer.parse({**record.attributes, "deleted": record.deleted})


def subscriptions_of(session: Session, ids: Iterable[str]) -> dict[str, list[Subscription]]:
    """Subscriptions by customer id, deleted ones too, oldest first."""
    found: dict[str, list[Subscription]] = defaultdict(list)
    rows = Record.objects.filter(
        connection=session.connection, kind="subscription", customer_id__in=list(ids)
    ).order_by("created_at", "source_id")
    for row in rows:
        found[row.customer_id].append(
            Subscription.parse({**row.attributes, "deleted": row.deleted})
        )
    return found
