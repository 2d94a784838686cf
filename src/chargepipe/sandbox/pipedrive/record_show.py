"""How a record is shown: custom fields, option labels, fields that are included on request."""

from collections.abc import Callable
from typing import Any, cast

from ..messages import Row
from .attributes import Kind
from .checks import refused_key
from .crm import Crm
from .errors import failed_checks
from .lists import MAX_CODES, Params
from .values import labels, words

SHOWN = ("include_fields", "custom_fields", "include_option_labels", "include_labels")
"""The parameters that say how a record is shown."""
_BCC = "sandbox@pipedrivemail.example"
_OF_ALL: Row = {
    **dict.fromkeys(("next_activity_id", "last_activity_id")),
    "smart_bcc_email": _BCC,
    **dict.fromkeys(
        words(
            "email_messages_count activities_count done_activities_count undone_activities_count "
            "files_count notes_count followers_count"
        ),
        0,
    ),
}
_MAILS: Row = {"last_incoming_mail_time": None, "last_outgoing_mail_time": None}
_DEALS: Row = dict.fromkeys(
    words(
        "open_deals_count related_open_deals_count closed_deals_count "
        "related_closed_deals_count won_deals_count related_won_deals_count lost_deals_count "
        "related_lost_deals_count"
    ),
    0,
)
_TAKING_PART: Row = {"participant_open_deals_count": 0, "participant_closed_deals_count": 0}
INCLUDED: dict[Kind, Row] = {
    "person": _OF_ALL | _MAILS | _DEALS | _TAKING_PART,
    "organization": _OF_ALL | _DEALS | {"people_count": 0},
    "deal": _OF_ALL
    | _MAILS
    | {"first_won_time": None, "products_count": 0, "participants_count": 0}
    | {"source_lead_id": None},
}
"""What `include_fields` adds, by kind, for a record with nothing; nobody has mails or activities,
and deals have no participants besides their person."""


class Show:
    """Shows kept records of one kind as a call asks."""

    def __init__(self, crm: Crm, kind: Kind) -> None:
        self._crm = crm
        self._kind: Kind = kind

    def reader(self, params: Params) -> Callable[[Row], Row]:
        """A function that shows a row. Raises Invalid for a wrong parameter."""
        codes = params.many("custom_fields", MAX_CODES)
        fields = self._crm.field_set.custom(self._kind)
        strange = [code for code in codes or [] if code not in fields]
        if strange:
            raise failed_checks(*(f"custom_fields: {refused_key(code)}" for code in strange))
        known = INCLUDED[self._kind]
        more = params.many("include_fields", len(known)) or []
        if any(name not in known for name in more):
            raise failed_checks("include_fields: holds a field that cannot be included")
        count = self.counter() if more else None
        extra: Row = {"labels": []} if params.flag("include_labels") else {}
        labelled = params.flag("include_option_labels")

        def show(row: Row) -> Row:
            shown = self._crm.wire(self._kind, row, codes) | extra
            if count:
                counted = count(row)
                shown |= {name: counted[name] for name in more}
            return self._labelled(shown) if labelled else shown

        return show

    def counter(self) -> Callable[[Row], Row]:
        """A function that gives all that can be included with a row."""
        if self._kind == "deal":
            return self._of_deal
        deals = self._deals_by("person_id" if self._kind == "person" else "org_id")
        people = self._people() if self._kind == "organization" else {}

        def count(row: Row) -> Row:
            counted = INCLUDED[self._kind] | deals.get(row["id"], {})
            return counted | people.get(row["id"], {})

        return count

    def _of_deal(self, row: Row) -> Row:
        return INCLUDED["deal"] | {
            "first_won_time": row["first_won_time"],
            "products_count": len(self._crm.products.of(row)),
            "participants_count": int(row["person_id"] is not None),
        }

    def _deals_by(self, key: str) -> dict[int, Row]:
        """The counts of open, closed, won and lost deals by what they are linked to."""
        counts: dict[int, Row] = {}
        for deal in self._crm.all_living("deal"):
            if deal[key] is None:
                continue
            held = counts.setdefault(deal[key], dict(_DEALS))
            held[f"{deal['status']}_deals_count"] += 1
            held["closed_deals_count"] += deal["status"] != "open"
        return counts

    def _people(self) -> dict[int, Row]:
        counts: dict[int, Row] = {}
        for person in self._crm.all_living("person"):
            if person["org_id"] is not None:
                counts.setdefault(person["org_id"], {"people_count": 0})["people_count"] += 1
        return counts

    def _labelled(self, shown: Row) -> Row:
        """Option ids of custom fields replaced by {id, label}."""
        custom = dict(cast(Row, shown["custom_fields"]))
        for code, field in self._crm.field_set.custom(self._kind).items():
            if custom.get(code) is not None and field["field_type"] in ("enum", "set"):
                custom[code] = _with_labels(custom[code], labels(field))
        return shown | {"custom_fields": custom}


def _with_labels(value: Any, known: dict[int, str]) -> Any:
    if isinstance(value, list):
        return [_with_labels(each, known) for each in cast(list[Any], value)]
    return {"id": value, "label": known.get(value)}
