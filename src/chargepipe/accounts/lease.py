"""One writer an account: lease and fence (architecture.md, "Engine").

The lease is a row's owner and end. Its claim raises the fence; every transaction of a run
checks the fence, and every write checks, at the last moment, that the lease outlasts it.
"""

from datetime import datetime, timedelta

from django.db.models import F

from chargepipe.accounts.environment import Environment
from chargepipe.store.models import Account


class LeaseLost(Exception):
    """Another worker took the account over; whatever this one still does must have no effect."""


class LeaseShort(Exception):
    """The lease might end while a write is under way; nothing was sent. Hold it again."""


class Lease:
    """The right of one owner to write to one account; made by `claim`."""

    def __init__(self, account_id: int, fence: int, env: Environment, free_since: datetime) -> None:
        self.account_id, self.fence, self._env = account_id, fence, env
        self.free_since = free_since  # the owner before this one could send nothing after it
        self._good_until = env.clock.monotonic() + env.lease_seconds

    def hold(self) -> None:
        """Prolong the lease and check the fence in one statement; it locks the account's row.

        Raises LeaseLost when another worker has claimed the account since.
        """
        start = self._env.clock.monotonic()
        until = self._env.clock.now() + timedelta(seconds=self._env.lease_seconds)
        mine = Account.objects.filter(pk=self.account_id, fence=self.fence)
        if not mine.update(lease_until=until):
            raise LeaseLost(f"Account {self.account_id} was taken over by another worker.")
        self._good_until = start + self._env.lease_seconds

    def check_before_write(self) -> None:
        """Raise LeaseShort when a write begun now might outlive the lease."""
        if self._good_until - self._env.clock.monotonic() <= self._env.write_seconds:
            raise LeaseShort(f"The lease of account {self.account_id} is about to end.")

    def release(self) -> None:
        """Give the account back at once; a lost lease is left alone."""
        mine = Account.objects.filter(pk=self.account_id, fence=self.fence)
        mine.update(lease_owner="", lease_until=None)


def claim(account_id: int, env: Environment) -> Lease | None:
    """Take the account if it is free, or if its owner's lease and the settle time are over."""
    now = env.clock.now()
    account = Account.objects.get(pk=account_id)
    ended = account.lease_until
    if account.lease_owner and ended and ended + timedelta(seconds=env.settle_seconds) > now:
        return None
    # Unchanged since it was read: of two that see a free account only one wins, and an owner
    # that has just prolonged its lease keeps it.
    seen = Account.objects.filter(pk=account_id, fence=account.fence, lease_until=ended)
    won = seen.update(
        lease_owner=env.owner,
        lease_until=now + timedelta(seconds=env.lease_seconds),
        fence=F("fence") + 1,
    )
    return Lease(account_id, account.fence + 1, env, ended or now) if won else None
