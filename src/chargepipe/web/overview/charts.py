"""Geometry of the small charts; templates draw them as inline SVG."""

from collections.abc import Sequence
from dataclasses import dataclass

from chargepipe.actions.overview import Tokens
from chargepipe.store.models import Run

WIDTH, HEIGHT, GAP = 240, 48, 2
_TONES = {"failed": "bad", "cancelled": "quiet", "waiting": "attention", "paused": "attention"}


@dataclass(frozen=True, slots=True)
class Bar:
    """A run as a bar: how much it wrote, and how it ended."""

    run: Run
    x: float
    y: float
    width: float
    height: float
    tone: str
    words: str


def run_bars(runs: Sequence[Run]) -> list[Bar]:
    """The last runs, oldest first, in a box of 240 by 48; even an idle run can be seen."""
    if not runs:
        return []
    width = WIDTH / max(12, len(runs))
    most = max(max(run.done for run in runs), 1)
    bars = []
    for place, run in enumerate(reversed(runs)):
        height = max(3.0, HEIGHT * run.done / most)
        words = f"Run {run.pk}, {run.kind}: {run.state}, {run.done} changes"
        x, tone = place * width, _TONES.get(run.state, "")
        bars.append(Bar(run, x, HEIGHT - height, width - GAP, height, tone, words))
    return bars


@dataclass(frozen=True, slots=True)
class Gauge:
    """Tokens of the day on a line of 100."""

    used: float
    forecast: float
    ours: float
    words: str


def gauge(tokens: Tokens) -> Gauge:
    """Used, what will be used, and our share, all on one line."""
    whole = max(tokens.ours, tokens.used, tokens.forecast, 1)
    words = f"{tokens.used} of {tokens.ours} tokens used today, about {tokens.forecast} by the end"
    return Gauge(
        100 * tokens.used / whole,
        100 * (tokens.forecast - tokens.used) / whole,
        100 * tokens.ours / whole,
        words,
    )
