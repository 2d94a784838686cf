"""What may go wrong while a run is under way: failing calls, and the death of the process."""

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from chargepipe.accounts.environment import new_owner
from chargepipe.sandbox import Fault
from chargepipe.store.models import Run
from points import Points, until_dead
from world import World

LATE = 90.0
"""Seconds after which a late write lands; the product waits longer before it asks."""


@st.composite
def faults(draw: Any) -> Fault | None:
    """One kind of trouble with some calls of either service, or none."""
    kind = draw(st.sampled_from(("", "status", "html", "drop_before", "drop_after", "late", "429")))
    if not kind:
        return None
    writes = draw(st.booleans())
    return Fault(
        service="pipedrive" if writes else draw(st.sampled_from(("pipedrive", "chargebee"))),
        method="POST|PATCH|DELETE" if writes else "GET",
        path="/",
        kind="status" if kind == "429" else kind,
        status=429 if kind == "429" else draw(st.sampled_from((500, 502, 503))),
        times=draw(st.sampled_from((1, 2, 30))),
        skip=draw(st.integers(0, 6)),
        seconds=LATE,
    )


def carry(world: World, run: Run) -> Run:
    """Take a run to its end; one that pauses goes on when its time has come."""
    for _ in range(20):
        run = world.go_on(run)
        if run.state != "paused":
            return run
        world.faults.clear()
        wait = (run.due_at - world.clock.now()).total_seconds() if run.due_at else 60
        world.clock.advance(max(wait, 1))
        Run.objects.filter(pk=run.pk).update(state="queued")
    raise AssertionError("the run pauses for ever")


def carry_through(world: World, run: Run, fault: Fault | None, death: int | None) -> Run:
    """Take a run to its end through a fault, and through a death at this point of its way."""
    if fault:
        world.faults.add(fault)
    if death is not None:
        until_dead(world, run, Points(death))
        world.clock.advance(200)
        world.env = replace(world.env, owner=new_owner())
    run = carry(world, Run.objects.get(pk=run.pk))
    world.faults.clear()
    world.clock.advance(2 * LATE)
    world.sandbox.clock.catch_up()
    return run
