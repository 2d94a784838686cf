"""What a plan costs: API tokens, and the time that they and the writes take."""

from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil

WRITES_A_MINUTE = 600
"""At 20 calls in 2 seconds, what Pipedrive's smallest plan allows (pipedrive-api.md, 2.3)."""


@dataclass(frozen=True, slots=True)
class Cost:
    """The writes of a plan, and the tokens that runs may spend on them."""

    writes: int
    tokens: int
    """Of these writes."""
    left: int
    """What runs may still spend today."""
    a_day: int
    """What runs may spend on a whole day."""
    today: date | None = None
    """None where the date of its end is not to be said."""

    @property
    def days(self) -> int:
        """Days that it takes by its tokens, today included; 0 where they never suffice."""
        if self.tokens <= self.left:
            return 1
        return 1 + ceil((self.tokens - self.left) / self.a_day) if self.a_day > 0 else 0

    @property
    def ends(self) -> date | None:
        """The day on which it ends; None where that is not known, or never comes."""
        return self.today + timedelta(days=self.days - 1) if self.today and self.days else None

    @property
    def time(self) -> str:
        """About how long it takes, in words; a run pauses where the day's tokens end."""
        if self.days != 1:
            days = f"{self.days} days" if self.days else "for ever"
            days += f", ends {self.ends}" if self.ends else ""
            return f"{days}, for runs may spend {self.a_day:,} tokens a day"
        minutes = max(1, round(self.writes / WRITES_A_MINUTE))
        return f"{minutes} min" if minutes < 120 else f"{round(minutes / 60)} hours"

    def __str__(self) -> str:
        """One line for people."""
        return f"{self.tokens:,} tokens ({self.left:,} left for runs today), about {self.time}"
