"""Check: one thing that the doctor looks at."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from chargepipe.actions.explain import explain

State = Literal["ok", "warn", "fail"]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at, what was found, and what to do about it."""

    name: str
    """What it is about: a part of the installation, or "connection: part"."""
    state: State
    """warn: works, but look at it. fail: something is wrong."""
    words: str
    todo: str = ""
    connection: str = ""
    """The connection that it is about; "" for the installation."""


def tried(name: str, look: Callable[[], Check], connection: str = "") -> Check:
    """Make a check; one that cannot be made is a failed one, in words."""
    try:
        return look()
    except Exception as error:
        return failed(name, error, connection)


def failed(name: str, error: Exception, connection: str = "") -> Check:
    """The check that met this error."""
    explained = explain(error)
    words = explained.lines if explained else (f"Could not be checked ({type(error).__name__}).",)
    return Check(name, "fail", " ".join(words), connection=connection)
