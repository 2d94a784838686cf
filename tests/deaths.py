"""Which deaths there are, and how a run goes through one.

What a dead process leaves behind is the disk and both services. Only a commit or a send changes
them. So a death before one leaves what a death after its forerunner left, and is the same death.
"""

from collections.abc import Callable
from typing import Any

from chargepipe.sandbox import Fault
from chargepipe.store.models import Run
from points import Points, until_dead
from world import World


def count_names(world: World, run: Run) -> list[str]:
    """The points that a run passes when nothing happens to it."""
    points = Points(None)
    until_dead(world, run, points)
    assert Run.objects.get(pk=run.pk).state == "done"
    return points.names


def every(names: list[str], *starts: str) -> list[int]:
    return [i for i, name in enumerate(names) if name.startswith(starts)]


def deaths(names: list[str]) -> list[Points]:
    """Each death of a run that leaves something else behind."""
    return [Points(point) for point in (0, *every(names, "after"))]


def deaths_around_sends(names: list[str]) -> list[Points]:
    """The same, but only right before and right after each write to Pipedrive."""
    sends = every(names, "before P", "before D", "after P", "after D")
    return [Points(point) for point in sends]


def deaths_with_a_lost_commit(names: list[str]) -> list[Points]:
    """After each send, with the power cut so that the commit before it is lost too.

    Where no send followed the commit, the loss leaves what a death before that commit leaves.
    """
    commits = every(names, "before commit")
    return [
        Points(send, loses=max(c for c in commits if c < send))
        for send in every(names, "after P", "after D")
    ]


def deaths_and_sleeps(names: list[str]) -> list[Points]:
    """Each death that leaves something else behind; one after a commit is only a long sleep.

    To the others that is the same. But a worker looks after a commit whether it may go on, and the
    sleeper wakes when another has done its work.
    """
    sleeps = [Points(point, "sleep") for point in every(names, "after commit")]
    return [Points(0), *sleeps, *(Points(point) for point in every(names, "after P", "after D"))]


def die_or_sleep(world: World, run: Run, points: Points, law: Callable[[World, Run], None]) -> None:
    """The law holds when another has taken over, and still when a sleeper has woken."""
    points.meanwhile = lambda: law(world, run)
    until_dead(world, run, points)
    law(world, run)


def lost_write(kind: Any, skip: int) -> Fault:
    """The answer of one write is lost, after so many others that are answered."""
    return Fault(
        service="pipedrive",
        method="POST|PATCH|DELETE",
        path="/",
        kind=kind,
        times=1,
        skip=skip,
        seconds=90.0,
    )


def lost_answers(world: World) -> int:
    """Calls whose connection died, as the client saw it."""
    return sum(status == 0 for _, _, _, status, _ in world.sandbox.requests)


def lose_an_answer(
    world: World, run: Run, kind: Any, skip: int, law: Callable[[World, Run], None]
) -> None:
    world.sandbox.requests.clear()
    world.faults.add(lost_write(kind, skip))
    world.go_on(run)
    assert lost_answers(world) == 1
    law(world, run)
