"""Where on the form a problem stands: a refused setting's element and name, for links to it."""

from dataclasses import dataclass

from chargepipe.web.settings.schema import ADDITIONAL, DEALS, GROUPS

_ADDITIONAL = "settings.additional_fields."


@dataclass(frozen=True, slots=True)
class Wrong:
    """One problem, and where it is put right."""

    words: str
    name: str
    """Of the setting, as the form calls it; its path where the form has none."""
    target: str = ""
    """The id of its element; "" where the form has none."""
    place: tuple[int, ...] = (len(GROUPS) + 1,)
    """Where that is on the page: the group, then what is in it; last where the form has none."""


def slug(path: str) -> str:
    """A path as the id of an element."""
    return path.replace(".", "-")


def wrong(path: str, words: str) -> Wrong:
    """A problem with its place on the form."""
    if path.startswith(_ADDITIONAL):
        return _additional(path, words)
    for number, group in enumerate(GROUPS):
        for row, each in enumerate(group.fields):
            if path == each.path or path.startswith(f"{each.path}."):
                return Wrong(words, f"{group.title}: {each.label}", slug(each.path), (number, row))
        rules = f"settings.{group.key}.status."
        if path.startswith(rules):
            status, _, column = path.removeprefix(rules).partition(".")
            target = slug(f"{rules}{status}.{'stage' if column == 'stage' else 'status'}")
            name = f"{group.title}: {status.replace('_', ' ')}"
            statuses = DEALS.get(group.key, ())
            row = statuses.index(status) if status in statuses else len(statuses)
            return Wrong(words, name, target, (number, len(group.fields) + row))
    return Wrong(words, path)


def _additional(path: str, words: str) -> Wrong:
    row, _, column = path.removeprefix(_ADDITIONAL).partition(".")
    if not row.isdecimal():
        return Wrong(words, "Additional fields", "group-additional", (len(GROUPS),))
    known = column if column in ADDITIONAL else "to"
    name, target = f"Additional fields: row {int(row) + 1}", f"additional-{row}-{known}"
    return Wrong(words, name, target, (len(GROUPS), int(row), ADDITIONAL.index(known)))
