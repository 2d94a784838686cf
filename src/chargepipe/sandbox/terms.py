"""Terms of the two services that may be switched while they are served, with checked values."""

from collections.abc import Callable
from typing import Any, get_args

from .chargebee.site import Catalog
from .pipedrive.company import Plan

MOST = 10**9
"""Seconds of a lag at most."""
Check = Callable[[Any], str | None]
"""What is wrong with a value, in words; None: nothing."""


def _one_of(*choices: str) -> Check:
    return lambda value: None if value in choices else f"has to be one of {', '.join(choices)}"


def _flag(value: Any) -> str | None:
    return None if isinstance(value, bool) else "has to be true or false"


def _seconds(value: Any) -> str | None:
    given = isinstance(value, int | float) and not isinstance(value, bool)
    return None if given and 0 <= value <= MOST else f"has to be seconds from 0 to {MOST}"


def _seats(value: Any) -> str | None:
    given = isinstance(value, int) and not isinstance(value, bool)
    return None if given and 1 <= value <= 1000 else "has to be a whole number from 1 to 1000"


SETTABLE: dict[str, dict[str, Check]] = {
    "site": {
        "catalog": _one_of(*get_args(Catalog)),
        "live": _flag,
        "blocked": _flag,
        "list_lag": _seconds,
        "mrr_delay": _seconds,
    },
    "company": {
        "plan": _one_of(*get_args(Plan)),
        "seats": _seats,
        "is_open": _flag,
        "shows_limits": _flag,
    },
    "outbox": {"twice": _flag, "turned_round": _flag},
}
"""What may be set by target and name, and the check of each value."""


class Terms:
    """The settable attributes of one object: a site, a company or an outbox."""

    def __init__(self, name: str, held: object) -> None:
        self._name = name
        self._held = held
        self._checks = SETTABLE[name]

    def set(self, **values: Any) -> dict[str, Any]:
        """Set attributes, all or none; what is held then. Raises ValueError with words."""
        if not values:
            raise ValueError(f"name what to set: {', '.join(self._checks)}")
        for name, value in values.items():
            check = self._checks.get(name)
            if check is None:
                known = ", ".join(self._checks)
                raise ValueError(f"{self._name}.{name} cannot be set; there are {known}")
            wrong = check(value)
            if wrong:
                raise ValueError(f"{self._name}.{name} {wrong}")
        for name, value in values.items():
            setattr(self._held, name, value)
        return self.all()

    def all(self) -> dict[str, Any]:
        """Each settable attribute with what it holds."""
        return {name: getattr(self._held, name) for name in self._checks}
