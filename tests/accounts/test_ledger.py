"""The books: what runs asked for, and what they may still spend."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from chargepipe.accounts.ledger import Ledger, allowance, goes_on_at
from chargepipe.domain.settings import Settings
from chargepipe.http import Call
from chargepipe.store.models import Account, Connection, Run

TODAY = date(2026, 11, 22)


def call(cost: int, left: int | None = None) -> Call:
    return Call("Pipedrive", "GET", "/x", 200, cost, 1.0, 30_000 if left else None, left)


@pytest.mark.parametrize(
    ("used", "limit", "left", "entered", "allowed"),
    [
        (0, None, None, None, 21_000),
        (1_000, None, None, None, 20_000),
        (0, 60_000, 60_000, None, 42_000),
        (0, 60_000, 500, None, 500),
        (0, None, None, 1_000, 700),
        (0, None, None, 60_000, 42_000),
        (0, 60_000, 60_000, 1_000, 42_000),
        (50_000, 60_000, 60_000, None, 0),
    ],
)
def test_a_share_of_the_day_is_ours_and_never_more_than_is_left(
    used: int, limit: int | None, left: int | None, entered: int | None, allowed: int
):
    account = Account(tokens_day=TODAY, tokens_used=used, tokens_limit=limit, tokens_left=left)
    settings = Settings(daily_tokens=entered or "auto")
    assert allowance(account, settings, TODAY) == allowed


def test_without_headers_a_new_day_begins_at_midnight_with_a_full_budget():
    account = Account(tokens_day=date(2026, 11, 21), tokens_used=21_000)
    assert allowance(account, Settings(), TODAY) == 21_000


def test_with_headers_yesterdays_books_hold_until_they_show_more():
    account = Account(tokens_day=date(2026, 11, 21), tokens_used=21_000, tokens_left=9_000)
    assert allowance(account, Settings(), TODAY) == 0
    assert allowance(account, Settings(), date(2026, 11, 23)) == 21_000, "a day is never longer"


def test_a_run_without_tokens_looks_again_after_midnight_and_then_every_hour():
    spent = Account(tokens_day=date(2026, 12, 31), tokens_used=21_000)
    late = datetime(2026, 12, 31, 23, 59, tzinfo=UTC)
    assert goes_on_at(spent, late) == datetime(2027, 1, 1, 0, 5, tzinfo=UTC)
    after = datetime(2027, 1, 1, 0, 5, tzinfo=UTC)
    assert goes_on_at(spent, after) == datetime(2027, 1, 1, 1, 5, tzinfo=UTC)


def test_an_account_that_gave_nothing_yet_is_asked_again_in_an_hour():
    now = datetime(2026, 11, 22, 9, tzinfo=UTC)
    assert goes_on_at(Account(), now) == datetime(2026, 11, 22, 10, tzinfo=UTC)


@pytest.mark.django_db
def test_the_books_begin_anew_when_the_headers_show_more_tokens():
    account = Account.objects.create(company_id=1, name="A")
    connection = Connection.objects.create(name="c", account=account, file={}, site="s")
    run = Run.objects.create(connection=connection, kind="sync")
    ledger = Ledger()
    for left, day, used in ((50, 21, 5), (45, 22, 10), (29_995, 22, 5), (29_990, 22, 10)):
        ledger(call(5, left=left))
        ledger.saved(ledger.save(run.pk, account.pk, date(2026, 11, day)))
        account.refresh_from_db()
        assert (account.tokens_left, account.tokens_used) == (left, used)
    assert account.tokens_day == TODAY


@pytest.mark.django_db
def test_the_burst_limit_is_kept_for_it_tells_the_plan():
    account = Account.objects.create(company_id=1, name="A")
    connection = Connection.objects.create(name="c", account=account, file={}, site="s")
    run = Run.objects.create(connection=connection, kind="sync")
    ledger = Ledger()
    for burst in (20, None):
        ledger(replace(call(5), burst_limit=burst))
        ledger.saved(ledger.save(run.pk, account.pk, TODAY))
        account.refresh_from_db()
        assert account.burst == 20


@pytest.mark.django_db
def test_calls_are_booked_once_on_the_run_and_the_account():
    account = Account.objects.create(company_id=1, name="A")
    connection = Connection.objects.create(name="c", account=account, file={}, site="s")
    run = Run.objects.create(connection=connection, kind="sync")
    ledger = Ledger()
    for one in (call(5), call(10, left=29_985), Call("Chargebee", "GET", "/c", 200, 0, 1.0)):
        ledger(one)
    for _ in range(2):
        ledger.saved(ledger.save(run.pk, account.pk, TODAY))
    run.refresh_from_db()
    account.refresh_from_db()
    assert (run.requests_pipedrive, run.requests_chargebee, run.tokens) == (2, 1, 15)
    assert (account.tokens_used, account.tokens_limit, account.tokens_left) == (15, 30_000, 29_985)
