"""A form of settings as it was sent: back to the plain data of a connection's file."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.http import QueryDict

from chargepipe.web.settings.folding import at
from chargepipe.web.settings.form import SettingsForm
from chargepipe.web.settings.parts import Field
from chargepipe.web.settings.pickers import chosen
from chargepipe.web.settings.schema import ADDITIONAL, DEALS, GROUPS
from chargepipe.web.settings.sources import completed


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
        rows = [row | {"from": completed(row["from"], form.offers)} for row in _additional(post)]
        _set(data, "settings.additional_fields", rows)
    return SettingsForm(data, form.locks, form.offers, form.stale)


def without_unfinished(form: SettingsForm) -> SettingsForm:
    """The form without additional fields that are still being filled in."""
    data, path = _copy(form.data), "settings.additional_fields"
    rows = [row for row in at(data, path) or () if row["from"] and _is_whole(row["to"])]
    _set(data, path, rows)
    return SettingsForm(data, form.locks, form.offers, form.stale)


def _is_whole(target: str | None) -> bool:
    return bool(target) and not str(target).endswith(".")


def _sent(each: Field, post: QueryDict) -> Any:
    text = chosen(post.get(each.path, ""), post.get(f"{each.path}.typed", "")).strip()
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
    place, typed = ADDITIONAL.index("to"), post.getlist("additional.to.typed")
    if typed:
        columns[place] = [*map(chosen, columns[place], typed)]
    for values in zip(*columns, strict=False):
        row = {name: v.strip() or None for name, v in zip(ADDITIONAL, values, strict=True)}
        if row["from"] or row["to"]:
            yield row


def _set(data: dict[str, Any], path: str, value: Any) -> None:
    *way, last = path.split(".")
    for part in way:
        data = data.setdefault(part, {})
    data[last] = value


def _copy(data: Any) -> Any:
    if isinstance(data, Mapping):
        return {key: _copy(value) for key, value in data.items()}
    return [_copy(each) for each in data] if isinstance(data, list | tuple) else data
