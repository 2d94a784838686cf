"""Whose deal it is: the person and the organization that stand for a customer, found by looking."""

from collections import defaultdict

from deal_held import code_of
from deal_oracle import squeeze
from deal_terms import Json
from world import World


class PeopleOf:
    """Persons by customer, from marks, and from merges that the test has made itself.

    A mark names one customer alone; customers that share a person overwrite it in turn, so who was
    seen there before stays there, or where that person was merged into.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._seen: dict[str, int] = {}
        self._living: set[int] = set()
        self._by_email: dict[str, list[int]] = {}
        self._by_company: dict[str, list[int]] = {}
        self.merged: dict[int, int] = {}

    def look(self) -> None:
        """See who is there now, and who is whose person."""
        code = code_of(self._world, "person", "CB Customer ID")
        people = list(self._world.crm.persons())
        marked = ((p["custom_fields"].get(code), p["id"]) for p in people if code)
        self._seen |= {mark: id for mark, id in marked if mark}
        self._living = {person["id"] for person in people}
        self._by_email, self._by_company = defaultdict(list), defaultdict(list)
        for person in people:
            for email in {row["value"].strip().casefold() for row in person["emails"]}:
                self._by_email[email].append(person["id"])
        for row in self._world.crm.organizations():
            self._by_company[squeeze(row["name"]).casefold()].append(row["id"])

    def person(self, customer: Json) -> int | None:
        """The id of the customer's living person."""
        id = self._seen.get(customer["id"])
        while id in self.merged:
            id = self.merged[id]
        if id in self._living:
            return id
        found = _only(self._by_email, customer.get("email", "").strip().casefold())
        if found is not None:
            self._seen[customer["id"]] = found  # it stays, though the email may go
        return found

    def organization(self, customer: Json) -> int | None:
        """The id of the living organization with the customer's company name."""
        company = customer.get("company") or customer.get("billing_address", {}).get("company")
        return _only(self._by_company, squeeze(squeeze(company or "")[:255]).casefold())


def _only(found: dict[str, list[int]], key: str) -> int | None:
    ids = found.get(key, []) if key else []
    return ids[0] if len(ids) == 1 else None
