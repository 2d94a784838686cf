"""A simulated year of subscriptions, invoices and salespeople, judged deal by deal by the oracle.

`CHARGEPIPE_YEAR_CUSTOMERS=500` makes it the full size; `CHARGEPIPE_YEAR_SEED` another year.
"""

import os
import sys

import pytest
from year import WEEKS, Year

pytestmark = pytest.mark.django_db(transaction=True)
CUSTOMERS = int(os.environ.get("CHARGEPIPE_YEAR_CUSTOMERS", "60"))
SEED = int(os.environ.get("CHARGEPIPE_YEAR_SEED", "1"))


@pytest.mark.slow
@pytest.mark.parametrize("null_links", ["refuse", "clear"])
def test_after_a_year_every_deal_is_what_billing_and_salespeople_made_it(null_links: str):
    year = Year(CUSTOMERS, SEED, null_links=null_links)
    year.begin()
    for number in range(1, WEEKS + 1):
        year.week(number)
    sys.stdout.write(f"\n{year.figures()}\n")
    assert year.wrong == []
    assert year.silence() == 0
