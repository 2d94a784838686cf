"""Every call site of a sync, every fault of the sandbox at each, and what has to hold after it.

A call site is a service, a method and the form of a path. A fault hits its first call.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from chargepipe.sandbox import Fault
from chargepipe.store.models import Change, Link, Run, SyncError
from deals import INVOICES, ON, quiet_world
from people import shown
from world import World

SETTINGS = "organizations = true\n" + ON + INVOICES
LATE, SLOW = 90.0, 45.0
"""Seconds: within the settle time; longer than a client waits."""
PEOPLE = ["ada", "bo", "cleo"]
NEW = ["dan"]
HTML, HALF = "<html>Welcome to the hotel</html>", '{"success": true, "data": '


@dataclass(frozen=True)
class Site:
    service: Any
    method: str
    path: str
    """A regular expression."""

    def __str__(self) -> str:
        return f"{self.service} {self.method} {self.path}"


def faults(site: Site) -> Iterator[tuple[str, Fault]]:
    """Each kind of trouble there, once, and what it is called."""
    at: dict[str, Any] = {"service": site.service, "method": site.method, "path": site.path}
    for status in (400, 401, 402, 403, 404, 409, 410, 422, 429, 500, 503):
        yield f"status {status}", Fault(**at, status=status)
    for status in (403, 502, 524):
        yield f"html {status}", Fault(**at, kind="html", status=status)
    for name, body, content in (("page", HTML, "text/html"), ("half", HALF, "application/json")):
        yield f"{name} 200", Fault(**at, status=200, body=body, content_type=content)
    yield "drop_before", Fault(**at, kind="drop_before")
    yield "drop_after", Fault(**at, kind="drop_after")
    yield "late", Fault(**at, kind="late", seconds=LATE)
    yield "delay", Fault(**at, kind="delay", seconds=SLOW)


def sites(world: World, run: Run) -> list[Site]:
    """The call sites of a run to which nothing happens, in the order of their first calls."""
    world.sandbox.requests.clear()
    assert world.go_on(run).state == "done"
    calls = ((s, m, _form(path)) for s, m, path, *_ in world.sandbox.requests)
    return [Site(*call) for call in dict.fromkeys(calls)]


def _form(path: str) -> str:
    """The path with ids as patterns."""
    parts = path.partition("?")[0].split("/")
    return "^" + "/".join(_part(part) for part in parts) + "$"


def _part(text: str) -> str:
    if text.isdigit():
        return r"\d+"
    return "[0-9a-f]{40}" if re.fullmatch("[0-9a-f]{40}", text) else re.escape(text)


def full_begun() -> tuple[World, Run]:
    """Comes next: the first full sync, with fields, organizations and a person to be found."""
    world = quiet_world()
    connection = world.connect(SETTINGS)
    for name, company in (("ada", "Engines"), ("bo", "Mills"), ("cleo", "")):
        world.billing.add_customer(id=name, email=f"{name}@x.co", company=company)
    world.crm.add_person(name="Cleo (CRM)", emails=[{"value": "cleo@x.co"}])
    world.billing.add_subscription("ada", id="old", status="in_trial")
    return world, Run.objects.create(connection=connection, kind="full", approved=True)


def hourly_begun() -> tuple[World, Run]:
    """Comes next: an hourly sync that makes and changes people, organizations and deals."""
    world, full = full_begun()
    assert world.go_on(full).state == "done"
    world.clock.advance(3600)
    world.billing.add_subscription("ada", id="s1")
    assert world.run(full.connection, "sync").state == "done"
    world.clock.advance(3600)
    world.billing.edit_subscription("s1", status="non_renewing")
    world.billing.edit_customer("ada", first_name="Ada")
    world.billing.edit_customer("cleo", company="Looms")
    world.billing.edit_subscription("old", status="active", mrr=4900)
    world.billing.add_customer(id="dan", email="dan@x.co", company="Mills")
    world.billing.add_subscription("dan", id="s2")
    world.billing.add_invoice("bo", id="i1")
    world.crm.delete_person(Link.objects.get(kind="person", source_key="bo").pipedrive_id)
    return world, Run.objects.create(connection=full.connection, kind="sync", approved=True)


def trouble(world: World, run: Run, fault: Fault) -> str:
    """Let one call fail; later everything is as if nothing had been. How the run ended."""
    world.sandbox.requests.clear()
    world.faults.add(fault)
    run = carried(world, run)
    assert not [left for left in world.faults.in_force() if left["left"]], "it did not come by"
    assert run.state in ("done", "failed"), run.state
    assert run.message or run.state == "done", "it does not say why"
    assert not run.message.startswith("Internal error"), run.message
    ended = run.state
    hold_the_law(world, run)
    return ended


def carried(world: World, run: Run) -> Run:
    """To the run's end, over its pauses."""
    while (run := world.go_on(run)).state == "paused":
        assert run.due_at, "nobody would wake it"
        assert run.message, "it does not say why"
        world.clock.advance(max(1.0, (run.due_at - world.clock.now()).total_seconds()))
        run.state = "queued"
        run.save(update_fields=["state"])
    return run


def hold_the_law(world: World, run: Run) -> None:
    """Everybody is there once, nothing is left over, and nothing more is to be done."""
    world.clock.advance(3600)
    kind = "full" if run.kind == "full" else "sync"
    again = carried(world, Run.objects.create(connection=run.connection, kind=kind, approved=True))
    assert again.state == "done", again.message
    later = run.kind == "sync"
    people = Counter(e["value"] for person in world.crm.persons() for e in person["emails"])
    assert people == Counter(f"{name}@x.co" for name in PEOPLE + NEW * later)
    companies = sorted(o["name"] for o in world.crm.organizations())
    assert companies == (["Engines", "Looms", "Mills"] if later else ["Engines", "Mills"])
    marks = Counter(_marks(world))
    assert set(marks.values()) <= {1}, marks
    # The first full sync that is done leaves deals out; where that was the second one, too.
    assert marks.keys() == {"old", "s1", "s2", "i1"} if later else marks.keys() <= {"old"}, marks
    assert Link.objects.filter(kind="person").count() == len(PEOPLE + NEW * later)
    assert not Change.objects.filter(state__in=("planned", "intended", "unknown")).exists()
    assert not SyncError.objects.filter(state="open").exists()
    world.sandbox.requests.clear()
    assert world.run(run.connection, "sync").state == "done"
    assert {method for _, method, *_ in world.sandbox.requests} == {"GET"}


def _marks(world: World) -> Iterator[str]:
    for deal in world.crm.deals():
        for name in ("CB Subscription ID", "CB Invoice ID"):
            if mark := shown(world, "deal", deal, name):
                yield mark
