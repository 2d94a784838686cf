"""A second Chargebee site, whose connection writes to the same Pipedrive account."""

from typing import Any

from chargepipe.accounts.environment import Environment
from chargepipe.actions import connections
from chargepipe.sandbox import Sandbox
from chargepipe.store.models import Run
from world import CHARGEBEE, World


class SecondSite:
    """The connection "second" and its site; `sync` is its next run, an hour later."""

    def __init__(self, world: World, settings: str = "") -> None:
        self.world = world
        self.sandbox = Sandbox(customers=0, now=world.clock.timestamp)
        self.billing = self.sandbox.billing
        self.env = Environment(clock=world.clock, transport=self._transport, settle_seconds=120.0)
        text = world.text(settings, "second").replace('"acme-test"', '"other-test"')
        self.connection = connections.apply(connections.propose(text), self.env)[0]

    def _transport(self, root: str) -> Any:
        here = root == CHARGEBEE
        return self.sandbox.transport("chargebee") if here else self.world.transport(root)

    def sync(self, kind: str = "sync") -> Run:
        """A run of this connection, to its end."""
        self.world.clock.advance(3600)
        run = Run.objects.create(connection=self.connection, kind=kind, approved=True)
        run = self.world.go_on(run, self.env)
        assert run.state == "done", run.message
        return run
