"""Which groups of settings are unfolded, and what a folded one says of itself."""

from collections.abc import Mapping
from typing import Any

from chargepipe.domain.settings import Brake, Schedule, Settings
from chargepipe.web.settings.parts import Group

FIRST = ("who", "organizations", "written")
"""Groups that nobody gets around."""
NAMED = 2
"""So many changed settings are named."""
_BY_DEFAULT: Mapping[str, Any] = {
    name: part.model_dump(mode="json", by_alias=True)
    for name, part in (("settings", Settings()), ("brake", Brake()), ("schedule", Schedule()))
}


def unfolded(group: Group, data: Mapping[str, Any]) -> bool:
    """Whether a group is open at first; deals are while they are on."""
    return group.key in FIRST or (group.switch != "" and bool(at(data, group.switch)))


def state(group: Group, data: Mapping[str, Any]) -> str:
    """What holds in a group, in few words: on or off, else what differs from the defaults."""
    if group.switch:
        return "on" if at(data, group.switch) else "off"
    changed = [
        each.label for each in group.fields if at(data, each.path) != at(_BY_DEFAULT, each.path)
    ]
    if not changed:
        return "defaults"
    more = f" and {len(changed) - NAMED} more" if len(changed) > NAMED else ""
    return f"changed: {', '.join(changed[:NAMED])}{more}"


def at(data: Mapping[str, Any], path: str) -> Any:
    """What stands at a dotted path; None for nothing."""
    here: Any = data
    for part in path.split("."):
        here = here.get(part) if isinstance(here, Mapping) else None
    return here
