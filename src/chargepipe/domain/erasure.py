"""Erasure: what the journal keeps of a customer whose personal data were cleared (rule 16).

The names of fields and the time of the erasure stay, the values go. Fields of ours (names.ALL) hold
amounts, dates, states and ids; all others may hold anything, so they count as personal.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import cast

from chargepipe.domain import names
from chargepipe.domain.settings import Settings
from chargepipe.domain.values import JSON

_ERASED = "erased"


_ATTRIBUTES = frozenset({"owner_id", "visible_to", "label_ids"})
"""What a deleted person had besides its fields, for the day that it is made again."""
_OF_DEALS = frozenset({"value", "stage", "status", "expected_close_date", "person"})
"""Built-in fields of deals that say nothing of a person but its ids."""


def personal(name: str) -> bool:
    """Whether a field of a person or deal may hold personal data: built-in and additional ones."""
    return name not in names.ALL and name not in _ATTRIBUTES and name not in _OF_DEALS


def of_leading(settings: Settings) -> Callable[[str], bool]:
    """Whether a field of an organization may hold personal data: those of its leading customer.

    Its name is the company's and stays. An additional field that the settings no longer know may
    have been one of them.
    """
    fields = (field for field in settings.additional_fields if field.entity == "organization")
    others = {"name", *(field.name for field in fields if field.record != "customer")}
    return lambda name: personal(name) and name not in others


def is_erased(value: JSON) -> bool:
    """Whether a value of a Change is only the note that it was erased."""
    return isinstance(value, Mapping) and set(value) == {_ERASED}


def erased_at(value: JSON) -> str:
    """When such a value was erased (ISO 8601); "" for any other value."""
    return str(value[_ERASED]) if isinstance(value, Mapping) and is_erased(value) else ""


def without_personal(values: Mapping[str, JSON], when: datetime, customer: str) -> dict[str, JSON]:
    """The before or after of a Change, personal values replaced by the note that they are erased.

    Empty values, the id of the `customer` and what was erased before stay as they are, so erasing
    twice changes nothing.
    """
    return without_values(values, when, personal, dict.fromkeys(values, customer))


def without_values(
    values: Mapping[str, JSON],
    when: datetime,
    personal: Callable[[str], bool],
    stays: Mapping[str, JSON],
) -> dict[str, JSON]:
    """The same for the fields that are `personal`; a value that a field has in `stays` stays."""
    note: JSON = {_ERASED: when.isoformat(timespec="seconds")}

    def kept(name: str, value: JSON) -> bool:
        empty = value in (None, "", []) or is_erased(value)
        return empty or not personal(name) or value == stays.get(name)

    return {name: value if kept(name, value) else note for name, value in values.items()}


def erased_fields(
    target: Mapping[str, JSON], personal: Callable[[str], bool], stays: Mapping[str, JSON]
) -> dict[str, JSON]:
    """An organization's target (`as_json`) without such values; those in `stays` stay."""
    if not target:
        return {}
    fields = cast(Mapping[str, JSON], target["fields"])
    kept = {n: v if not personal(n) or v == stays.get(n) else None for n, v in fields.items()}
    return {**target, "fields": kept}


def readable(values: Mapping[str, JSON], customer: str) -> tuple[dict[str, JSON], tuple[str, ...]]:
    """What a Change still knows, to make its record again, and the names of what was erased.

    An erased name falls to the customer's id, for Pipedrive takes nobody without one.
    """
    gone = tuple(name for name, value in values.items() if is_erased(value))
    known = {name: value for name, value in values.items() if name not in gone}
    return {"name": customer, **known}, gone


def erased_target(target: Mapping[str, JSON]) -> dict[str, JSON]:
    """A person's or deal's target (`as_json`) that holds no personal data any more."""
    if not target:
        return {}
    if "title" in target:
        return _erased_deal(target)
    fields = target.get("fields")
    kept = cast(Mapping[str, JSON], fields or {})
    return {
        **target,
        "name": "",
        **dict.fromkeys(("email", "phone", "country", "organization", "organization_name")),
        "fields": {name: None if personal(name) else value for name, value in kept.items()},
        "cleared": True,
    }


def _erased_deal(target: Mapping[str, JSON]) -> dict[str, JSON]:
    fields = cast(Mapping[str, JSON], target["fields"])
    return {
        **target,
        "title": "",
        "organization": None,
        "fields": {name: None if personal(name) else value for name, value in fields.items()},
        "cleared": True,
    }
