"""Field definitions of persons, organizations and deals."""

from collections.abc import Iterator
from hashlib import sha1
from typing import Any

from ..data.draw import iso
from ..messages import Row
from . import field_options
from .company import Company
from .errors import Invalid, failed_checks
from .field_rows import (
    BUILT_IN,
    ENTITIES,
    SETTINGS,
    Entity,
    check_keys,
    extra,
    field,
    read_name,
    settings,
)
from .happenings import News
from .values import TYPES

__all__ = ["ENTITIES", "Entity", "Fields"]

_CAPPED = "feature_capping_custom_fields_limit"


class Fields:
    """The fields of one account; as many custom ones in all as the plan allows (fact sheet 2.5).

    After a downgrade those beyond the quota, the newest ones, can only be read and deleted.
    """

    def __init__(self, seed: int, company: Company, news: News) -> None:
        self._seed = seed
        self._news = news
        self._company = company
        self._made = 0
        self._options = 0
        self._order: list[str] = []
        self._rows: dict[Entity, dict[str, Row]] = {
            entity: {code: field(code, *rest, custom=False) for code, *rest in fields}
            for entity, fields in BUILT_IN.items()
        }

    def all(self, entity: Entity) -> Iterator[Row]:
        """Every field of an entity, built-in ones first."""
        return iter(list(self._rows[entity].values()))

    def custom(self, entity: Entity) -> dict[str, Row]:
        """The custom fields of an entity by code."""
        return {code: row for code, row in self._rows[entity].items() if row["is_custom_field"]}

    def get(self, entity: Entity, code: str) -> Row:
        """One field. Raises Invalid (404)."""
        row = self._rows[entity].get(code)
        if row is None:
            raise Invalid("Field not found", 404, "ERR_NOT_FOUND")
        return row

    def check_writable(self, code: str) -> None:
        """Whether the plan has room for this custom field. Raises Invalid (403).

        That a value of a field beyond the quota is refused so is ours: the pages say read-only.
        """
        if code in self._order[self._company.field_quota :]:
            words = f"Couldn't update the custom field {code}. Custom fields limit reached."
            raise Invalid(words, 403, _CAPPED)

    def names(self, entity: Entity) -> set[str]:
        """The names of all fields of an entity, in small letters."""
        return {row["field_name"].casefold() for row in self._rows[entity].values()}

    def add(self, entity: Entity, body: Row, now: float) -> Row:
        """Make a custom field. Names need not be unique. Raises Invalid."""
        check_keys(body, "field_name", "field_type", "options", *SETTINGS, *extra(entity))
        name, kind = read_name(body.get("field_name"), "field_name"), body.get("field_type")
        if kind not in TYPES:
            raise failed_checks(f"field_type: must be one of {', '.join(TYPES)}")
        options = self._first_options(kind, body.get("options"), now)
        flags = settings(entity, body)
        if len(self._order) >= self._company.field_quota:
            words = f"Couldn't add the {entity} field. Custom fields limit reached."
            raise Invalid(words, 403, _CAPPED)
        self._made += 1
        code = sha1(f"{self._seed} {self._made}".encode(), usedforsecurity=False).hexdigest()
        row = field(code, name, kind, custom=True) | {"options": options} | flags
        self._order.append(code)
        self._rows[entity][code] = row
        self._news.made(f"{entity}Field", code, row)
        return row

    def add_label(self, entity: Entity, name: str, now: float) -> Row:
        """Make a label of persons or organizations, as the app does (its field is built in)."""
        label = self._option(name, now)
        made = field("label_ids", "Labels", "set", custom=False)
        row = self._rows[entity].setdefault("label_ids", made)
        self._put(entity, "label_ids", row | {"options": [*(row["options"] or []), label]})
        return label

    def edit(self, entity: Entity, code: str, body: Row) -> Row:
        """Rename a custom field or set its flags; its type stays. Raises Invalid."""
        check_keys(body, "field_name", *SETTINGS, *extra(entity))
        row = self._own(entity, code)
        self.check_writable(code)
        if "field_name" in body:
            row = row | {"field_name": read_name(body["field_name"], "field_name")}
        return self._put(entity, code, row | settings(entity, body))

    def delete(self, entity: Entity, code: str) -> Row:
        """Take a custom field and all its values away. Raises Invalid."""
        row = self._own(entity, code)
        del self._rows[entity][code]
        self._order.remove(code)
        self._news.deleted(f"{entity}Field", code, row)
        return row

    def add_options(self, entity: Entity, code: str, body: Any, now: float) -> list[Row]:
        """Add options to an enum or set field, all or none; the new ones. Raises Invalid."""
        held = self._options_of(entity, code)
        new = field_options.added(held, body, lambda label: self._option(label, now))
        self._put_options(entity, code, [*held, *new])
        return new

    def rename_options(self, entity: Entity, code: str, body: Any, now: float) -> list[Row]:
        """Give options new labels, all or none; the renamed ones. Raises Invalid."""
        held = self._options_of(entity, code)
        changed = field_options.renamed(held, body, iso(now))
        new = {option["id"]: option for option in changed}
        self._put_options(entity, code, [new.get(option["id"], option) for option in held])
        return changed

    def remove_options(self, entity: Entity, code: str, body: Any) -> list[Row]:
        """Take options away, all or none; those that are gone. Records keep the id (ours).

        Raises Invalid.
        """
        held = self._options_of(entity, code)
        gone = field_options.removed(held, body)
        self._put_options(entity, code, [option for option in held if option not in gone])
        return gone

    def _put_options(self, entity: Entity, code: str, options: list[Row]) -> None:
        self._put(entity, code, self._rows[entity][code] | {"options": options})

    def _put(self, entity: Entity, code: str, row: Row) -> Row:
        previous = self._rows[entity][code]
        self._rows[entity][code] = row
        self._news.changed(f"{entity}Field", code, row, previous)
        return row

    def _own(self, entity: Entity, code: str) -> Row:
        row = self.get(entity, code)
        if not row["is_custom_field"]:
            raise Invalid("A built-in field cannot be changed", 403, "ERR_FORBIDDEN")
        return row

    def _options_of(self, entity: Entity, code: str) -> list[Row]:
        """The options of a custom field that may be written. Raises Invalid."""
        row = self._own(entity, code)
        self.check_writable(code)
        if row["field_type"] not in ("enum", "set"):
            raise failed_checks("field_code: the field has no options")
        return row["options"]

    def _first_options(self, kind: str, given: Any, now: float) -> list[Row] | None:
        if kind in ("enum", "set"):
            return field_options.added([], given, lambda label: self._option(label, now))
        if given is not None:
            raise failed_checks("options: only enum and set fields have options")
        return None

    def _option(self, label: str, now: float) -> Row:
        self._options += 1
        times = {"add_time": iso(now), "update_time": iso(now)}
        return {"id": self._options, "label": label, "color": None, **times}
