"""The books: what runs asked for, and what they may still spend."""

from datetime import UTC, date, datetime

import pytest

from chargepipe.accounts.ledger import Ledger, allowance, next_day
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
        (0, 60_000, 60_000, 1_000, 700),
        (50_000, 60_000, 60_000, None, 0),
    ],
)
def test_a_share_of_the_day_is_ours_and_never_more_than_is_left(
    used: int, limit: int | None, left: int | None, entered: int | None, allowed: int
):
    account = Account(tokens_day=TODAY, tokens_used=used, tokens_limit=limit, tokens_left=left)
    settings = Settings(daily_tokens=entered or "auto")
    assert allowance(account, settings, TODAY) == allowed


def test_a_new_day_begins_with_a_full_budget():
    account = Account(tokens_day=date(2026, 11, 21), tokens_used=21_000, tokens_left=0)
    assert allowance(account, Settings(), TODAY) == 21_000


def test_the_next_day_is_after_midnight_utc():
    now = datetime(2026, 12, 31, 23, 59, tzinfo=UTC)
    assert next_day(now) == datetime(2027, 1, 1, 0, 5, tzinfo=UTC)


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
