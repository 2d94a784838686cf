"""A backfill: which older subscriptions and invoices shall get their deals after all (rule 13)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from chargepipe.domain.deals import DealRecord, records_with_deals
from chargepipe.domain.names import INVOICE_STATUSES, SUBSCRIPTION_STATUSES
from chargepipe.domain.settings import Settings

STATUSES: Mapping[DealRecord, tuple[str, ...]] = {
    "subscription": SUBSCRIPTION_STATUSES,
    "invoice": INVOICE_STATUSES,
}


@dataclass(frozen=True, slots=True)
class Window:
    """What a backfill is asked for. Whatever is left out does not narrow it."""

    statuses: tuple[str, ...] = ()
    """Of subscriptions and invoices, as Chargebee writes them."""
    start: str = ""
    """The first day, YYYY-MM-DD: of a subscription when it was created, of an invoice its date."""
    end: str = ""
    """The last day."""
    plans: tuple[str, ...] = ()
    """Ids of plans (item prices); narrows subscriptions, and leaves invoices out."""
    most: int | None = None
    """So many deals at most, the oldest records first."""

    def as_json(self) -> dict[str, Any]:
        """The plain form, as a Run keeps it."""
        return {**asdict(self), "statuses": list(self.statuses), "plans": list(self.plans)}

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Self:
        """The window that `as_json` wrote."""
        return cls(
            statuses=tuple(json["statuses"]),
            start=json["start"],
            end=json["end"],
            plans=tuple(json["plans"]),
            most=json["most"],
        )

    def kinds(self, settings: Settings) -> tuple[DealRecord, ...]:
        """The kinds of records that it may take."""
        on = records_with_deals(settings)
        return tuple(
            kind for kind in on if self.of(kind) and not (self.plans and kind == "invoice")
        )

    def of(self, kind: DealRecord) -> tuple[str, ...]:
        """The statuses of one kind of record."""
        return tuple(s for s in STATUSES[kind] if not self.statuses or s in self.statuses)

    def seconds(self, time_zone: str) -> tuple[int | None, int | None]:
        """From when (included) to when (not included), in seconds UTC; None for no limit."""
        end = date.fromisoformat(self.end) + timedelta(days=1) if self.end else None
        start = date.fromisoformat(self.start) if self.start else None
        return _begin(start, time_zone), _begin(end, time_zone)

    def __str__(self) -> str:
        """For people: "cancelled, paused; from 2025-01-01 to 2025-12-31"."""
        parts = [
            ", ".join(self.statuses),
            " ".join(
                f"{word} {day}" for word, day in (("from", self.start), ("to", self.end)) if day
            ),
            f"plan {', '.join(self.plans)}" if self.plans else "",
            f"at most {self.most}" if self.most is not None else "",
        ]
        return "; ".join(filter(None, parts)) or "everything"


def problem(window: Window, settings: Settings) -> str:
    """Why this window cannot be asked for, in words; "" where it can."""
    on = records_with_deals(settings)
    if not on:
        return (
            "Deals are switched off: set enabled = true under settings.subscription_deals or "
            "settings.invoice_deals."
        )
    allowed = [status for kind in on for status in STATUSES[kind]]
    strange = [status for status in window.statuses if status not in allowed]
    if strange:
        return f'"{strange[0]}" is no status that makes deals here; use: {", ".join(allowed)}.'
    for day in filter(None, (window.start, window.end)):
        if words := _not_a_day(day):
            return words
    if window.start and window.end and window.start > window.end:
        return f"The window ends ({window.end}) before it begins ({window.start})."
    if window.most is not None and window.most < 1:
        return "Ask for at least one deal."
    return "" if window.kinds(settings) else "Plans narrow subscriptions, and their deals are off."


def _not_a_day(text: str) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return f'"{text}" is no day; write it as 2025-12-31.'
    return "" if day.isoformat() == text else f'"{text}" is no day; write it as 2025-12-31.'


def _begin(day: date | None, time_zone: str) -> int | None:
    if day is None:
        return None
    moment = datetime.combine(day, time(), ZoneInfo(time_zone))
    return int(moment.astimezone(UTC).timestamp())
