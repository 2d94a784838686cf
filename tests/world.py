"""A whole small world in one process: both services, the store, and time that does not pass."""

import os
from typing import Any

from chargepipe.accounts.environment import Environment
from chargepipe.actions import connections
from chargepipe.domain.settings import dump, load
from chargepipe.sandbox import Options, Sandbox
from chargepipe.store.models import (
    Account,
    Change,
    Connection,
    IndexKey,
    IndexRecord,
    IndexState,
    Link,
    PullState,
    Record,
    Run,
    Secrets,
    SyncError,
)
from chargepipe.sync import flow
from virtual_time import VirtualClock

CHARGEBEE, PIPEDRIVE = "http://127.0.0.1:8801", "http://127.0.0.1:8802"
UNFINISHED = ("queued", "running")


class World:
    """`connect` links the sandbox's services; `run` takes a run to its end, or to where it asks."""

    def __init__(self, customers: int = 60, **sandbox: Any) -> None:
        self.clock = VirtualClock()
        self.options: Options = sandbox.get("options") or Options()
        self.sandbox = Sandbox(
            customers=customers, now=self.clock.timestamp, **{"plan": "ultimate", **sandbox}
        )
        self.billing, self.crm, self.faults = (
            self.sandbox.billing,
            self.sandbox.crm,
            self.sandbox.faults,
        )
        self.env = Environment(clock=self.clock, transport=self.transport, settle_seconds=120.0)
        os.environ["TEST_CHARGEBEE_KEY"] = self.sandbox.chargebee_key
        os.environ["TEST_PIPEDRIVE_TOKEN"] = self.sandbox.pipedrive_token

    def transport(self, root: str) -> Any:
        return self.sandbox.transport("chargebee" if root == CHARGEBEE else "pipedrive")

    def text(self, settings: str = "organizations = true", name: str = "acme") -> str:
        return f"""
name = "{name}"
[chargebee]
site = "acme-test"
api_key = "env:TEST_CHARGEBEE_KEY"
url = "{CHARGEBEE}/api/v2"
[pipedrive]
api_token = "env:TEST_PIPEDRIVE_TOKEN"
url = "{PIPEDRIVE}"
[settings]
{settings}
"""

    def connect(self, settings: str = "organizations = true", name: str = "acme") -> Connection:
        text = self.text(settings, name)
        assert load(dump(load(text))) == load(text)
        return connections.apply(connections.propose(text), self.env)[0]

    def share(self, tokens: int) -> float:
        """The `budget_share` by which runs may spend so many tokens a day."""
        return (tokens + 0.5) / self.sandbox.company.daily_tokens

    def run(self, connection: Connection, kind: str, **more: Any) -> Run:
        run = Run.objects.create(connection=connection, kind=kind, **{"approved": True, **more})
        return self.go_on(run)

    def go_on(self, run: Run, env: Environment | None = None) -> Run:
        for _ in range(1000):
            wait = flow.advance(run.pk, env or self.env)
            run.refresh_from_db()
            if run.state not in UNFINISHED:
                return run
            self.clock.advance(wait or 1.0)
        raise AssertionError("the run does not end")


def wipe() -> None:
    """An empty store, quicker than Django's flush."""
    for model in (Secrets, Change, SyncError, Link, Record, PullState, Run, Connection):
        model.objects.all().delete()
    for model in (IndexKey, IndexRecord, IndexState, Account):
        model.objects.all().delete()
