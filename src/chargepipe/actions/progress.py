"""Progress: how far the writes of a run are, by kind of record, and how long the rest may take."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import ceil

from django.db.models import Count
from django.utils import timezone

from chargepipe.store.models import Change, Run

KINDS: Mapping[str, str] = {
    "person": "people",
    "organization": "organizations",
    "deal": "deals",
}
"""What is counted, in words, as people look for it."""
KNOWN = 10
"""After so many writes, and so many seconds of them, the pace tells how long the rest takes."""
KNOWN_SECONDS = 20
FIRST = 200
"""Among so many written changes of the plan is one of the first page; updates go before others."""
STEPS = ((10, 1), (60, 5), (720, 30))
"""Minutes below which the time left is rounded up, and to how many; above them to whole hours."""


@dataclass(frozen=True, slots=True)
class Part:
    """The writes of one kind of record."""

    words: str
    done: int
    of: int


@dataclass(frozen=True, slots=True)
class Progress:
    """Where the writes of a run stand; what was planned anew in place of others counts once."""

    parts: tuple[Part, ...]
    fields: Part
    """Custom fields, which are made first."""
    left: str
    """How long the rest takes at the pace so far, in words; "" while too little is known."""

    @property
    def done(self) -> int:
        """Writes of records that are over, failed ones too."""
        return sum(part.done for part in self.parts)

    @property
    def of(self) -> int:
        """Writes of records."""
        return sum(part.of for part in self.parts)


def progress(run: Run) -> Progress | None:
    """Where a run stands whose plan is being written; None while it reads and plans."""
    if run.state not in Run.GOING or not run.total:
        return None
    done, of = Counter[str](), Counter[str]()
    rows = run.changes.exclude(state="stale").order_by().values_list("kind", "state")
    for kind, state, number in rows.annotate(n=Count("pk")):
        name = "field" if kind.endswith("_field") else kind
        of[name] += number
        done[name] += 0 if state in Change.UNFINISHED else number
    parts = tuple(Part(words, done[kind], of[kind]) for kind, words in KINDS.items() if of[kind])
    fields = Part("custom fields", done["field"], of["field"])
    found = Progress(parts, fields, "")
    rest = found.of - found.done
    if not parts or (not rest and run.done < run.total):
        return None  # it goes on after a pause: what is left is planned anew
    return replace(found, left=_left(run, found.done, rest)) if run.state == "running" else found


def _left(run: Run, done: int, rest: int) -> str:
    if done < KNOWN:
        return ""
    written = run.changes.filter(state="written").exclude(kind__endswith="_field").order_by("pk")
    times = list(written.values_list("written_at", flat=True)[:FIRST])
    seconds = (timezone.now() - min(times)).total_seconds() if times else 0
    return roughly(seconds / done * rest) if seconds >= KNOWN_SECONDS else ""


def roughly(seconds: float) -> str:
    """A time to come, so coarse that it is calm: "about 4 min", "about 2.5 h"."""
    minutes = seconds / 60
    if minutes <= 1:
        return "less than a minute"
    step = next((step for below, step in STEPS if minutes <= below), 60)
    rounded = step * ceil(minutes / step)
    return f"about {rounded} min" if rounded < 60 else f"about {rounded / 60:g} h"
