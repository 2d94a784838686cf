"""Unfit: attributes whose values the chosen type of an additional field cannot hold."""

from collections.abc import Iterator, Mapping
from typing import Any

from chargepipe.domain.attributes import attribute_value
from chargepipe.domain.settings import AdditionalField
from chargepipe.store.models import Record
from chargepipe.sync.session import Session

WORDS = {"number": "a number", "date": "a date", "money": "an amount", "yes_no": "yes or no"}


def unfit(session: Session) -> Iterator[str]:
    """One sentence for each additional field that some values do not fit; they are left empty."""
    for field in session.settings.additional_fields:
        found = _unfit_of(session, field) if field.kind in WORDS else []
        if found:
            yield (
                f'The values of {len(found)} {field.record}s do not fit "{field.target}", for '
                f"{field.attribute} is not {WORDS[field.kind]} there, for example of {found[0]}: "
                "they are left empty."
            )


def _unfit_of(session: Session, field: AdditionalField) -> list[str]:
    rows: Any = Record.objects.filter(
        connection=session.connection,
        kind=field.record,
        deleted=False,
        attributes__has_key=field.attribute.partition(".")[0],
    )
    zone = session.settings.time_zone
    return [
        source_id
        for source_id, attributes in rows.values_list("source_id", "attributes").iterator()
        if (value := _held(attributes, field.attribute)) not in (None, "")
        and attribute_value(value, field.kind, "", zone) is None
    ]


def _held(attributes: Mapping[str, Any], path: str) -> Any:
    outer, _, inner = path.partition(".")
    return attributes[outer].get(inner) if inner else attributes[outer]
