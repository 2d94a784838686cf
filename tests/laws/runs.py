"""How the machine takes a run to its end, and which laws are held against it then."""

from typing import Any

from chargepipe.store.models import Run
from laws import always, deal_everyone, dealing, everyone, places, planned, undoing, writing
from laws.memory import Memory, Told
from laws.trouble import carry_through
from world import World

ALL = ("full", "sync")
"""Runs over everybody."""


class Runs:
    """Runs in the machine's world; each is judged by all that it may know."""

    world: World
    memory: Memory

    def carry(self, kind: str, fault: Any = None, death: int | None = None, **more: Any) -> Told:
        memory = self.memory
        before, links, organizations = memory.picture(), memory.links(), memory.organizations()
        left, deals, start = memory.left(), memory.deal_links(), self.seconds()
        self.world.sandbox.requests.clear()
        run = Run.objects.create(connection=memory.connection, kind=kind, approved=True, **more)
        run = carry_through(self.world, run, fault, death)
        after = memory.picture()
        always.only_reads_billing(self.world)
        clean = fault is None and death is None
        assert run.state == "done" or not clean, f"{kind} is {run.state}: {run.message}"
        assert "Internal error" not in run.message, run.message
        return Told(run, before, after, links, organizations, deals, start, left, clean)

    def seconds(self) -> int:
        return int(self.world.clock.timestamp())

    def run(self, kind: str, **more: Any) -> Told:
        memory = self.memory
        if kind == "sync" and memory.began is None:
            kind = "full"  # there is no other before the first full sync
        told = self.carry(kind, **more)
        self.judge(told, over_all=kind in ALL and not told.run.only)
        memory.runs.append(told)
        return told

    def judge(self, told: Told, *, over_all: bool) -> None:
        memory = self.memory
        always.note_made(memory, told.before, told.after)
        always.no_duplicates(memory, told.after)
        memory.walk()
        memory.late.clear()
        if over_all and told.run.state == "done":
            everyone.hold(memory, told)
            deal_everyone.hold(memory, told)
        writing.hold(memory, told)
        dealing.deals_hold(memory, told)
        memory.touched -= writing.outcomes(told).keys()
        if over_all and told.run.state == "done":
            memory.touched -= memory.passing
            memory.passing.clear()
        memory.begin(told)

    def writes_nothing(self, kind: str, **more: Any) -> Told:
        told = self.carry(kind, **more)
        always.no_write(self.world)
        assert told.before == told.after
        self.memory.walk()
        return told

    def apply(self, preview: Told, *, edited: bool, **more: Any) -> None:
        told = self.carry("apply", about=preview.run, **more)
        planned.applied(told, edited=edited)
        told.start = preview.start
        self.judge(told, over_all=False)
        self.memory.runs.append(told)

    def undo(self, told: Told) -> Told:
        undone = self.carry("undo", about=told.run)
        memory = self.memory
        always.no_duplicates(memory, undone.after)
        undoing.takes_back_only_ours(memory, told, undone)
        undoing.remember(memory, told, undone)
        writing.note_written(memory, undone.before, undone.after)
        places.note_undone(memory, undone)
        memory.runs.append(undone)
        return undone
