"""Every change of the account's records."""

from typing import Any

from ..data.draw import iso
from ..messages import Row
from .attributes import Kind, Known
from .body import read_body
from .deal_rules import Deal
from .errors import Invalid
from .holdings import Holdings
from .merge import merged
from .rows import EMPTY, laid_over

_LINKS: dict[Kind, tuple[tuple[Kind, str], ...]] = {
    "person": (("deal", "person_id"),),
    "organization": (("person", "org_id"), ("deal", "org_id")),
    "deal": (),
}
"""What points to a record of a kind: kind and attribute."""


class Book(Holdings):
    """Writes records as the API and the page do; both are checked alike.

    A wrong body raises Invalid (a ValueError with the API's words), an unknown or deleted record
    KeyError, an unknown kind ValueError. Every write tells the listeners.
    """

    def add(self, kind: Kind, body: Row) -> Row:
        """Make a record and give it as the API does."""
        self._clock.catch_up()
        given = self._read(kind, body, creating=True)
        row = EMPTY[kind] | self._first_values(kind)
        if kind == "deal":
            given = self._deal(row).settled(given)
            self._check_quota(given)
        row = laid_over(kind, row, given)
        self._put(kind, row)
        self.news.made(kind, row["id"], self.wire(kind, row))
        return self.wire(kind, row)

    def edit(self, kind: Kind, id: int, body: Row) -> Row:
        """Change a record and give it as the API does."""
        return self._edited(kind, self.living(kind, id), body)

    def restore(self, id: int, body: Row) -> Row:
        """Change a deleted deal by a body that brings it back (the option `restores`)."""
        return self._edited("deal", self.kept("deal", id), body)

    def delete(self, kind: Kind, id: int) -> None:
        """Delete a record softly: its id is never used again."""
        self._delete(kind, self.living(kind, id))

    def merge(self, kind: Kind, loser: int, winner: int) -> Row:
        """Merge two records of a kind: the winner keeps its id, the loser is gone."""
        lost, kept = self.living(kind, loser), self.living(kind, winner)
        if loser == winner:
            raise Invalid(f"The {kind} {winner} cannot be merged with itself")
        before = self.wire(kind, kept)
        row = merged(kind, kept, lost, self.field_set.custom(kind), self._options.merge_joins)
        self._delete(kind, lost, merged_to=winner)
        if kind == "deal":
            self.products.move(lost, kept)
            row = row | {"value": self.products.value(row)}
        row = self._change(kind, row, before, merged_from=loser)
        self._move_links(kind, loser, winner)
        return self.wire(kind, row)

    def attach(self, id: int, bodies: list[Any]) -> list[Row]:
        """Attach products to a deal, which then has their sum as its value."""
        deal = self.living("deal", id)
        before = self.wire("deal", deal)
        rows = self.products.attach(deal, bodies, iso(self._clock.now()))
        self._change("deal", deal | {"value": self.products.value(deal)}, before)
        return rows

    def detach(self, id: int, product: int) -> None:
        """Take a product off a deal; one without any keeps its value, no longer locked (ours)."""
        deal = self.living("deal", id)
        before = self.wire("deal", deal)
        if not self.products.detach(deal, product):
            raise Invalid("Product attachment not found", 404, "ERR_NOT_FOUND")
        self._change("deal", deal | {"value": self.products.value(deal)}, before)

    def overwrite(self, kind: Kind, id: int, given: Row) -> Row:
        """Change attributes without a check, as only the owner of a record could."""
        old = self.living(kind, id)
        return self.wire(kind, self._change(kind, old | given, self.wire(kind, old)))

    def _edited(self, kind: Kind, old: Row, body: Row) -> Row:
        given = self._read(kind, body, creating=False)
        if kind == "deal":
            given = self._deal(old).settled(given)
            if self._options.reopening_counts and not _is_open(old):
                self._check_quota({"status": old["status"]} | given)
        row = self._change(kind, laid_over(kind, old, given), self.wire(kind, old))
        return self.wire(kind, row)

    def _read(self, kind: Kind, body: Row, *, creating: bool) -> Row:
        return read_body(kind, body, self._known(kind), creating=creating)

    def _first_values(self, kind: Kind) -> Row:
        now = iso(self._clock.now())
        times = {"add_time": now, "update_time": now}
        row = {"id": self.records[kind].table.last + 1, "owner_id": self.me["id"], **times}
        if kind == "deal":
            origin = "API" if self.news.source == "api" else "ManuallyCreated"
            row |= {"currency": self.me["default_currency"], "origin": origin}
        return row

    def _deal(self, old: Row) -> Deal:
        return Deal(
            old,
            self.funnel,
            iso(self._clock.now()),
            has_products=bool(self.products.of(old)),
            value_blanks=self._options.value_blanks,
        )

    def _check_quota(self, given: Row) -> None:
        """Open deals count, archived ones too: neither won nor lost nor deleted."""
        is_open = given.get("status", "open") == "open"
        if is_open and self.open_deals >= self._company.deal_quota:
            raise Invalid(
                "Couldn't add the deal. Open deals limit reached.",
                403,
                "feature_capping_deals_limit",
            )

    def _delete(self, kind: Kind, old: Row, merged_to: int | None = None) -> None:
        before = self.wire(kind, old)
        self._put(kind, old | {"is_deleted": True, "update_time": iso(self._clock.now())})
        self.news.deleted(kind, old["id"], before, merged_to)

    def _change(self, kind: Kind, row: Row, before: Row, merged_from: int | None = None) -> Row:
        """Keep a changed row. `before`: the wire row of the one that was."""
        row = row | {"update_time": iso(self._clock.now())}
        self._put(kind, row)
        self.news.changed(kind, row["id"], self.wire(kind, row), before, merged_from)
        return row

    def _put(self, kind: Kind, row: Row) -> None:
        if kind == "deal":
            old = self.records[kind].table.get(row["id"])
            self.open_deals += _is_open(row) - _is_open(old)
        self.records[kind].put(row)

    def _move_links(self, kind: Kind, loser: int, winner: int) -> None:
        """What belonged to the loser of a merge belongs to the winner."""
        for child, key in _LINKS[kind]:
            for row in [row for row in self.all_living(child) if row[key] == loser]:
                self._change(child, row | {key: winner}, self.wire(child, row))

    def _known(self, kind: Kind) -> Known:
        users = {user["id"] for user in self.users if user["active_flag"]}
        switched_off_too = self._options.inactive_currency == "accept"
        currencies = {
            each["code"] for each in self.currencies if each["active_flag"] or switched_off_too
        }
        fields, check = self.field_set.custom(kind), self.field_set.check_writable
        default = self.me["default_currency"]
        return Known(users, currencies, default, fields, self.reaches, self._options, check)


def _is_open(row: Row | None) -> bool:
    return row is not None and row["status"] == "open" and not row["is_deleted"]
