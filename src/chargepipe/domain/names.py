"""Names of the custom fields that we write; the vendor's, so that people can switch."""

CUSTOMER_ID = "CB Customer ID"
CUSTOMER_MRR = "CB Customer MRR"
CUSTOMER_CMRR = "CB Customer CMRR"
CUSTOMER_STATUS = "CB Customer Status"
ORGANIZATION_STATUS = "CB Status"
BUSINESS_ENTITY = "CB Business Entity"

SUBSCRIPTION_STATUS = "CB Subscription Status"
PLAN = "CB Plan"
MRR = "CB MRR"
NEXT_BILLING = "CB Next Billing"
TRIAL_END = "CB Trial End"
TERM_END = "CB Term End"
CANCELLED_ON = "CB Cancelled On"
ACTIVE_SUBSCRIPTIONS = "CB Active Subscriptions"

LINK = "CB Link"
OVERDUE_AMOUNT = "CB Overdue Amount"
OVERDUE_SINCE = "CB Overdue Since"

SUBSCRIPTION_ID = "CB Subscription ID"
INVOICE_ID = "CB Invoice ID"
INVOICE_STATUS = "CB Invoice Status"
DUE = "CB Due"

ALL = frozenset(
    {CUSTOMER_ID, CUSTOMER_MRR, CUSTOMER_CMRR, CUSTOMER_STATUS, ORGANIZATION_STATUS}
    | {BUSINESS_ENTITY, SUBSCRIPTION_STATUS, PLAN, MRR, NEXT_BILLING, TRIAL_END, TERM_END}
    | {CANCELLED_ON, ACTIVE_SUBSCRIPTIONS, LINK, OVERDUE_AMOUNT, OVERDUE_SINCE}
    | {SUBSCRIPTION_ID, INVOICE_ID, INVOICE_STATUS, DUE}
)
"""Every name of ours: an additional field may not take one."""

MARKS = frozenset({CUSTOMER_ID, ORGANIZATION_STATUS, SUBSCRIPTION_ID, INVOICE_ID})
"""Fields by which records that we made are found again; without them nothing is created."""

ACTIVE = "Active"
DELETED = "Deleted"
RECORD_STATUSES = (ACTIVE, DELETED)
"""Options of CB Customer Status and CB Status."""

YES, NO = "Yes", "No"
"""Options of a field that answers a question; Pipedrive has no type for that."""

SUBSCRIPTION_STATUSES = (
    "future",
    "in_trial",
    "active",
    "non_renewing",
    "paused",
    "cancelled",
    "transferred",
)
INVOICE_STATUSES = ("posted", "payment_due", "not_paid", "paid", "voided", "pending")


def status_label(status: str) -> str:
    """The option's label of a Chargebee status: in_trial is "In trial"."""
    return status.replace("_", " ").capitalize()
