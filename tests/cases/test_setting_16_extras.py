"""Setting 16: useful extras, each off."""

import pytest
from sheet import Outcome, Row
from story import Story

LINK = {"extras": ["link"]}
OVERDUE = {"extras": ["overdue"]}
OCTOBER, NOVEMBER = 1_791_028_800, 1_793_534_400  # 2026-10-03 and 2026-11-01, 12:00 UTC

ROWS = [
    Row(
        "the link leads to the customer in Chargebee with one click",
        settings=LINK,
        customer={"id": "cus_42"},
        shows={"CB Link": "https://acme-test.chargebee.com/d/customers/cus_42"},
    ),
    Row(
        "the overdue amount is what is due over all subscriptions, since the oldest",
        settings=OVERDUE,
        subscriptions=(
            {"total_dues": 4900, "due_since": NOVEMBER, "due_invoices_count": 1},
            {"total_dues": 100, "due_since": OCTOBER, "due_invoices_count": 1},
        ),
        shows={"CB Overdue Amount": "50 USD", "CB Overdue Since": "2026-10-03"},
    ),
    Row(
        "who owes nothing shows that",
        settings=OVERDUE,
        subscriptions=({"mrr": 4900},),
        shows={"CB Overdue Amount": "0 USD", "CB Overdue Since": None},
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_what_an_extra_shows(row: Row, outcome: Outcome):
    outcome.check(row)


@pytest.mark.parametrize(
    ("extras", "made"),
    [
        ([], set()),
        (["link"], {"CB Link"}),
        (["overdue"], {"CB Overdue Amount", "CB Overdue Since"}),
    ],
)
def test_each_is_off_until_it_is_chosen(story: Story, extras: list[str], made: set[str]):
    story.given(extras=extras)
    story.customer("ada")
    story.full()
    assert {"CB Link", "CB Overdue Amount", "CB Overdue Since"} & set(story.fields()) == made
