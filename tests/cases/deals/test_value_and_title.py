"""Section 4: what a deal is worth, in which currency, and how it is named."""

from typing import Any

import pytest
from deal_sheet import Outcome, Row
from deal_story import item

pytestmark = pytest.mark.django_db
PLAN = item(4_900)
YEARLY = {"billing_period_unit": "year", "mrr": 4_083}
MRR: Any = {"subscriptions": {"value": "mrr"}}
ARR: Any = {"subscriptions": {"value": "arr"}}
ADA = {"first_name": "Ada", "last_name": "Byron"}


def titled(template: str) -> Any:
    return {"subscriptions": {"title": template}}


VALUES = [
    Row(
        "a deal is worth what a period of the plan bills",
        subscription={"subscription_items": [PLAN]},
        deal={"value": "49 USD"},
    ),
    Row(
        "addons count",
        subscription={"subscription_items": [PLAN, item(1_225, "addon", "support-USD-monthly")]},
        deal={"value": "61.25 USD"},
    ),
    Row(
        "charges that are billed once do not count",
        subscription={"subscription_items": [PLAN, item(2_450, "charge", "setup-USD")]},
        deal={"value": "49 USD"},
    ),
    Row(
        "a year's plan is worth a year",
        subscription={**YEARLY, "subscription_items": [item(49_000)]},
        deal={"value": "490 USD"},
    ),
    Row(
        "a plan without a price is worth nothing",
        subscription={"subscription_items": [item(0)]},
        deal={"value": "0 USD"},
    ),
    Row(
        "a deal keeps its subscription's own currency",
        subscription={"currency_code": "EUR", "exchange_rate": 1.08},
        deal={"value": "49 EUR"},
    ),
    Row(
        "yen have no decimals",
        subscription={"currency_code": "JPY", "subscription_items": [item(5_390)]},
        deal={"value": "5390 JPY"},
    ),
    Row(
        "dinars have two in Chargebee",
        subscription={"currency_code": "KWD", "subscription_items": [item(1_255)]},
        deal={"value": "12.55 KWD"},
    ),
    Row(
        "which currencies have no decimals can be chosen",
        settings={"zero_decimal": ["KWD"]},
        subscription={"currency_code": "KWD", "subscription_items": [item(1_255)]},
        deal={"value": "1255 KWD"},
    ),
    Row(
        "a list of currencies without decimals replaces the default one",
        settings={"zero_decimal": ["KWD"]},
        subscription={"currency_code": "JPY", "subscription_items": [item(5_390)]},
        deal={"value": "53.9 JPY"},
    ),
    Row(
        "a large amount is kept to the cent",
        subscription={"subscription_items": [item(1_234_567_890_123)]},
        deal={"value": "12345678901.23 USD"},
    ),
    Row(
        "a currency that Pipedrive lacks is an error and no deal",
        subscription={"currency_code": "NOK"},
        error="currency_missing",
    ),
    Row(
        "under MRR a deal is worth what Chargebee says a month brings",
        settings=MRR,
        subscription={**YEARLY, "subscription_items": [item(49_000)]},
        deal={"value": "40.83 USD"},
    ),
    Row(
        "under MRR an active subscription that tells none is worth 0",
        settings=MRR,
        subscription={"mrr": None},
        deal={"value": "0 USD"},
    ),
    Row(
        "under MRR yen have no decimals",
        settings=MRR,
        subscription={"currency_code": "JPY", "mrr": 5_390},
        deal={"value": "5390 JPY"},
    ),
    Row(
        "under MRR a trial that tells none is worth what its items bring a month",
        settings=MRR,
        subscription={
            **YEARLY,
            "status": "in_trial",
            "mrr": None,
            "subscription_items": [item(49_000)],
        },
        deal={"value": "40.83 USD", "status": "open"},
    ),
    Row(
        "under MRR a lost deal is worth what was lost, though Chargebee says 0 then",
        settings=MRR,
        subscription={"status": "cancelled", "mrr": 0, "subscription_items": [PLAN]},
        deal={"value": "49 USD", "status": "lost"},
    ),
    Row(
        "ARR is twelve times MRR",
        settings=ARR,
        subscription={**YEARLY, "subscription_items": [item(49_000)]},
        deal={"value": "489.96 USD"},
    ),
    Row(
        "under ARR a month's plan is worth twelve of it",
        settings=ARR,
        subscription={"mrr": 4_900},
        deal={"value": "588 USD"},
    ),
]

TITLES = [
    Row(
        "a deal is named by company and plan",
        customer={**ADA, "company": "Acme"},
        subscription={},
        deal={"title": "Acme - team-USD-monthly"},
    ),
    Row(
        "the company of the billing address will do",
        customer={**ADA, "billing_address": {"company": "Acme Ltd"}},
        subscription={},
        deal={"title": "Acme Ltd - team-USD-monthly"},
    ),
    Row(
        "without a company it is named by the name",
        customer=ADA,
        subscription={},
        deal={"title": "Ada Byron - team-USD-monthly"},
    ),
    Row(
        "without company and name it is named by the email",
        customer={"email": "ada@byron.co"},
        subscription={},
        deal={"title": "ada@byron.co - team-USD-monthly"},
    ),
    Row(
        "a plan that is missing leaves no dash behind",
        customer={"company": "Acme"},
        subscription={"subscription_items": []},
        deal={"title": "Acme", "value": "0 USD"},
    ),
    Row(
        "a title can have all words",
        settings=titled("{name}/{company}/{email}/{customer_id}/{plan}/{status}/{id}"),
        customer={**ADA, "id": "cus_7", "company": "Acme", "email": "a@b.co"},
        subscription={"id": "sub_77"},
        deal={"title": "Ada Byron/Acme/a@b.co/cus_7/team-USD-monthly/Active/sub_77"},
    ),
    Row(
        "a title follows the status that it names",
        settings=titled("{id}: {status}"),
        subscription={"id": "sub_78", "status": "in_trial"},
        later={"status": "active"},
        deal={"title": "sub_78: Active"},
    ),
    Row(
        "a word without a value leaves nothing, and no doubled blank",
        settings=titled("Deal {company} of {customer_id}"),
        customer={"id": "cus_8"},
        subscription={},
        deal={"title": "Deal of cus_8"},
    ),
    Row(
        "a title of nothing but missing words is the record's id",
        settings=titled("{company}"),
        subscription={"id": "sub_79"},
        deal={"title": "sub_79"},
    ),
    Row(
        "a title without words is taken as it is",
        settings=titled("Subscription"),
        subscription={},
        deal={"title": "Subscription"},
    ),
    Row(
        "a title longer than Pipedrive keeps is cut",
        settings=titled("{company}"),
        customer={"company": "A" * 300},
        subscription={},
        deal={"title": "A" * 255},
    ),
    Row(
        "doubled and outer blanks of a company do not show",
        customer={"company": "  Acme   Works "},
        subscription={},
        deal={"title": "Acme Works - team-USD-monthly"},
    ),
]
ROWS = [*VALUES, *TITLES]


@pytest.mark.parametrize("row", VALUES, ids=str)
def test_the_value_of_a_deal(row: Row, outcomes: dict[str, Outcome]):
    outcomes[row.says].check(row)


@pytest.mark.parametrize("row", TITLES, ids=str)
def test_the_title_of_a_deal(row: Row, outcomes: dict[str, Outcome]):
    outcomes[row.says].check(row)
