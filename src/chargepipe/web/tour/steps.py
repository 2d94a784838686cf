"""What the tour says, step by step; where somebody stands is kept in the session."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from chargepipe.store.models import Connection

PLACE = "tour"
"""In the session: the number of the step, 0 for none."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what to look at, and on which page ("route" with the demo's connection)."""

    title: str
    words: str
    route: str
    outside: str = ""
    """Words of a link to the simulated services; "" where the step needs none."""


STEPS: Sequence[Step] = (
    Step(
        "One look tells the state",
        "Everything was synced once already. The sentence on top says how it stands, the countdown "
        "when the next sync comes, the gauge what Pipedrive's daily tokens will do.",
        "overview:page",
    ),
    Step(
        "Change a customer in Chargebee",
        "Open the simulated Chargebee, give a customer another name, then look for that customer "
        "here and press “Sync this record”.",
        "records:list",
        "Open the simulated Chargebee",
    ),
    Step(
        "Every write, before and after",
        "The newest run is yours. It shows each field as it was and as it is; from here a run or a "
        "single change is taken back.",
        "runs:list",
    ),
    Step(
        "What needs a person",
        "Nothing is guessed: where several people match, you see them side by side and pick one, "
        "have a new one made, or ignore it with a reason.",
        "errors:list",
    ),
    Step(
        "Set one up yourself",
        "Connect a second pair of accounts: the form is filled in for the simulated services. Five "
        "steps, each says what it costs and whether it writes.",
        "setup:new",
    ),
)


@dataclass(frozen=True, slots=True)
class Shown:
    """The tour as a page shows it; without a step it can be begun."""

    step: Step | None
    number: int
    total: int
    back: bool
    last: bool
    address: str
    """Of the page where the step happens."""
    sandbox: str
    hidden: bool
    """Whether it waits, out of sight: somebody sets up another connection than the demo's."""


def shown(request: HttpRequest, connections: Sequence[Connection]) -> Shown | None:
    """The tour where there is one: in the demo alone."""
    demo = settings.PROCESS.demo
    if demo is None or not connections:
        return None
    number = place(request)
    step = STEPS[number - 1] if number else None
    return Shown(
        step,
        number,
        len(STEPS),
        back=number > 1,
        last=number == len(STEPS),
        address=address(step, connections) if step else "",
        sandbox=demo.page,
        hidden=_sets_up_another(request, connections),
    )


def _sets_up_another(request: HttpRequest, connections: Sequence[Connection]) -> bool:
    match = request.resolver_match
    if match is None or match.namespace != "setup":
        return False
    return match.kwargs.get("name", first(connections).name) != first(connections).name


def place(request: HttpRequest) -> int:
    """The number of the step on which the person is; 0 for none."""
    held = request.session.get(PLACE, 0)
    return held if isinstance(held, int) and 0 <= held <= len(STEPS) else 0


def address(step: Step, connections: Sequence[Connection]) -> str:
    """Where a step happens: on the pages of the connection that the demo made."""
    if step.route == "setup:new":
        return reverse(step.route)
    return reverse(step.route, args=[first(connections).name])


def first(connections: Iterable[Connection]) -> Connection:
    """The oldest connection: the demo's own, whatever others are called. There has to be one."""
    return min(connections, key=lambda each: each.pk)
