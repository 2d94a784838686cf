"""A connection's file as a form; every mistake stands at its field."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from chargepipe.actions.offers import Offers, is_built_in
from chargepipe.domain.settings import ConnectionFile, SettingsError, check, locked
from chargepipe.web.settings.folding import at, state, unfolded
from chargepipe.web.settings.parts import Field, Group
from chargepipe.web.settings.pickers import Picker, picker
from chargepipe.web.settings.places import Wrong, wrong
from chargepipe.web.settings.schema import ADDITIONAL, DEAL_STATUSES, DEALS, GROUPS
from chargepipe.web.settings.sources import several

ROWS = 3
"""Empty rows for further additional fields."""
SHARES = frozenset(f.path for group in GROUPS for f in group.fields if f.kind == "share")
"""Asked for in per cent, kept as shares of 1."""
BUILT_IN = "is Pipedrive's own field, and this would be a second one of its name: choose another"


@dataclass(frozen=True, slots=True)
class Shown:
    """A field with its present value and what is wrong with it."""

    field: Field
    value: Any
    problems: list[str]
    doubts: list[str]
    """Why the accounts can hardly satisfy it."""
    locked: str = ""
    """Why it cannot change any more."""
    picker: Picker | None = None
    """What the accounts have to choose from; None where it is not theirs to say."""


@dataclass(frozen=True, slots=True)
class Part:
    """A group of the form."""

    group: Group
    fields: list[Shown]
    rules: list[dict[str, Any]]
    """Of deals: what they become, by status."""
    open: bool
    state: str
    """What holds in it, in few words."""


@dataclass(slots=True)
class SettingsForm:
    """The form of one connection. `data` is the file as plain JSON, as it stands or was sent."""

    data: dict[str, Any]
    locks: Mapping[str, str] = field(default_factory=dict[str, str])
    offers: Offers | None = None
    """What the accounts have to choose from."""
    stale: bool = False
    """Whether that should be asked again."""
    problems: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    doubts: dict[str, str] = field(default_factory=dict[str, str])
    """What is allowed and hardly works with these accounts, by path (`actions.doubts`)."""

    def groups(self) -> list[Part]:
        """Each group; one with a problem or a doubt is open."""
        return list(self._groups())

    def _groups(self) -> Iterator[Part]:
        for group in GROUPS:
            fields, rules = [self._shown(each) for each in group.fields], [*self._rules(group.key)]
            marked = any(one.problems or one.doubts for one in fields)
            marked |= any(rule["problems"] or rule["doubts"] for rule in rules)
            open = marked or unfolded(group, self.data)
            yield Part(group, fields, rules, open, state(group, self.data))

    def _shown(self, each: Field) -> Shown:
        value = at(self.data, each.path)
        if each.kind == "share":
            value = f"{100 * float(value):g}" if isinstance(value, int | float) else value
        elif each.kind == "list":
            value = ", ".join(value) if isinstance(value, list | tuple) else value
        elif value is None:
            value = ""
        lock = next((w for path, w in self.locks.items() if each.path.startswith(path)), "")
        problems, doubts = self.problems_at(each.path), self.doubts_at(each.path)
        return Shown(each, value, problems, doubts, lock, self._picker(each.picker, value))

    def _picker(self, kind: str, value: Any, pipeline: Any = None) -> Picker | None:
        return picker(kind, value, self.offers, pipeline) if self.offers else None

    def _rules(self, key: str) -> Iterator[dict[str, Any]]:
        pipeline = at(self.data, f"settings.{key}.pipeline")
        for status in DEALS.get(key, ()):
            path = f"settings.{key}.status.{status}"
            rule = at(self.data, path) or {}
            yield {
                "path": path,
                "status": status,
                "stage": rule.get("stage") or "",
                "picker": self._picker("stages", rule.get("stage"), pipeline),
                "becomes": rule.get("status", "none"),
                "choices": DEAL_STATUSES,
                "problems": self.problems_at(path),
                "doubts": self.doubts_at(path),
            }

    @property
    def additions(self) -> int:
        """How many additional fields there are."""
        return len(at(self.data, "settings.additional_fields") or ())

    def additional(self) -> list[dict[str, Any]]:
        """The additional fields, and some empty rows for more."""
        rows = [dict(row) for row in at(self.data, "settings.additional_fields") or ()]
        known = {each.value: each.made for each in self.offers.attributes} if self.offers else {}
        shown = [
            {
                **row,
                "made": known.get(row.get("from") or "", ""),
                "problems": self._problems_of_row(f"settings.additional_fields.{place}"),
                "doubts": self._doubts_of_row(f"settings.additional_fields.{place}"),
            }
            for place, row in enumerate(rows)
        ]
        shown += [{} for _ in range(ROWS)]
        return [
            {**row, "id": f"additional-{place}", "picker": self._picker("targets", row.get("to"))}
            for place, row in enumerate(shown)
        ]

    def _problems_of_row(self, path: str) -> dict[str, list[str]]:
        """By column; what concerns the row as a whole stands at its target."""
        found = {name: self.problems_at(f"{path}.{name}") for name in ADDITIONAL}
        return {**found, "to": [*self.problems.get(path, ()), *found["to"]]}

    def _doubts_of_row(self, path: str) -> dict[str, list[str]]:
        return {name: self.doubts_at(f"{path}.{name}") for name in ("from", "to")}

    def doubts_at(self, path: str) -> list[str]:
        """What is doubtful at or below a path."""
        below = f"{path}."
        return [words for place, words in self.doubts.items() if f"{place}.".startswith(below)]

    def problems_at(self, path: str) -> list[str]:
        """What is wrong at or below a path."""
        return [
            words
            for place, many in self.problems.items()
            for words in many
            if place == path or place.startswith(f"{path}.")
        ]

    @property
    def wrong(self) -> list[Wrong]:
        """Every problem with its place on the form, in the order of the page."""
        found = (wrong(path, words) for path, many in self.problems.items() for words in many)
        return sorted(found, key=lambda each: each.place)

    @property
    def doubted(self) -> list[Wrong]:
        """Every doubt with its place on the form, in the order of the page."""
        found = (wrong(path, words) for path, words in self.doubts.items())
        return sorted(found, key=lambda each: each.place)

    def checked(self) -> ConnectionFile | None:
        """The file that the form describes; None, with `problems`, where it is none."""
        try:
            file = check(ConnectionFile, self.data, in_per_cent=SHARES)
        except SettingsError as error:
            self.refuse(error)
            return None
        there = {each.value for each in self.offers.targets} if self.offers else set[str]()
        for index, each in enumerate(file.settings.additional_fields):
            if each.target not in there and is_built_in(each.target):
                path = f"settings.additional_fields.{index}.to"
                self.problems.setdefault(path, []).append(BUILT_IN)
        return None if self.problems else file

    def refuse(self, error: SettingsError) -> None:
        """Take problems of a refusal to their fields."""
        rows = at(self.data, "settings.additional_fields") or ()
        which = {
            f"settings.additional_fields.{place}.from": several(row.get("from"), self.offers)
            for place, row in enumerate(rows)
        }
        for problem in error.problems:
            words = which.get(problem.path) or problem.message
            self.problems.setdefault(problem.path, []).append(words)


def form_of(
    file: ConnectionFile,
    *,
    full_synced: bool,
    with_organizations: bool,
    offers: Offers | None = None,
    stale: bool = False,
) -> SettingsForm:
    """The form of a file as it stands, with what is locked and what there is to choose from."""
    data = file.model_dump(mode="json", by_alias=True)
    return SettingsForm(data, _locks(file, full_synced, with_organizations), offers, stale)


def _locks(file: ConnectionFile, full_synced: bool, with_organizations: bool) -> dict[str, str]:
    """What a change would be refused for, found by asking the rules with the opposite."""
    settings = file.settings
    key = settings.match_key.model_copy(update={"chargebee": "id", "pipedrive": "\0"})
    other = settings.model_copy(update={"match_key": key, "organizations": False})
    found = locked(settings, other, full_synced, with_organizations)
    return {problem.path: problem.message for problem in found}
