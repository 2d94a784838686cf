"""Records by their number: customers, subscriptions, people and organizations, as JSON text.

Customer n and all that belongs to it follow from n alone. Of six customers five have one
subscription and one has two; two of three have a company, which two or three of four share.
"""

from collections.abc import Iterator

BORN = 1_700_000_000
"""When customer 0 was made (unix seconds)."""
APART = 60
"""Seconds between one customer and the next, and one subscription and the next."""
FIRST = ("Ada", "Grace", "Alan", "Mary", "Edsger", "Barbara", "Donald", "Radia", "Niklaus", "Lise")
LAST = ("Lovelace", "Hopper", "Turing", "Shelley", "Liskov", "Knuth", "Perlman", "Wirth", "Noether")
STATUSES = ("active", "active", "active", "in_trial", "non_renewing", "cancelled")
TIME = "2024-01-01T00:00:00Z"
KNOWN = 3
"""So many of ten customers are people already before the first sync, and so many companies."""
MARK, STATUS, MRR, CMRR = (f"{letter * 40}" for letter in "abcd")
ORGANIZATION_STATUS = "e" * 40
"""Codes of our custom fields, once they are there."""


def customer(n: int) -> str:
    """One row of Chargebee's list of customers."""
    born = BORN + n * APART
    company = f'"company":"{company_of(n)}",' if n % 3 else ""
    return (
        f'{{"customer":{{"id":"cus{n:07}","first_name":"{FIRST[n % 10]}","last_name":'
        f'"{LAST[n // 7 % 9]}","email":"{email(n)}","phone":"{phone(n)}",{company}'
        '"auto_collection":"on","net_term_days":0,"allow_direct_debit":false,'
        f'"created_at":{born},"updated_at":{born},"resource_version":{born}001,'
        '"taxability":"taxable","locale":"en","pii_cleared":"active","channel":"web",'
        '"card_status":"valid","billing_address":{"line1":"236 Main Street","city":"Berlin",'
        '"country":"DE","validation_status":"not_validated","object":"billing_address"},'
        '"promotional_credits":0,"refundable_credits":0,"excess_payments":0,'
        '"unbilled_charges":0,"preferred_currency_code":"EUR","deleted":false,'
        '"object":"customer"}}'
    )


def subscription(m: int, customers: int) -> str:
    """One row of Chargebee's list of subscriptions: one a customer, then a second of each fifth."""
    n = m if m < customers else (m - customers) * 5
    born, status, amount = BORN + m * APART, STATUSES[m % 6], price(m)
    ended = f'"cancelled_at":{born + 5},' if status == "cancelled" else ""
    due = f'"next_billing_at":{born + 90_000_000},' if status == "active" else ""
    return (
        f'{{"subscription":{{"id":"sub{m:07}","customer_id":"cus{n:07}","status":"{status}",'
        '"currency_code":"EUR","billing_period":1,"billing_period_unit":"month",'
        f'"created_at":{born},"started_at":{born},"activated_at":{born},"updated_at":{born},'
        f'"resource_version":{born}002,{ended}{due}"auto_collection":"on",'
        '"has_scheduled_changes":false,"subscription_items":[{"item_price_id":'
        f'"team-EUR-monthly","item_type":"plan","quantity":1,"unit_price":{amount},'
        f'"amount":{amount},"object":"subscription_item"}}],"mrr":{mrr(m)},'
        '"exchange_rate":1.0,"base_currency_code":"EUR","channel":"web","due_invoices_count":0,'
        '"deleted":false,"object":"subscription"}}'
    )


def mrr(m: int) -> int:
    """What a subscription brings a month, in cents."""
    return price(m) if STATUSES[m % 6] in ("active", "non_renewing") else 0


def cmrr(m: int) -> int:
    """What it is going to bring: nothing once its end is set."""
    return price(m) if STATUSES[m % 6] in ("active", "in_trial") else 0


def price(m: int) -> int:
    """Of a month of a subscription, in cents."""
    return 1900 + m % 7 * 1000


def person(n: int, id: int, fields: str, organization: int | None = None) -> str:
    """One row of Pipedrive's list of people; `fields` are its custom fields as JSON."""
    return (
        f'{{"id":{id},"name":"{FIRST[n % 10]} {LAST[n // 7 % 9]}","owner_id":101,'
        f'"org_id":{organization or "null"},"add_time":"{TIME}","update_time":"{TIME}","emails":'
        f'[{{"value":"{email(n)}","primary":true,"label":"work"}}],"phones":[{{"value":"{phone(n)}","primary":true,'
        '"label":"work"}],"is_deleted":false,"visible_to":3,"label_ids":[],"picture_id":null,'
        f'"custom_fields":{fields}}}'
    )


def organization(group: int, id: int, fields: str) -> str:
    """One row of Pipedrive's list of organizations."""
    return (
        f'{{"id":{id},"name":"{company(group)}","owner_id":101,"add_time":"{TIME}",'
        f'"update_time":"{TIME}","is_deleted":false,"visible_to":3,"address":null,'
        f'"label_ids":[],"website":null,"custom_fields":{fields}}}'
    )


def email(n: int) -> str:
    """Of customer n."""
    return f"{FIRST[n % 10]}.{LAST[n // 7 % 9]}.{n}@example.com".lower()


def phone(n: int) -> str:
    """Of customer n."""
    return f"+49301{n:07}"


def company(group: int) -> str:
    """The name of a group of customers."""
    return f"Company {group} GmbH"


def company_of(n: int) -> str:
    """The company of customer n."""
    return company(n // 4)


def subscriptions_of(n: int, customers: int) -> Iterator[int]:
    """The numbers of the subscriptions of customer n."""
    yield n
    if n % 5 == 0:
        yield customers + n // 5


def known(place: int) -> int:
    """The number of the customer, or company, that is the record at this place before a sync."""
    return place // KNOWN * 10 + place % KNOWN
