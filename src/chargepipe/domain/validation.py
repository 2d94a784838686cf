"""Findings: what stands in the way of a customer's sync, and what deserves a warning.

Pure: it gets the matches from whoever holds the index. Words carry no personal data.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

from chargepipe.domain import codes
from chargepipe.domain.mapping import SiteFacts, person_target
from chargepipe.domain.matching import Ambiguous, Match, Matched, NoKey
from chargepipe.domain.records import Customer, Subscription
from chargepipe.domain.revenue import Unconvertible
from chargepipe.domain.settings import Settings
from chargepipe.domain.values import currencies_in


@dataclass(frozen=True, slots=True)
class Subject:
    """A customer with everything that its checks look at."""

    customer: Customer
    subscriptions: Sequence[Subscription]
    keys: frozenset[str] = field(repr=False)
    """`keys.customer_keys` under the match key."""
    person: Match
    organization: Match | None
    """None where organizations are off or the customer has no company."""

    @property
    def linked(self) -> bool:
        """Whether a stored link leads to its person."""
        return isinstance(self.person, Matched) and self.person.reason == "link"


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding about one record: an error when it blocks, else a warning."""

    record: str = field(repr=False)
    """Its source key: the customer's id, the organization's company key."""
    code: str
    words: str = field(repr=False)
    """What is so: ids, currency codes, and what a service answered."""
    candidates: tuple[int, ...] = ()
    """Pipedrive ids to choose from, ascending."""
    blocking: bool = True
    kind: str = "customer"
    """What the record is: customer, person, organization, deal, a field, or the connection."""

    @classmethod
    def of(
        cls,
        code: str,
        record: str,
        *,
        kind: str = "customer",
        candidates: Iterable[int] = (),
        **details: object,
    ) -> Self:
        """A finding with the words of its code, `details` filled in (`codes.Code.words`).

        Raises KeyError for an unknown code or a detail that its words need.
        """
        known = codes.CODES[code]
        words = known.words.format(**details)
        return cls(record, code, words, tuple(sorted(set(candidates))), known.blocking, kind)


def chosen(customer: Customer, settings: Settings) -> bool:
    """Whether the customer's business entity is among the chosen ones (setting 0)."""
    entities = settings.business_entities
    return entities == "all" or customer.business_entity_id in entities


def speaks(customer: Customer, settings: Settings) -> bool:
    """Whether its company's organization shows it.

    Those of business entities that are not chosen are not ours to tell of (setting 0). Of a
    customer that a transfer left behind its live copy tells.
    """
    return chosen(customer, settings) and not customer.left_behind


def skip_reason(customer: Customer, settings: Settings, linked: bool) -> str | None:
    """Why a customer is passed over without being an error, or None.

    An entity that is not chosen (setting 0), deleted or cleared before it was linked (setting 4,
    rule 16).
    """
    if customer.pii_cleared and not linked:
        return "personal data cleared in Chargebee before it was linked"
    if not chosen(customer, settings):
        return "its business entity is not chosen"
    if customer.left_behind and not customer.deleted:
        return "moved to another business entity: the live copy has another id"
    if customer.deleted and not linked:
        return "deleted in Chargebee before it was linked"
    if customer.deleted and settings.deleted_customers == "leave":
        return "deleted in Chargebee; its person is left as it is (deleted_customers)"
    return None


def left_gone(customer: Customer, settings: Settings) -> str | None:
    """Why a person that is gone from Pipedrive is not looked for or made again (rule 4), or None.

    With "create people" off it is looked for by its key, and then left (`NOT_MADE_AGAIN`).
    """
    if customer.deleted:
        return "deleted in Chargebee, and its person was deleted in Pipedrive"
    if customer.pii_cleared:
        return "personal data cleared in Chargebee, and its person was deleted in Pipedrive"
    if settings.deleted_persons == "leave":
        return "its person was deleted in Pipedrive and is left so (deleted_persons)"
    return None


NOT_MADE_AGAIN = "its person was deleted in Pipedrive, and create_people is off"


def findings(
    subject: Subject,
    settings: Settings,
    currencies: Collection[str],
    fallback_currency: str,
    others: int,
) -> tuple[Finding, ...]:
    """The findings of one customer, in the order in which they stand in the way.

    `currencies` are those that Pipedrive has; `fallback_currency` is the site's, taken where a
    customer names none; `others` is how many other customers share its match key.
    """
    return (
        *_of_matches(subject, settings),
        *_of_sharing(subject, others, settings),
        *_of_money(subject, settings, currencies, fallback_currency),
    )


def stopped_by_match(customer: Customer, match: Match | None) -> Finding | None:
    """The finding of a match that leads to no single person; None when it does, or may make one."""
    if isinstance(match, NoKey):
        return Finding.of(codes.NO_MATCH_KEY, customer.id)
    if isinstance(match, Ambiguous):
        code = codes.DUPLICATE_MARK if match.reason == "mark" else codes.AMBIGUOUS_PERSON
        return Finding.of(code, customer.id, candidates=match.candidates)
    return None


def _of_matches(subject: Subject, settings: Settings) -> Iterator[Finding]:
    record = subject.customer.id
    only_with = settings.customers == "with_subscriptions" and not subject.linked
    if only_with and not any(each.live for each in subject.subscriptions):
        yield Finding.of(codes.NO_SUBSCRIPTION, record)
    stopped = stopped_by_match(subject.customer, subject.person)
    if stopped:
        yield stopped
    if isinstance(subject.organization, Ambiguous):
        candidates = subject.organization.candidates
        yield Finding.of(codes.AMBIGUOUS_ORGANIZATION, record, candidates=candidates)


def _of_sharing(subject: Subject, others: int, settings: Settings) -> Iterator[Finding]:
    if others:
        said = "1 other customer has" if others == 1 else f"{others} other customers have"
        found = Finding.of(codes.SHARED_KEY, subject.customer.id, others=said)
        yield replace(found, blocking=settings.shared_keys == "fail")


def _of_money(
    subject: Subject, settings: Settings, currencies: Collection[str], fallback: str
) -> Iterator[Finding]:
    record, site = subject.customer.id, SiteFacts("", fallback, fallback)
    try:
        target = person_target(subject.customer, subject.subscriptions, settings, site)
    except Unconvertible as error:
        yield Finding.of(codes.UNCONVERTIBLE, record, subscription=error.subscription_id)
        return
    for missing in sorted(currencies_in(target.fields) - set(currencies)):
        yield Finding.of(codes.CURRENCY_MISSING, record, currency=missing)
