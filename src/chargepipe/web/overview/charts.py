"""Geometry of the small charts; templates draw them as inline SVG."""

from collections.abc import Sequence
from dataclasses import dataclass

from chargepipe.actions.titles import called
from chargepipe.actions.tokens import Tokens
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


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars in a box of 240 by 48, the oldest run first."""

    bars: list[Bar]
    most: int
    """How many changes a bar of full height stands for."""
    words: str


def chart(runs: Sequence[Run]) -> Chart | None:
    """The last runs, given the newest first; even an idle run can be seen. None without any."""
    if not runs:
        return None
    width = WIDTH / max(12, len(runs))
    most = max(max(run.done for run in runs), 1)
    bars = [_bar(run, place * width, width, most) for place, run in enumerate(reversed(runs))]
    written = ", ".join(str(bar.run.done) for bar in bars)
    return Chart(bars, most, f"Changes written by the last runs, oldest first: {written}")


def _bar(run: Run, x: float, width: float, most: int) -> Bar:
    height = max(3.0, HEIGHT * run.done / most)
    words = f"Run {run.pk}: {called(run)}, {run.state}, {run.done:,} changes"
    return Bar(run, x, HEIGHT - height, width - GAP, height, _TONES.get(run.state, ""), words)


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
    over = tokens.used > tokens.ours
    used = f"{tokens.used:,} {'used, more than' if over else 'of'} {tokens.ours:,} tokens"
    used = f"{used}{'' if over else ' used'} today"
    words = f"{used}, about {tokens.forecast:,} by the end"
    return Gauge(
        100 * tokens.used / whole,
        100 * (tokens.forecast - tokens.used) / whole,
        100 * tokens.ours / whole,
        words,
    )
