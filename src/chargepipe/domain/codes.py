"""Codes of findings and errors: what happened in plain words, and what to do."""

from collections.abc import Mapping
from dataclasses import dataclass

NO_MATCH_KEY = "no_match_key"
NO_SUBSCRIPTION = "no_subscription"
AMBIGUOUS_PERSON = "ambiguous_person"
AMBIGUOUS_ORGANIZATION = "ambiguous_organization"
SHARED_KEY = "shared_key"
CURRENCY_MISSING = "currency_missing"
UNCONVERTIBLE = "unconvertible"
REFUSED = "refused"
DUPLICATE_MARK = "duplicate_mark"
NEWER_SAME_KEY = "newer_same_key"
ORGANIZATION_FAILED = "organization_failed"
HIDDEN_PERSON = "hidden_person"
HIDDEN_ORGANIZATION = "hidden_organization"
NOT_MADE = "not_made"
FIELD_MISSING = "field_missing"
FIELDS_SHORT = "fields_short"
UNFIT_VALUES = "unfit_values"
UNKNOWN_CHOICE = "unknown_choice"
COST = "cost"
ALIKE_DEALS = "alike_deals"
HIDDEN_DEAL = "hidden_deal"
PLACE_MISSING = "place_missing"
DEALS_CAPPED = "deals_capped"

PLANNING = frozenset(
    {NO_MATCH_KEY, NO_SUBSCRIPTION, AMBIGUOUS_PERSON, AMBIGUOUS_ORGANIZATION, DUPLICATE_MARK}
    | {SHARED_KEY, CURRENCY_MISSING, UNCONVERTIBLE, ALIKE_DEALS, HIDDEN_DEAL}
)
"""Codes that matching looks at anew each time: an error of these that no longer holds is over."""

OF_CHARGEBEE = frozenset({NO_MATCH_KEY, NO_SUBSCRIPTION, SHARED_KEY, UNCONVERTIBLE})
"""Codes that say nothing of the Pipedrive account: they hold in any other one, too."""

