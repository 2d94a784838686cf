"""Expected errors on a form: in words beside it; what nobody expected goes on its way."""

from collections.abc import Iterator
from contextlib import contextmanager

from chargepipe.actions.explain import explain


@contextmanager
def explained() -> Iterator[list[str]]:
    """What goes wrong within, as lines for people, filled once that is over.

    Raises what cannot be explained.
    """
    lines: list[str] = []
    try:
        yield lines
    except Exception as error:
        known = explain(error)
        if known is None:
            raise
        lines.extend(known.lines)
