"""Where on the form a problem stands: a refused setting's element and name, for links to it."""

from dataclasses import dataclass

from chargepipe.web.settings.schema import GROUPS

_ADDITIONAL = "settings.additional_fields."
_COLUMNS = frozenset({"from", "to", "type", "overwrite"})


@dataclass(frozen=True, slots=True)
class Wrong:
    """One problem, and where it is put right."""

    words: str
    name: str
    """Of the setting, as the form calls it; its path where the form has none."""
    target: str = ""
    """The id of its element; "" where the form has none."""


def slug(path: str) -> str:
    """A path as the id of an element."""
    return path.replace(".", "-")


def wrong(path: str, words: str) -> Wrong:
    """A problem with its place on the form."""
    if path.startswith(_ADDITIONAL):
        return _additional(path, words)
    for group in GROUPS:
        for each in group.fields:
            if path == each.path or path.startswith(f"{each.path}."):
                return Wrong(words, f"{group.title}: {each.label}", slug(each.path))
        rules = f"settings.{group.key}.status."
        if path.startswith(rules):
            status, _, column = path.removeprefix(rules).partition(".")
            target = slug(f"{rules}{status}.{'stage' if column == 'stage' else 'status'}")
            return Wrong(words, f"{group.title}: {status.replace('_', ' ')}", target)
    return Wrong(words, path)


def _additional(path: str, words: str) -> Wrong:
    row, _, column = path.removeprefix(_ADDITIONAL).partition(".")
    if not row.isdecimal():
        return Wrong(words, "Additional fields", "group-additional")
    known = column if column in _COLUMNS else "to"
    return Wrong(words, f"Additional fields: row {int(row) + 1}", f"additional-{row}-{known}")
