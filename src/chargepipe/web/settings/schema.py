"""The settings as a form: groups of fields with their words. The rules are domain.settings.

A field is named by its path in the connection file, so form, file and API say the same names.
"""

from chargepipe.web.settings.parts import Choice, Field, Group

_OVERWRITE = (
    Choice("always", "Chargebee's value always", "What billing says replaces what is there."),
    Choice("fill_empty", "Only where a field is empty", "What a person wrote stays."),
    Choice("append", "Add emails and phones", "Ours is added and never made the primary one."),
)

GROUPS: tuple[Group, ...] = (
    Group(
        "who",
        "Who is synced",
        "Which customers find or get a person in Pipedrive, and how they are recognised.",
        (
            Field(
                "settings.customers",
                "Customers",
                "choice",
                choices=(
                    Choice("all", "All customers"),
                    Choice("with_subscriptions", "Only those with a subscription"),
                ),
            ),
            Field(
                "settings.create_people",
                "Make a person where none matches",
                "switch",
                "Off: a customer without a match is skipped, and the run says so.",
            ),
            Field(
                "settings.match_key.chargebee",
                "Match key in Chargebee",
                "text",
                "What of the customer is compared.",
                picker="customer-keys",
            ),
            Field(
                "settings.match_key.pipedrive",
                "Match key in Pipedrive",
                "text",
                "With what of the person.",
                picker="person-keys",
            ),
            Field(
                "settings.shared_keys",
                "Customers who share a key",
                "choice",
                choices=(
                    Choice("overwrite", "Share one person", "Each writes it in turn."),
                    Choice("first", "The first one owns the person", "The others give way."),
                    Choice("fail", "Are an error", "Until the keys differ."),
                ),
            ),
            Field(
                "settings.deleted_customers",
                "A customer deleted in Chargebee",
                "choice",
                choices=(
                    Choice("flag", "Is marked Deleted", "CB Customer Status says so."),
                    Choice("leave", "Is left as it is"),
                    Choice("delete", "Has its person deleted", "Asks before, every time."),
                ),
            ),
            Field(
                "settings.deleted_persons",
                "A linked person deleted in Pipedrive",
                "choice",
                choices=(
                    Choice("recreate", "Is made again"),
                    Choice("leave", "Stays deleted"),
                ),
            ),
            Field(
                "settings.business_entities",
                "Business entities",
                "list",
                'Ids of the entities to sync, with commas between; "all" for every one.',
            ),
        ),
    ),
    Group(
        "organizations",
        "Organizations",
        "A company's name finds its organization, or makes it; people are linked to it.",
        (
            Field(
                "settings.organizations",
                "Find and make organizations",
                "switch",
                "Cannot be switched off any more once a full sync has run with it.",
            ),
        ),
    ),
    Group(
        "written",
        "What is written",
        "Subscription data on contacts, and whose word counts.",
        (
            Field(
                "settings.subscription_data",
                "Subscription data",
                "choice",
                "Status, plan, MRR, next billing, trial end, term end, cancelled on, count.",
                (
                    Choice("off", "Not on contacts"),
                    Choice("person", "On the person"),
                    Choice("organization", "On the organization"),
                ),
            ),
            Field("settings.overwrite", "Whose value stands", "choice", choices=_OVERWRITE),
            Field(
                "settings.extras",
                "Extras",
                "checks",
                choices=(
                    Choice("link", "CB Link", "One click to the customer in Chargebee."),
                    Choice("overdue", "Overdue", "CB Overdue Amount and CB Overdue Since."),
                ),
            ),
            Field(
                "settings.owner",
                "Owner of new records",
                "text",
                "An active user of the Pipedrive account.",
                picker="owners",
            ),
            Field(
                "settings.visibility",
                "Who sees new records",
                "choice",
                choices=(
                    Choice("default", "As Pipedrive does by itself"),
                    Choice("owner", "The owner"),
                    Choice("group", "The owner's group"),
                    Choice("subgroups", "The group and its sub-groups"),
                    Choice("company", "The whole company"),
                ),
            ),
            Field(
                "settings.label",
                "Label of new people",
                "text",
                "Of those that the account has.",
                picker="labels",
            ),
        ),
    ),
    Group(
        "subscription_deals",
        "Deals from subscriptions",
        "One deal a subscription, from the first change after the first full sync on.",
        (
            Field("settings.subscription_deals.enabled", "Make these deals", "switch"),
            Field(
                "settings.subscription_deals.pipeline",
                "Pipeline",
                "text",
                "Where the deals go.",
                picker="pipelines",
            ),
            Field(
                "settings.subscription_deals.value",
                "Value of the deal",
                "choice",
                choices=(
                    Choice("amount", "Plan amount per period"),
                    Choice("mrr", "MRR"),
                    Choice("arr", "ARR", "Twelve times MRR."),
                ),
            ),
            Field(
                "settings.subscription_deals.title",
                "Title",
                "text",
                "Words in braces: {company_or_name}, {name}, {company}, {email}, {customer_id}, "
                "{plan}, {status}, {id}.",
            ),
        ),
    ),
    Group(
        "invoice_deals",
        "Deals from one-time invoices",
        "One deal an invoice that is not recurring and belongs to no subscription.",
        (
            Field("settings.invoice_deals.enabled", "Make these deals", "switch"),
            Field(
                "settings.invoice_deals.pipeline",
                "Pipeline",
                "text",
                "Where the deals go.",
                picker="pipelines",
            ),
            Field("settings.invoice_deals.title", "Title", "text", "Words in braces as above."),
        ),
    ),
    Group(
        "care",
        "Care for salespeople",
        "What a person did in the pipeline counts.",
        (
            Field(
                "settings.deal_care",
                "Never move or reopen a deal that a person moved, won, lost or archived",
                "switch",
            ),
        ),
    ),
    Group(
        "money",
        "Money and time",
        "How Chargebee's amounts and dates are read.",
        (
            Field(
                "settings.time_zone",
                "Time zone of the site",
                "text",
                "Dates are taken in it, for example Europe/Berlin.",
                picker="time-zones",
            ),
            Field(
                "settings.zero_decimal",
                "Currencies without cents",
                "list",
                "Chargebee's own list; every other has two decimals.",
            ),
        ),
    ),
    Group(
        "budget",
        "Budget and brake",
        "How much of Pipedrive's daily API tokens runs may use, and when a run asks first.",
        (
            Field(
                "settings.budget_share",
                "Share of the day's tokens",
                "share",
                "In per cent. The rest is left to the account's other tools.",
            ),
            Field(
                "settings.daily_tokens",
                "Tokens a day",
                "text",
                'A number for where Pipedrive does not say; "auto": 30,000 then.',
            ),
            Field(
                "brake.share_of_people",
                "Ask before more than this share of the linked people changes",
                "share",
                "In per cent, from ten people on.",
            ),
            Field("brake.deals", "Ask before more deals than this are made", "number"),
        ),
    ),
    Group(
        "schedule",
        "Schedule",
        "From the end of one run to the start of the next.",
        (
            Field("schedule.automatic", "Sync automatically", "switch"),
            Field(
                "schedule.every", "Every", "text", "For example 15m, 1h or 1d.", picker="intervals"
            ),
        ),
    ),
)

SUBSCRIPTION_STATUSES = (
    *("future", "in_trial", "active", "non_renewing", "paused", "cancelled", "transferred"),
)
INVOICE_STATUSES = ("posted", "payment_due", "not_paid", "paid", "voided", "pending")
DEALS = {"subscription_deals": SUBSCRIPTION_STATUSES, "invoice_deals": INVOICE_STATUSES}
"""The statuses that a group of deals has a rule for."""
DEAL_STATUSES = ("open", "won", "lost", "none")
ADDITIONAL = ("from", "to", "type", "overwrite")
"""The columns of an additional field."""
