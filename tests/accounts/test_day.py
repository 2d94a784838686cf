"""Pipedrive's day: late answers and other processes' books do not begin it anew, a reset does."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.db import connection

from chargepipe.accounts.ledger import Ledger, allowance
from chargepipe.domain.settings import Settings
from chargepipe.http import Call
from chargepipe.store.models import Account, Connection, Run

pytestmark = pytest.mark.django_db(transaction=True)
TODAY, TOMORROW = date(2026, 11, 22), date(2026, 11, 23)
BOUGHT = 60_000


@pytest.fixture(autouse=True)
def run() -> Run:
    account = Account.objects.create(company_id=1, name="A")
    acme = Connection.objects.create(name="c", account=account, file={}, site="s")
    return Run.objects.create(connection=acme, kind="sync")


def call(cost: int, left: int | None, limit: int | None = 30_000) -> Call:
    return Call("Pipedrive", "GET", "/x", 200, cost, 1.0, limit if left is not None else None, left)


def booked(ledger: Ledger, today: date = TODAY, run: Run | None = None) -> tuple[int, int | None]:
    """What is used and what is left by the books, once this ledger has written into them."""
    account = Account.objects.get()
    ledger.saved(ledger.save(run.pk if run else 0, account.pk, today))
    account.refresh_from_db()
    return account.tokens_used, account.tokens_left


def test_who_hears_of_less_meanwhile_and_books_late_changes_nothing_of_the_day(run: Run):
    own, doctor = Ledger(), Ledger()
    own(call(20_600, 9_400))
    assert booked(own, run=run) == (20_600, 9_400)
    doctor(call(32, 9_368))
    own(call(250, 9_118))
    assert booked(own, run=run) == (20_850, 9_118)
    assert booked(doctor) == (20_882, 9_118)
    assert allowance(Account.objects.get(), Settings(), TODAY) == 118


def test_who_heard_before_another_one_booked_says_nothing_new(run: Run):
    own, doctor = Ledger(), Ledger()
    own(call(20_900, 9_100))
    booked(own, run=run)
    doctor(call(32, 9_068))
    assert booked(doctor) == (20_932, 9_068)
    own(Call("Chargebee", "GET", "/customers", 200, 0, 1.0))
    assert booked(own, run=run) == (20_932, 9_068)


def test_answers_out_of_order_leave_what_is_left_for_certain():
    ledger = Ledger()
    for cost, left in ((20_900, 9_100), (5, 9_090), (5, 9_095)):
        ledger(call(cost, left))
    assert booked(ledger) == (20_910, 9_090)
    ledger(call(5, 9_091))
    assert booked(ledger) == (20_915, 9_090), "late, and heard after the others were booked"


@pytest.mark.parametrize("late", [1, 500, 10_000])
def test_a_late_answer_never_costs_the_books_more_than_twice_what_it_is_late(late: int):
    ledger = Ledger()
    ledger(call(20_000, 10_000))
    booked(ledger)
    ledger(call(5, 10_000 + late))
    used, _ = booked(ledger)
    assert used >= 20_005 - 2 * late


def test_tokens_that_are_bought_give_no_new_day():
    ledger = Ledger()
    ledger(call(20_000, 10_000))
    booked(ledger)
    ledger(call(5, 39_995, limit=BOUGHT))
    assert booked(ledger) == (20_005, 39_995)
    ledger(call(5, 39_999, limit=BOUGHT))
    assert booked(ledger) == (20_010, 39_995)


@pytest.mark.parametrize("limit", [30_000, None])
@pytest.mark.parametrize("used", [5, 3_000, 21_000])
@pytest.mark.parametrize("others", [0, 2_000])
@pytest.mark.parametrize("day", [TODAY, TOMORROW])
def test_a_reset_begins_the_day_anew_at_any_hour(
    used: int, others: int, day: date, limit: int | None
):
    ledger = Ledger()
    ledger(call(used, 30_000 - used - 5_000, limit))
    assert booked(ledger)[0] == used
    ledger(call(5, 29_995 - others, limit))
    assert booked(ledger, day) == (5, 29_995 - others)
    assert Account.objects.get().tokens_day == day


def test_where_headers_are_no_longer_sent_old_ones_do_not_hold_for_ever():
    ledger = Ledger()
    ledger(call(29_000, 1_000))
    booked(ledger)
    ledger(call(5, None))
    assert booked(ledger, date(2026, 11, 24)) == (5, None)


def test_ledgers_that_book_at_the_same_time_lose_nothing():
    def spend(_: int) -> None:
        ledger = Ledger()
        for _ in range(20):
            ledger(call(10, None))
            booked(ledger)
        connection.close()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(spend, range(4)))
    assert Account.objects.get().tokens_used == 4 * 20 * 10
