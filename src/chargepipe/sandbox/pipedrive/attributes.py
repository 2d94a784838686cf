"""What each attribute of a person, an organization and a deal may be (fact sheets 3, 4)."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, cast

from ..messages import Row
from ..options import Options
from . import checks, contacts, values
from .checks import Check, or_null, refused_key
from .values import Bad

Kind = Literal["person", "organization", "deal"]
KINDS: tuple[Kind, ...] = ("person", "organization", "deal")
NAMED: dict[Kind, str] = {"person": "name", "organization": "name", "deal": "title"}
"""The attribute without which no record can be made."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a body may point to.

    users: ids of active users. currency: the writer's default one. fields: custom fields by code.
    reaches: whether there is such a record, living and visible to who writes. check_writable:
    raises Invalid for the code of a field beyond the plan's quota.
    """

    users: Collection[int]
    currencies: set[str]
    currency: str
    fields: dict[str, Row]
    reaches: Callable[[Kind, int], bool]
    options: Options
    check_writable: Callable[[str], None]


def checks_of(kind: Kind, known: Known, creating: bool) -> dict[str, Check]:
    """The checks by attribute; what has none is not allowed."""
    name = checks.name(known.options.longest_name, known.options.escapes_html)
    table: dict[str, Check] = {
        NAMED[kind]: name,
        "owner_id": partial(_owner, known),
        "visible_to": checks.visibility,
        "label_ids": checks.labels,
        "custom_fields": partial(_custom_fields, known),
    }
    if creating and kind != "deal":
        table["add_time"] = checks.moment
    match kind:
        case "person":
            return table | _of_person(known, creating)
        case "organization":
            return table | _OF_ORGANIZATION
        case "deal":
            return table | _of_deal(known, creating)


def _of_person(known: Known, creating: bool) -> dict[str, Check]:
    each: Check = contacts.check
    if known.options.null_emails == "clear" and not creating:
        each = _or_empty
    return {"emails": each, "phones": each, "org_id": or_null(_link(known, "organization"))}


def _of_deal(known: Known, creating: bool) -> dict[str, Check]:
    """What a deal's attributes may be by themselves; how they go together is in `deal_rules`.

    Null is taken where the description of the API says so, and elsewhere by the option alone.
    """
    clears = known.options.null_links == "clear" and not creating
    links: dict[str, Check] = {
        "person_id": _link(known, "person"),
        "org_id": _link(known, "organization"),
        "expected_close_date": values.day,
    }
    return {
        **{name: or_null(check) if clears else check for name, check in links.items()},
        "pipeline_id": checks.whole,
        "stage_id": checks.whole,
        "value": values.number,
        "currency": partial(_currency, known),
        "is_deleted": partial(_deletion, known, creating),
        "is_archived": checks.flag,
        "archive_time": checks.plain_moment,
        "status": checks.one_of("open", "won", "lost"),
        "probability": or_null(checks.percentage),
        "lost_reason": or_null(checks.text),
        "close_time": or_null(checks.moment),
        "won_time": checks.moment,
        "lost_time": checks.moment,
    }


_OF_ORGANIZATION: dict[str, Check] = {
    "address": or_null(values.address),
    "website": or_null(checks.text),
    "linkedin": or_null(checks.text),
    "industry": or_null(checks.whole),
    "annual_revenue": or_null(checks.whole),
    "employee_count": or_null(checks.whole),
}


def _or_empty(value: Any) -> list[Row]:
    return [] if value is None else contacts.check(value)


def _owner(known: Known, value: Any) -> int:
    if checks.whole(value) not in known.users:
        raise Bad("must be the id of an active user")
    return value


def _link(known: Known, kind: Kind) -> Check:
    """A record that exists; one that is hidden from the writer does not exist."""

    def check(value: Any) -> int:
        if not known.reaches(kind, checks.whole(value)):
            raise Bad(f"must be the id of a{'n' * (kind[0] == 'o')} {kind} that exists")
        return value

    return check


def _currency(known: Known, value: Any) -> str:
    if checks.text(value) not in known.currencies:
        raise Bad("must be a currency of the account")
    return value


def _deletion(known: Known, creating: bool, value: Any) -> bool:
    """Deals are deleted by DELETE alone; whether they can be restored is not known."""
    if checks.flag(value) or creating or not known.options.restores:
        raise Bad("deals are deleted with DELETE and cannot be restored")
    return value


def _custom_fields(known: Known, value: Any) -> Row:
    if not isinstance(value, dict):
        raise Bad("must be an object")
    kept: Row = {}
    for code, held in cast(Row, value).items():
        if code not in known.fields:
            raise Bad(refused_key(code))
        known.check_writable(code)
        try:
            kept[code] = values.check(known.fields[code], held, known.currencies, known.currency)
        except Bad as bad:
            raise Bad(f"{code}: {bad}") from bad
    return kept
