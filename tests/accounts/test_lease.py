"""One writer an account, whoever dies, freezes or wakes."""

from dataclasses import replace

import pytest

from chargepipe.accounts.environment import Environment
from chargepipe.accounts.lease import Lease, LeaseLost, LeaseShort, claim
from chargepipe.store.models import Account
from virtual_time import VirtualClock

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def env(clock: VirtualClock) -> Environment:
    return Environment(clock=clock, owner="first", settle_seconds=120, lease_seconds=30)


@pytest.fixture
def account() -> Account:
    return Account.objects.create(company_id=1, name="Acme")


def take(account: Account, env: Environment) -> Lease:
    lease = claim(account.pk, env)
    assert lease is not None
    return lease


def test_a_held_account_is_not_given_twice(account: Account, env: Environment):
    take(account, env)
    assert claim(account.pk, replace(env, owner="second")) is None


def test_a_released_account_is_free_at_once(account: Account, env: Environment):
    take(account, env).release()
    assert take(account, replace(env, owner="second")).fence == 2


def test_a_dead_owner_is_followed_after_lease_and_settle_time(
    account: Account, env: Environment, clock: VirtualClock
):
    take(account, env)
    second = replace(env, owner="second")
    clock.advance(149)
    assert claim(account.pk, second) is None
    clock.advance(2)
    assert take(account, second).fence == 2


def test_who_was_taken_over_can_hold_nothing_more(
    account: Account, env: Environment, clock: VirtualClock
):
    first = take(account, env)
    clock.advance(200)
    take(account, replace(env, owner="second"))
    with pytest.raises(LeaseLost):
        first.hold()
    first.release()
    assert Account.objects.get().lease_owner == "second"


def test_a_write_is_not_begun_when_the_lease_might_end_meanwhile(
    account: Account, env: Environment, clock: VirtualClock
):
    lease = take(account, env)
    lease.check_before_write()
    clock.advance(env.lease_seconds - env.write_seconds)
    with pytest.raises(LeaseShort):
        lease.check_before_write()
    lease.hold()
    lease.check_before_write()


def test_the_longest_write_fits_into_any_lease(env: Environment):
    for seconds in (0.5, 2.0, 30.0, 600.0):
        short = replace(env, lease_seconds=seconds)
        assert short.write_seconds < seconds
