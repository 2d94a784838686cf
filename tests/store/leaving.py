"""Leaves a small store behind, as this version of the code makes it, and how the world came there.

A dump of an older version is made with that version's own code, once; see dumps/README.md:

    PYTHONPATH=OLD/src:OLD/tests python tests/store/leaving.py tests/store/dumps/0009

writes 0009.sql (the whole store) and 0009.json (what was done to both services, in order).
All data are made up. It must run under every version since the first, so it uses little of each.
"""

import json
import os
import sqlite3
import sys
import tempfile
from pathlib import Path
from typing import Any

KEY = "A" * 43 + "="
"""The encryption key of the dumps; it guards nothing."""
DEALS = "[settings.subscription_deals]\nenabled = true\n"
SUBSCRIPTION = {"status": "active", "mrr": 4900, "currency_code": "USD"}


class Steps:
    """What is done to the services: `tell` does it, and keeps it with its time."""

    def __init__(self, world: Any) -> None:
        self.world = world
        self.done: list[list[Any]] = []

    def tell(self, service: str, verb: str, *args: Any, **attrs: Any) -> None:
        """Do something by hand to "billing" or "crm"."""
        self.done.append([self.world.clock.seconds, service, verb, list(args), attrs])
        getattr(getattr(self.world, service), verb)(*args, **attrs)

    def transport(self, inner: Any) -> Any:
        """A wire that keeps each write."""
        import httpx2

        steps = self

        class Wire(httpx2.AsyncBaseTransport):
            async def handle_async_request(self, request: Any) -> Any:
                if request.method != "GET":
                    body = json.loads(request.content or b"null")
                    where = request.url.raw_path.decode()
                    seconds = steps.world.clock.seconds
                    steps.done.append([seconds, "call", request.method, [where], body])
                return await inner.handle_async_request(request)

        return Wire()


def watched(world: Any) -> Steps:
    """The world's writes to Pipedrive are kept."""
    from dataclasses import replace

    from world import PIPEDRIVE

    steps = Steps(world)
    plain = world.transport

    def transport(root: str) -> Any:
        return steps.transport(plain(root)) if root == PIPEDRIVE else plain(root)

    world.env = replace(world.env, transport=transport)
    return steps


def live(world: Any, steps: Steps, *, deals: bool, undo: bool) -> None:
    """Some days of a connection: people made and changed, an error decided, a run under way."""
    from chargepipe.actions import errors
    from chargepipe.store.models import Run, SyncError

    for name, email in (("Kay", "kay@x.co"), ("Two", "two@x.co"), ("Too", "two@x.co")):
        steps.tell("crm", "add_person", name=name, emails=[{"value": email, "primary": True}])
    for id, more in (("kay", {}), ("ada", {"company": "Acme"}), ("bob", {"company": "Acme"})):
        steps.tell("billing", "add_customer", id=id, first_name=id, email=f"{id}@x.co", **more)
    steps.tell("billing", "add_customer", id="two", first_name="Two", email="two@x.co")
    steps.tell("billing", "add_customer", id="none", first_name="None")
    for id in ("ada", "bob"):
        steps.tell("billing", "add_subscription", id, id=f"sub-{id}", **SUBSCRIPTION)
    settings = "organizations = true\n" + (DEALS if deals else "")
    connection = world.connect(settings)
    assert world.run(connection, "full").state == "done"
    errors.ignore("acme", [SyncError.objects.get(source_key="none").pk], "a test")
    world.clock.advance(3600)
    steps.tell("billing", "edit_customer", "ada", phone="+4930901820")
    steps.tell("billing", "add_customer", id="cleo", first_name="Cleo", email="cleo@x.co")
    steps.tell("billing", "add_subscription", "cleo", id="sub-cleo", **SUBSCRIPTION)
    last = world.run(connection, "sync")
    assert last.state == "done"
    world.clock.advance(3600)
    if undo:
        assert world.run(connection, "undo", about=last, only=["ada"]).state == "done"
        world.clock.advance(3600)
    Run.objects.create(connection=connection, kind="sync", automatic=True, state="running")


def main(target: Path) -> None:
    """Make the store in a folder of its own, and write both files."""
    os.environ["CHARGEPIPE_HOME"] = home = tempfile.mkdtemp()
    os.environ["CHARGEPIPE_KEYS"] = KEY
    os.environ["DJANGO_SETTINGS_MODULE"] = "chargepipe.config.settings"
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection as database

    call_command("migrate", verbosity=0, interactive=False)
    from django.db.migrations.recorder import MigrationRecorder

    from world import World

    ours = (n for app, n in MigrationRecorder(database).applied_migrations() if "chargepipe" in app)
    number = int(max(ours)[:4])
    world = World(customers=0, people_before=0.0)
    steps = watched(world)
    live(world, steps, deals=number >= 4, undo=number >= 2)
    database.close()
    with sqlite3.connect(Path(home) / "chargepipe.sqlite3") as store:
        lines = "\n".join(store.iterdump())
    target.with_suffix(".sql").write_text(lines + "\n")
    rows = ",\n".join(json.dumps(step) for step in steps.done)
    end = json.dumps(world.clock.seconds)
    target.with_suffix(".json").write_text(f'{{"end": {end}, "steps": [\n{rows}\n]}}\n')


if __name__ == "__main__":
    main(Path(sys.argv[1]))
