"""What the probe has made in Pipedrive, and how its things are known among others."""

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from chargepipe.actions.probe.calls import DELETE_FIELD
from chargepipe.http import Operation
from chargepipe.pipedrive import costs

Kind = Literal["person", "organization", "deal", "person field", "organization field"]
PREFIX = "chargepipe probe"
_OURS = re.compile(rf"{PREFIX} [0-9a-f]{{8}}(?![0-9a-z])")
DELETE: dict[Kind, Operation] = {
    "deal": costs.DELETE["deal"],
    "person": costs.DELETE["person"],
    "organization": costs.DELETE["organization"],
    "person field": DELETE_FIELD["person"],
    "organization field": DELETE_FIELD["organization"],
}
"""How each is deleted, in this order: what points to others goes first."""


@dataclass(frozen=True, slots=True)
class Trace:
    """One thing in Pipedrive: a record's id, or a field's code."""

    kind: Kind
    id: int | str


def new_marker() -> str:
    """The beginning of every name that one probe gives."""
    return f"{PREFIX} {secrets.token_hex(4)}"


def is_ours(name: object, marker: str = "") -> bool:
    """Whether a name is one that a probe gave: this one (`marker`), or any.

    Told so exactly that no name of a user can be taken for one.
    """
    if not isinstance(name, str):
        return False
    name = name.strip()
    return _OURS.match(name) is not None and name.startswith(marker)


def name_of(row: dict[str, Any]) -> object:
    """The name of a record or field, as lists, answers and search write it."""
    return row.get("name") or row.get("title") or row.get("field_name")


def in_order(traces: Iterable[Trace]) -> list[Trace]:
    """As they are to be deleted."""
    kinds = list(DELETE)
    return sorted(traces, key=lambda trace: (kinds.index(trace.kind), str(trace.id)))
