"""The CRM account as its users edit it, by name."""

from collections.abc import Iterator
from typing import Any

from ..data.people import COLLEAGUE
from ..messages import Row
from .attributes import KINDS, Kind
from .book import Book
from .fields import Entity
from .finding import found
from .holdings import OWNER_ALONE
from .products import plain_bodies

EVERYONE = 3


class Crm(Book):
    """Edit the simulated Pipedrive account, as its users would; reads see living records only.

    Bodies are checked as the API checks them: a wrong one raises ValueError with the API's words.
    An unknown or deleted record raises KeyError. Answers are in the form of API v2, with every
    custom field of the account. The page sees records that are hidden from the token's user.
    """

    def persons(self) -> Iterator[Row]:
        """Every living person, by id."""
        return (self.wire("person", row) for row in self.all_living("person"))

    def organizations(self) -> Iterator[Row]:
        """Every living organization, by id."""
        return (self.wire("organization", row) for row in self.all_living("organization"))

    def deals(self) -> list[Row]:
        """Every living deal, archived ones too, by id."""
        return [self.wire("deal", row) for row in self.all_living("deal")]

    def fields(self, entity: Entity) -> Iterator[Row]:
        """Every field of "person", "organization" or "deal", built-in ones first."""
        self._clock.catch_up()
        return self.field_set.all(entity)

    def search(self, text: str, limit: int = 20) -> dict[str, list[Row]]:
        """Records with a text in their name, title, id, contacts or custom fields, newest first.

        By "persons", "organizations" and "deals", at most `limit` of each; every record for "".
        """
        return {
            f"{kind}s": [
                self.wire(kind, row) for row in found(self.records[kind].table, text, limit)
            ]
            for kind in KINDS
        }

    def person(self, id: int) -> Row:
        """One living person."""
        return self.wire("person", self.living("person", id))

    def organization(self, id: int) -> Row:
        """One living organization."""
        return self.wire("organization", self.living("organization", id))

    def deal(self, id: int) -> Row:
        """One living deal."""
        return self.wire("deal", self.living("deal", id))

    def add_person(self, **body: Any) -> Row:
        """Make a person; `name` is needed."""
        return self.add("person", body)

    def add_organization(self, **body: Any) -> Row:
        """Make an organization; `name` is needed."""
        return self.add("organization", body)

    def add_deal(self, **body: Any) -> Row:
        """Make a deal; `title` is needed."""
        return self.add("deal", body)

    def edit_person(self, id: int, **body: Any) -> Row:
        """Change a person; emails and phones are replaced whole."""
        return self.edit("person", id, body)

    def edit_organization(self, id: int, **body: Any) -> Row:
        """Change an organization."""
        return self.edit("organization", id, body)

    def edit_deal(self, id: int, **body: Any) -> Row:
        """Change a deal; its value is locked while it has products."""
        return self.edit("deal", id, body)

    def delete_person(self, id: int) -> None:
        """Delete a person (softly: the id is never used again)."""
        self.delete("person", id)

    def delete_organization(self, id: int) -> None:
        """Delete an organization (softly: the id is never used again)."""
        self.delete("organization", id)

    def delete_deal(self, id: int) -> None:
        """Delete a deal (softly: the id is never used again)."""
        self.delete("deal", id)

    def merge_persons(self, loser: int, winner: int) -> Row:
        """Merge two persons: the winner keeps its id and what it has, the loser is gone."""
        return self.merge("person", loser, winner)

    def merge_organizations(self, loser: int, winner: int) -> Row:
        """Merge two organizations; text custom fields of both are joined, links move over."""
        return self.merge("organization", loser, winner)

    def merge_deals(self, loser: int, winner: int) -> Row:
        """Merge two deals: the winner keeps what it has and gets the loser's products."""
        return self.merge("deal", loser, winner)

    def win_deal(self, id: int) -> Row:
        """Mark a deal as won, now."""
        return self.edit("deal", id, {"status": "won"})

    def lose_deal(self, id: int, reason: str | None = None) -> Row:
        """Mark a deal as lost, now."""
        return self.edit("deal", id, {"status": "lost", "lost_reason": reason})

    def reopen_deal(self, id: int) -> Row:
        """Open a closed deal again."""
        return self.edit("deal", id, {"status": "open"})

    def move_deal(self, id: int, stage_id: int) -> Row:
        """Move a deal to another stage, of whatever pipeline."""
        return self.edit("deal", id, {"stage_id": stage_id})

    def archive_deal(self, id: int) -> Row:
        """Take a deal out of the lists, into the archive; its status stays."""
        return self.edit("deal", id, {"is_archived": True})

    def unarchive_deal(self, id: int) -> Row:
        """Take a deal back from the archive."""
        return self.edit("deal", id, {"is_archived": False})

    def add_products(self, id: int, amounts: list[int | float]) -> list[Row]:
        """Attach one product for each amount (in the deal's currency): its value is locked."""
        return self.attach(id, plain_bodies(amounts))

    def remove_products(self, id: int) -> Row:
        """Take all products off a deal: its value stays, and can be written again."""
        for row in list(self.products.of(self.living("deal", id))):
            self.detach(id, row["id"])
        return self.deal(id)

    def hide(self, kind: Kind, id: int) -> Row:
        """Give a record to a colleague who keeps it private: the token's user cannot see it."""
        owner = self.living(kind, id)["owner_id"]
        self._owners.setdefault((kind, id), owner)
        given = {"owner_id": COLLEAGUE, "visible_to": OWNER_ALONE[0]}
        return self.overwrite(kind, id, given)

    def show(self, kind: Kind, id: int) -> Row:
        """Let everybody see a record; one that was hidden goes back to the owner it had."""
        owner = self.living(kind, id)["owner_id"]
        before = self._owners.pop((kind, id), owner)
        given = {"owner_id": before if owner == COLLEAGUE else owner, "visible_to": EVERYONE}
        return self.overwrite(kind, id, given)

    def add_field(self, entity: Entity, **body: Any) -> Row:
        """Make a custom field; `field_name` and `field_type` are needed."""
        return self.field_set.add(entity, body, self._clock.now())

    def rename_field(self, entity: Entity, code: str, name: str) -> Row:
        """Give a custom field another name; its code stays."""
        return self.field_set.edit(entity, code, {"field_name": name})

    def delete_field(self, entity: Entity, code: str) -> None:
        """Delete a custom field and all its values."""
        self.field_set.delete(entity, code)

    def add_label(self, entity: Entity, name: str) -> Row:
        """Make a label that records of this kind can carry."""
        return self.field_set.add_label(entity, name, self._clock.now())

    def add_option(self, entity: Entity, code: str, label: str) -> Row:
        """Add an option to an enum or set field."""
        now = self._clock.now()
        return self.field_set.add_options(entity, code, [{"label": label}], now)[0]

    def delete_option(self, entity: Entity, code: str, option_id: int) -> None:
        """Delete an option of an enum or set field; records keep its id."""
        self.field_set.remove_options(entity, code, [{"id": option_id}])

    def forbid(self, permission: str) -> None:
        """Take a right from the token's user, such as "can_add_people"."""
        self.permissions.forbid(permission)

    def allow(self, permission: str) -> None:
        """Give a right back to the token's user."""
        self.permissions.allow(permission)

    def may(self, permission: str) -> bool:
        """Whether the token's user has a right."""
        return self.permissions.may(permission)
