"""The CRM account behind the API: its records, its fields, its users, and edits of them."""

from collections.abc import Collection, Iterator
from functools import partial
from typing import Any

from ..clock import Clock
from ..data.draw import iso
from ..data.people import People
from ..messages import Row
from . import account
from .body import Kind, Known, read_body
from .company import Company
from .fields import Entity, Fields
from .merge import merged
from .records import Records
from .rows import EMPTY, laid_over


class Crm:
    """Edit the simulated Pipedrive account, as its users would; reads see living records only.

    Bodies are checked as the API checks them: a wrong one raises ValueError with the API's words.
    An unknown or deleted record raises KeyError. `me`, `users` and `currencies` may be edited in
    place. Answers are in the form of API v2, with every custom field of the account.
    """

    def __init__(
        self, seed: int, people: People, company: Company, clock: Clock, lags: tuple[float, float]
    ) -> None:
        self.me = account.me()
        self.users = [self.me, account.colleague()]
        self.currencies = account.currencies()
        self.pipelines = account.pipelines()
        self.stages = account.stages()
        self.field_set = Fields(seed, company)
        self._clock = clock
        times = (people.added, people.updated)
        self.records: dict[Kind, Records] = {
            "person": Records(people.persons, people.person, times, clock, lags),
            "organization": Records(people.organizations, people.organization, times, clock, lags),
        }

    def persons(self) -> Iterator[Row]:
        """Every living person, by id."""
        return self._living("person")

    def organizations(self) -> Iterator[Row]:
        """Every living organization, by id."""
        return self._living("organization")

    def fields(self, entity: Entity) -> Iterator[Row]:
        """Every field of "person", "organization" or "deal", built-in ones first."""
        self._clock.catch_up()
        return self.field_set.all(entity)

    def person(self, id: int) -> Row:
        """One living person."""
        return self.wire("person", self.living("person", id))

    def organization(self, id: int) -> Row:
        """One living organization."""
        return self.wire("organization", self.living("organization", id))

    def add_person(self, **body: Any) -> Row:
        """Make a person; `name` is needed."""
        return self.add("person", body)

    def add_organization(self, **body: Any) -> Row:
        """Make an organization; `name` is needed."""
        return self.add("organization", body)

    def edit_person(self, id: int, **body: Any) -> Row:
        """Change a person; emails and phones are replaced whole."""
        return self.edit("person", id, body)

    def edit_organization(self, id: int, **body: Any) -> Row:
        """Change an organization."""
        return self.edit("organization", id, body)

    def delete_person(self, id: int) -> None:
        """Delete a person (softly: the id is never used again)."""
        self.delete("person", id)

    def delete_organization(self, id: int) -> None:
        """Delete an organization (softly: the id is never used again)."""
        self.delete("organization", id)

    def add_field(self, entity: Entity, **body: Any) -> Row:
        """Make a custom field; `field_name` and `field_type` are needed."""
        return self.field_set.add(entity, body, self._clock.now())

    def delete_field(self, entity: Entity, code: str) -> None:
        """Delete a custom field and all its values."""
        self.field_set.delete(entity, code)

    def merge_persons(self, loser: int, winner: int) -> Row:
        """Merge two persons: the winner keeps its id and what it has, the loser is gone."""
        return self._merge("person", loser, winner)

    def merge_organizations(self, loser: int, winner: int) -> Row:
        """Merge two organizations; text custom fields of both are joined, persons move over."""
        row = self._merge("organization", loser, winner)
        for _, person in self.records["person"].table.rows():
            if person["org_id"] == loser and not person["is_deleted"]:
                self._touch("person", person | {"org_id": winner})
        return row

    def add(self, kind: Kind, body: Row) -> Row:
        """Make a record and give it as the API does."""
        self._clock.catch_up()
        given = read_body(kind, body, self._known(kind), creating=True)
        now = iso(self._clock.now())
        table = self.records[kind].table
        empty = EMPTY[kind] | {"id": table.last + 1, "owner_id": self.me["id"]}
        row = laid_over(kind, empty | {"add_time": now, "update_time": now}, given)
        self.records[kind].put(row)
        return self.wire(kind, row)

    def edit(self, kind: Kind, id: int, body: Row) -> Row:
        """Change a record and give it as the API does."""
        old = self.living(kind, id)
        given = read_body(kind, body, self._known(kind), creating=False)
        return self.wire(kind, self._touch(kind, laid_over(kind, old, given)))

    def delete(self, kind: Kind, id: int) -> None:
        """Delete a record softly."""
        self._touch(kind, self.living(kind, id) | {"is_deleted": True})

    def living(self, kind: Kind, id: int) -> Row:
        """The kept row of a record that is not deleted. Raises KeyError."""
        self._clock.catch_up()
        row = self.records[kind].table.get(id)
        if row is None or row["is_deleted"]:
            raise KeyError(f"the sandbox has no {kind} with the id {id}")
        return row

    def wire(self, kind: Kind, row: Row, codes: Collection[str] | None = None) -> Row:
        """A kept row as answered: all custom fields of the account, or those of `codes`."""
        held = row["custom_fields"]
        known = self.field_set.custom(kind)
        shown = {code: held.get(code) for code in known if codes is None or code in codes}
        return row | {"custom_fields": shown}

    def _living(self, kind: Kind) -> Iterator[Row]:
        self._clock.catch_up()
        rows = self.records[kind].table.rows()
        return (self.wire(kind, row) for _, row in rows if not row["is_deleted"])

    def _touch(self, kind: Kind, row: Row) -> Row:
        row = row | {"update_time": iso(self._clock.now())}
        self.records[kind].put(row)
        return row

    def _merge(self, kind: Kind, loser: int, winner: int) -> Row:
        kept = merged(
            self.living(kind, winner),
            self.living(kind, loser),
            self.field_set.custom(kind) if kind == "organization" else {},
        )
        self.delete(kind, loser)
        return self.wire(kind, self._touch(kind, kept))

    def _known(self, kind: Kind) -> Known:
        users = {user["id"] for user in self.users if user["active_flag"]}
        currencies = {each["code"] for each in self.currencies if each["active_flag"]}
        fields = self.field_set.custom(kind)
        return Known(users, currencies, fields, partial(self._lives, "organization"))

    def _lives(self, kind: Kind, id: int) -> bool:
        row = self.records[kind].table.get(id)
        return row is not None and not row["is_deleted"]
