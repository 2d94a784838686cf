"""Settings in words: by the labels and choices of the form, instead of the names of the file."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from chargepipe.web.settings.parts import Field, Group
from chargepipe.web.settings.schema import GROUPS

_OTHERS = {
    "settings.additional_fields": "Additional fields",
    "name": "Name of the connection",
    "chargebee.site": "Chargebee site",
    "chargebee.api_key": "Chargebee API key",
    "chargebee.url": "Address of Chargebee",
    "pipedrive.api_token": "Pipedrive API token",
    "pipedrive.oauth": "Pipedrive by OAuth",
    "pipedrive.url": "Address of Pipedrive",
}
_KNOWN: Mapping[str, tuple[Group, Field]] = {
    each.path: (group, each) for group in GROUPS for each in group.fields
}


def told(differences: Iterable[tuple[str, Any, Any]]) -> Iterator[tuple[str, str, str]]:
    """Each difference of two connection files: the setting, what it was, what it will be."""
    for path, was, will in differences:
        yield label(path), value(path, was), value(path, will)


def label(path: str) -> str:
    """A setting by its group and label; of a deal's status by that status."""
    if path in _KNOWN:
        group, field = _KNOWN[path]
        return field.label if _is_clear(group) else f"{group.title}: {field.label}"
    if path in _OTHERS:
        return _OTHERS[path]
    table, _, rest = path.removeprefix("settings.").partition(".")
    title = next((group.title for group in GROUPS if group.key == table), table)
    return ": ".join(filter(None, (title, rest.replace("status.", "", 1)))).replace("_", " ")


def _is_clear(group: Group) -> bool:
    """Whether labels of the group tell by themselves what they are about."""
    return not group.key.endswith("_deals") and group.key != "schedule"


def value(path: str, held: Any) -> str:
    """A value by the name of its choice; lists with commas, tables as name = value."""
    if path not in _KNOWN:
        return plain(held)
    field = _KNOWN[path][1]
    names = {choice.value: choice.label for choice in field.choices}
    if isinstance(held, list | tuple) and names:
        return ", ".join(names.get(each, each) for each in map(str, held)) or "none"
    if field.kind == "share" and isinstance(held, int | float):
        return f"{100 * held:g} %"
    return names[held] if isinstance(held, str) and held in names else plain(held)


def plain(held: Any) -> str:
    """A value without a name of its own."""
    if held is None or held == ():
        return "not set"
    if isinstance(held, bool):
        return "on" if held else "off"
    if isinstance(held, Mapping):
        shown = ((name, each) for name, each in held.items() if each is not None)
        return ", ".join(f"{name} = {plain(each)}" for name, each in shown)
    if isinstance(held, list | tuple):
        return "; ".join(map(plain, held)) or "none"
    return str(held)
