"""From a connection's file to a form and back; every mistake stands at its field."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from chargepipe.actions.offers import Offer, Offers, is_built_in
from chargepipe.domain.settings import ConnectionFile, SettingsError, check, locked
from chargepipe.web.settings.parts import Field, Group
from chargepipe.web.settings.places import Wrong, wrong
from chargepipe.web.settings.schema import (
    DEAL_STATUSES,
    GROUPS,
    INVOICE_STATUSES,
    SUBSCRIPTION_STATUSES,
)

DEALS = {"subscription_deals": SUBSCRIPTION_STATUSES, "invoice_deals": INVOICE_STATUSES}
ROWS = 3
"""Empty rows for further additional fields."""
SHARES = frozenset(f.path for group in GROUPS for f in group.fields if f.kind == "share")
"""Asked for in per cent, kept as shares of 1."""
BUILT_IN = "is Pipedrive's own field, and this would be a second one of its name: choose another"
ADDITIONAL = ("from", "to", "type", "overwrite")


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

    def groups(self) -> Iterator[tuple[Group, list[Shown], list[dict[str, Any]]]]:
        """Each group with its fields and, for deals, the rules by status."""
        for group in GROUPS:
            shown = [self._shown(each) for each in group.fields]
            yield group, shown, list(self._rules(group.key))

    def _shown(self, each: Field) -> Shown:
        value = _get(self.data, each.path)
        if each.kind == "share":
            value = f"{100 * float(value):g}" if isinstance(value, int | float) else value
        elif each.kind == "list":
            value = ", ".join(value) if isinstance(value, list | tuple) else value
        elif value is None:
            value = ""
        lock = next((w for path, w in self.locks.items() if each.path.startswith(path)), "")
        return Shown(each, value, self.problems_at(each.path), self.doubts_at(each.path), lock)

    def _rules(self, key: str) -> Iterator[dict[str, Any]]:
        for status in DEALS.get(key, ()):
            path = f"settings.{key}.status.{status}"
            rule = _get(self.data, path) or {}
            yield {
                "path": path,
                "status": status,
                "stage": rule.get("stage") or "",
                "picker": f"stages-{key}",
                "becomes": rule.get("status", "none"),
                "choices": DEAL_STATUSES,
                "problems": self.problems_at(path),
                "doubts": self.doubts_at(path),
            }

    def stages(self) -> Iterator[tuple[str, list[Offer]]]:
        """Of each kind of deals the stages to choose from: those of its pipeline."""
        for key in DEALS:
            pipeline = _get(self.data, f"settings.{key}.pipeline")
            yield key, self.offers.stages_of(pipeline) if self.offers else []

    def additional(self) -> list[dict[str, Any]]:
        """The additional fields, and some empty rows for more."""
        rows = [dict(row) for row in _get(self.data, "settings.additional_fields") or ()]
        known = {each.value: each.hint for each in self.offers.attributes} if self.offers else {}
        shown = [
            {
                **row,
                "hint": known.get(row.get("from") or "", ""),
                "problems": self._problems_of_row(f"settings.additional_fields.{place}"),
                "doubts": self._doubts_of_row(f"settings.additional_fields.{place}"),
            }
            for place, row in enumerate(rows)
        ]
        shown += [{} for _ in range(ROWS)]
        return [{**row, "id": f"additional-{place}"} for place, row in enumerate(shown)]

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
        """Every problem with its place on the form, in the order in which they were found."""
        return [wrong(path, words) for path, many in self.problems.items() for words in many]

    @property
    def doubted(self) -> list[Wrong]:
        """Every doubt with its place on the form."""
        return [wrong(path, words) for path, words in self.doubts.items()]

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
        for problem in error.problems:
            self.problems.setdefault(problem.path, []).append(problem.message)


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


def filled(form: SettingsForm, post: QueryDict, groups: tuple[str, ...] = ()) -> SettingsForm:
    """The form as it was sent, of these groups or of all; locked fields keep what stands."""
    data = _copy(form.data)
    for group in GROUPS:
        if groups and group.key not in groups:
            continue
        for each in group.fields:
            if not any(each.path.startswith(path) for path in form.locks):
                _set(data, each.path, _sent(each, post))
        for status in DEALS.get(group.key, ()):
            path = f"settings.{group.key}.status.{status}"
            if f"{path}.status" in post:
                _set(data, path, _rule(post, path))
    if "additional.from" in post:
        _set(data, "settings.additional_fields", list(_additional(post)))
    return SettingsForm(data, form.locks, form.offers, form.stale)


def _sent(each: Field, post: QueryDict) -> Any:
    text = post.get(each.path, "").strip()
    if each.kind == "switch":
        return each.path in post
    if each.kind == "checks":
        return post.getlist(each.path)
    if each.kind == "list":
        parts = [part.strip() for part in text.replace("\n", ",").split(",") if part.strip()]
        return "all" if parts == ["all"] else parts
    if each.kind in ("number", "share"):
        return _number(text, 100 if each.kind == "share" else 1)
    if each.path.endswith((".pipeline", "daily_tokens")):
        return int(text) if text.isdecimal() else text or None
    return text


def _number(text: str, divisor: int) -> Any:
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        return text
    if divisor > 1:
        return value / divisor
    return int(value) if value.is_integer() else value


def _rule(post: QueryDict, path: str) -> dict[str, Any]:
    stage, status = post.get(f"{path}.stage", "").strip(), post.get(f"{path}.status", "none")
    named: Any = int(stage) if stage.isdecimal() else stage or None
    return {"stage": None if status == "none" else named, "status": status}


def _additional(post: QueryDict) -> Iterator[dict[str, Any]]:
    columns = [post.getlist(f"additional.{name}") for name in ADDITIONAL]
    for values in zip(*columns, strict=False):
        row = {name: v.strip() or None for name, v in zip(ADDITIONAL, values, strict=True)}
        if row["from"] or row["to"]:
            yield row


def _locks(file: ConnectionFile, full_synced: bool, with_organizations: bool) -> dict[str, str]:
    """What a change would be refused for, found by asking the rules with the opposite."""
    settings = file.settings
    key = settings.match_key.model_copy(update={"chargebee": "id", "pipedrive": "\0"})
    other = settings.model_copy(update={"match_key": key, "organizations": False})
    found = locked(settings, other, full_synced, with_organizations)
    return {problem.path: problem.message for problem in found}


def _get(data: Mapping[str, Any], path: str) -> Any:
    here: Any = data
    for part in path.split("."):
        here = here.get(part) if isinstance(here, Mapping) else None
    return here


def _set(data: dict[str, Any], path: str, value: Any) -> None:
    *way, last = path.split(".")
    for part in way:
        data = data.setdefault(part, {})
    data[last] = value


def _copy(data: Any) -> Any:
    if isinstance(data, Mapping):
        return {key: _copy(value) for key, value in data.items()}
    return [_copy(each) for each in data] if isinstance(data, list | tuple) else data
