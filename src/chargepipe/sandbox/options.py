"""What the public pages leave open about the two services, as named choices.

Each is marked [?] or ?? in the fact sheets and has a row in docs/reference/assumptions.md. A test
that depends on one names it. What is known, and merely differs from account to account, is no
option but a setting of the sandbox: plan, seats, catalog, lags.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Options:
    """Choices for a `Sandbox`; the defaults are the careful reading.

    Chargebee:

    after_is_strict: ``field[after]=t`` leaves out rows at exactly t.
    offset_seconds: how long an offset is good for; None: for ever.
    tombstone_days: how long deleted records stay listed with include_deleted; None: for ever.
    event_days: how far back the list of events reaches.
    custom_dates: how dates and times of custom fields are written: ISO text or unix seconds.
    mrr_moves: whether the late computing of `mrr` moves `updated_at`.
    paused_keeps_mrr: whether a paused subscription keeps its `mrr`, or has 0.
    merge_moves: whether a merge of customers moves `updated_at` of the records that it moves.
    transfer: whether a customer that goes to another business entity lives on under a new id, and
        the old record keeps its own, or the other way round.
    clearing_tells: whether clearing personal data raises customer_changed and moves `updated_at`.
    calls_per_minute: the limit of the site; every test site has 150.
    sends_retry_after: whether a 429 says how long to wait; of Pipedrive's 429 too.

    Pipedrive:

    deleted: the answer for one deleted record: 404, or 400 with ERR_..._DELETED, or (on GET alone,
        else 400) 200 with is_deleted true. The loser of a merge answers the same.
    admins_see_all: whether an admin sees what another user keeps private.
    hidden: the answer for a record that the token's user may not see.
    lists_deleted: whether `updated_since` lists deleted persons and organizations.
    refused_costs, failed_costs: whether a 429, and another 4xx, takes tokens of the daily budget.
    unknown_params: what an unknown query parameter does.
    inactive_currency: whether a currency that is switched off can be written.
    same_field_name: whether two fields may have one name.
    null_emails: what ``"emails": null`` does in a PATCH.
    null_links: what null does there for a deal's person, organization and expected close.
    longest_name: characters of a name or title; a longer one is refused.
    escapes_html: whether ``<`` in a name comes back as ``&lt;``.
    merge_joins: whose text custom fields a merge joins; of others the winner's are kept.
    cursor_seconds: how long a cursor is good for; None: for ever.
    value_blanks: whether a PATCH with a deal's value empties its other attributes.
    restores: whether ``"is_deleted": false`` brings a deleted deal back.
    reopening_counts: whether a deal that is opened again needs room among the open deals.
    reset_hour: the hour (UTC) at which the daily budget begins anew.
    """

    after_is_strict: bool = True
    offset_seconds: float | None = 3600.0
    tombstone_days: int | None = None
    event_days: int = 90
    custom_dates: Literal["iso", "seconds"] = "iso"
    mrr_moves: bool = False
    paused_keeps_mrr: bool = True
    merge_moves: bool = False
    transfer: Literal["new_id", "keeps_id"] = "new_id"
    clearing_tells: bool = False
    calls_per_minute: int = 150
    sends_retry_after: bool = True

    deleted: Literal["404", "400", "200"] = "404"
    admins_see_all: bool = False
    hidden: Literal["404", "403"] = "404"
    lists_deleted: bool = False
    refused_costs: bool = False
    failed_costs: bool = True
    unknown_params: Literal["refuse", "ignore"] = "refuse"
    inactive_currency: Literal["refuse", "accept"] = "refuse"
    same_field_name: Literal["accept", "refuse"] = "accept"
    null_emails: Literal["refuse", "clear"] = "refuse"
    null_links: Literal["refuse", "clear"] = "refuse"
    longest_name: int = 255
    escapes_html: bool = False
    merge_joins: Literal["organizations", "all"] = "organizations"
    cursor_seconds: float | None = 3600.0
    value_blanks: bool = False
    restores: bool = False
    reopening_counts: bool = False
    reset_hour: int = 0
