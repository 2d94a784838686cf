"""A storm: of all calls to both services some fail, in every way that the sandbox knows."""

import random
from collections import Counter
from typing import Any

from chargepipe.domain.backfill import Window
from chargepipe.sandbox import Fault
from soaking import edits
from soaking.laws import all_laws, nobody_twice
from soaking.virtual import Within, within

CUSTOMERS = 150
SHARE = 0.1
SERVER = ("500", "502", "503", "504", "524")
REFUSED = ("400", "404", "409", "410", "422")
SHUT = ("401", "402", "403")
"""These end a run at once, whatever it is about; more of them and no run would come far."""
WAYS = (
    *(("status", status) for status in (*SERVER, *REFUSED) * 3),
    *(("status", "429"),) * 12,
    *(("status", status) for status in SHUT),
    *(("html", status) for status in ("502", "503", "524") * 3),
    *(("html", "403"), ("type", "200"), ("type", "200"), ("type", "200")),
    *((kind, "") for kind in ("drop_before", "drop_after", "late", "delay") * 8),
)
"""Kind and status, each as often as it shall come in comparison to the others."""
KINDS = ("full", "full", "sync", "sync", "sync", "backfill", "undo")
LATE, SLOW = 90.0, 45.0
"""Seconds: within the settle time; longer than a client waits."""


class Storm:
    """Takes the place of the sandbox's own faults; the same seed hits the same calls."""

    def __init__(self, seed: int, calls: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311 no secret
        self.left = calls
        self.hits: Counter[str] = Counter()

    def hit(self, service: Any, _method: str, _path: str) -> Fault | None:
        """What goes wrong with this call, if anything."""
        self.left -= 1
        if self.left < 0 or self._chance.random() >= SHARE:
            return None
        kind, status = self._chance.choice(WAYS)
        self.hits[f"{kind} {status}".strip()] += 1
        return fault(kind, status, service, self._chance)


def fault(kind: Any, status: str, service: Any, chance: random.Random) -> Fault:
    """One fault of this kind; "type" is an answer 200 that is not what it should be."""
    if kind == "type":
        body = chance.choice(("<html>Welcome to the hotel</html>", "", "[]", '{"success": true'))
        kind_of = chance.choice(("text/html", "application/json", "text/plain"))
        return Fault(service, kind="status", status=200, body=body, content_type=kind_of)
    seconds = {"late": chance.uniform(0, LATE), "delay": chance.uniform(0, SLOW)}.get(kind, 0.0)
    return Fault(service, kind=kind, status=int(status or 503), seconds=seconds)


def storm(seed: int, calls: int, say: Any) -> list[str]:
    """So many calls in a storm, then fair weather; what is wrong, in words."""
    here = within(seed, CUSTOMERS)
    trouble = Storm(seed, calls)
    here.sandbox.faults.hit = trouble.hit  # type: ignore[method-assign]
    chance = random.Random(f"edits {seed}")  # noqa: S311
    wrong: list[str] = []
    while trouble.left > 0:
        edits.some(here, chance, 40)
        kind = chance.choice(KINDS if _full_done(here) else ("full",))
        state = _go(here, kind, chance)
        here.count(f"{kind} {state}" if state else "nothing to undo")
        wrong += [f"in the storm: {words}" for words in nobody_twice(here)]
    here.world.clock.advance(3600)
    wrong += all_laws(here)
    hits = ", ".join(f"{way} {number}" for way, number in sorted(trouble.hits.items()))
    say(f"  {calls} calls, {trouble.hits.total()} failed: {hits}")
    say(f"  {here.told()}; {here.sandbox.counts.total()} calls in all")
    return wrong


def _full_done(here: Within) -> bool:
    return bool(here.rows("SELECT id FROM {run} WHERE kind = 'full' AND state = 'done'"))


def _go(here: Within, kind: str, chance: random.Random) -> str:
    here.world.clock.advance(600)
    if kind == "backfill":
        return here.carry(here.start(kind, window=Window().as_json()))
    if kind != "undo":
        return here.carry(here.start(kind))
    from chargepipe.actions.undo import is_possible
    from chargepipe.store.models import Run

    last = [run for run in Run.objects.order_by("-pk")[:4] if is_possible(run)]
    return here.carry(here.start("undo", about=chance.choice(last))) if last else ""