HIDDEN = frozenset({HIDDEN_PERSON, HIDDEN_ORGANIZATION})
"""Codes that only reading the record in Pipedrive finds: a validation says nothing of them."""


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of finding or error."""

    name: str
    words: str
    """What happened, without personal data; words in braces are details of the case."""
    todo: str
    """What the user can do about it."""
    blocking: bool = True
    """Whether the record waits until it is solved; else it is a warning."""
    of_many: str = ""
    """What happened to several records, without the details; "" where `words` has none."""


_ALL = (
    Code(
        NO_MATCH_KEY,
        "The customer has no value in the match key's field.",
        "Fill that field in Chargebee, or ignore the customer.",
    ),
    Code(
        NO_SUBSCRIPTION,
        "The customer has no subscription, and only customers with one are synced.",
        'Let all customers sync (customers = "all"), or ignore the customer.',
    ),
    Code(
        AMBIGUOUS_PERSON,
        "Several people in Pipedrive match the customer.",
        "Pick one or make a new one (errors decide), or merge them in Pipedrive; "
        "or ignore the customer.",
    ),
    Code(
        AMBIGUOUS_ORGANIZATION,
        "Several organizations in Pipedrive have the company's name.",
        "Pick one or make a new one (errors decide); or merge them or give them different names "
        "in Pipedrive, and retry; or ignore the customer.",
    ),
    Code(
        SHARED_KEY,
        "{others} the same match key: they share one person.",
        "Correct the key in Chargebee; or choose in the settings (shared_keys) whether each writes "
        "the person in turn, the first one owns it, or it is an error.",
        blocking=False,
        of_many="Another customer has the same match key: they share one person.",
    ),
    Code(
        CURRENCY_MISSING,
        "Pipedrive does not have the currency {currency}.",
        "Add it in Pipedrive under company settings, currencies.",
        blocking=False,
        of_many="Pipedrive does not have the currency of an amount.",
    ),
    Code(
        UNCONVERTIBLE,
        "Amounts in several currencies cannot be added: subscription {subscription} has no rate.",
        "Set the exchange rate of the currency in Chargebee and retry.",
        of_many="Amounts in several currencies cannot be added: a subscription has no rate.",
    ),
    Code(
        REFUSED,
        "Pipedrive refused the write: {answer}",
        "Put right what its answer names, then retry.",
        of_many="Pipedrive refused the write.",
    ),
    Code(
        DUPLICATE_MARK,
        "Several records in Pipedrive carry the same mark of ours.",
        "Merge or delete all but one in Pipedrive and retry, or pick one (errors decide).",
    ),
    Code(
        NEWER_SAME_KEY,
        "A create had no certain answer, and a newer record with the same key exists.",
        "Look at that record in Pipedrive, then retry: it is matched if it has the customer's key.",
    ),
    Code(
        ORGANIZATION_FAILED,
        "The organization of the customer could not be made, so its person waits.",
        "Look at the error of the organization; the customer is tried again in every run.",
    ),
    Code(
        HIDDEN_PERSON,
        "The connecting user may not see person {person} of the customer.",
        "Make it visible for that user in Pipedrive; no second person is made meanwhile.",
        of_many="The connecting user may not see the person of the customer.",
    ),
    Code(
        HIDDEN_ORGANIZATION,
        "The connecting user may not see organization {organization} of the customer's company.",
        "Make it visible for that user in Pipedrive; no second one is made meanwhile.",
        of_many="The connecting user may not see the organization of the customer's company.",
    ),
    Code(
        FIELD_MISSING,
        "A custom field or an option that the record needs is not there, and could not be made.",
        "Look at the account's custom fields: chargepipe doctor; then retry.",
    ),
    Code(
        FIELDS_SHORT,
        "{words}",
        "Switch such a setting off, delete custom fields in Pipedrive, or take a bigger plan; "
        "until then a run ends before its first write.",
        blocking=False,
        of_many="The custom fields of the settings do not fit into the plan of the account.",
    ),
    Code(
        UNFIT_VALUES,
        "{words}",
        "Give the additional field another type, or correct the values in Chargebee.",
        blocking=False,
        of_many="Values do not fit the type of an additional field: they are left empty.",
    ),
    Code(
        UNKNOWN_CHOICE,
        "{words}",
        "Correct the setting; until then a run that makes records ends before its first write.",
        blocking=False,
        of_many="The account does not have what a setting names.",
    ),
    Code(
        COST,
        "Customers and companies that a run would make or link: {number}. That costs about {cost}.",
        "Nothing: a run whose tokens end pauses and goes on by itself. The settings say how many "
        "runs may use (budget_share).",
        blocking=False,
        of_many="A run would make or link customers and companies: that costs tokens.",
    ),
    Code(
        ALIKE_DEALS,
        "Deals of the same person and amount are there already; one of them may be this one.",
        "Pick it (errors decide ID --deal DID), or have a new one made (--new).",
    ),
    Code(
        HIDDEN_DEAL,
        "The connecting user may not see deal {deal}.",
        "Make it visible for that user in Pipedrive; no second deal is made meanwhile.",
        of_many="The connecting user may not see the deal.",
    ),
    Code(
        PLACE_MISSING,
        "The deals of {table} wait: {words}.",
        "Correct the pipeline or stage in the settings, or make it in Pipedrive; then sync.",
        of_many="Deals wait: their pipeline or stage is not there.",
    ),
    Code(
        DEALS_CAPPED,
        "Pipedrive takes no more open deals: {answer}",
        "Close or delete open deals, or ask an admin for a bigger plan. Deals that are won or lost "
        "are made meanwhile; each run tries one open deal again.",
        of_many="Pipedrive takes no more open deals.",
    ),
    Code(
        NOT_MADE,
        "A create had no certain answer three times, and no such record exists.",
        "Look at the state of Pipedrive and of the network; it is tried again in the next run.",
    ),
)

CODES: Mapping[str, Code] = {code.name: code for code in _ALL}
"""Every code by its name."""
