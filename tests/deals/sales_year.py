"""What a year brings in Pipedrive: salespeople at work on deals and people."""

import random
from collections import Counter
from collections.abc import Callable

from people_of import PeopleOf

from deal_terms import Json
from world import World


class SalesYear:
    """Does what salespeople do, one thing at a time, drawn by `chance`; merges are told `people`.

    done: how often each thing was done; made: ids of the deals that salespeople made themselves.
    """

    def __init__(self, world: World, chance: random.Random, people: PeopleOf) -> None:
        self._crm = world.crm
        self._chance = chance
        self._people = people
        self.done: Counter[str] = Counter()
        self.made: set[int] = set()
        self._deeds: dict[str, tuple[int, Callable[[], object]]] = {
            "moves a deal": (10, self.move),
            "wins a deal": (6, self.win),
            "loses a deal": (5, self.lose),
            "reopens a deal": (4, self.reopen),
            "archives a deal": (4, self.archive),
            "takes a deal back from the archive": (2, self.unarchive),
            "deletes a deal": (3, self.delete),
            "attaches products": (3, self.attach),
            "takes products off": (1, self.detach),
            "names a deal anew": (3, self.name),
            "makes a deal of their own": (3, self.make),
            "merges people": (1, self.merge),
            "deletes a person": (1, self.delete_person),
        }

    def something(self) -> None:
        """One thing, at random, where there is something to do it with."""
        words = list(self._deeds)
        deed = self._chance.choices(words, [self._deeds[word][0] for word in words])[0]
        try:
            self._deeds[deed][1]()
        except IndexError:
            return
        self.done[deed] += 1

    def move(self) -> None:
        deal = self._deal()
        stages = [s for s in self._crm.stages if s["pipeline_id"] == deal["pipeline_id"]]
        pool = self._crm.stages if self._chance.random() < 0.1 else stages
        self._crm.move_deal(deal["id"], self._chance.choice(pool)["id"])

    def win(self) -> None:
        self._crm.win_deal(self._deal(status="open")["id"])

    def lose(self) -> None:
        self._crm.lose_deal(self._deal(status="open")["id"], self._chance.choice(("Gone", None)))

    def reopen(self) -> None:
        self._crm.reopen_deal(self._deal(status=self._chance.choice(("won", "lost")))["id"])

    def archive(self) -> None:
        self._crm.archive_deal(self._deal(is_archived=False)["id"])

    def unarchive(self) -> None:
        self._crm.unarchive_deal(self._deal(is_archived=True)["id"])

    def delete(self) -> None:
        self._crm.delete_deal(self._deal()["id"])

    def attach(self) -> None:
        self._crm.add_products(self._deal()["id"], [self._chance.randrange(1, 900), 12.5])

    def detach(self) -> None:
        self._crm.remove_products(self._chance.choice(self._with_products())["id"])

    def name(self) -> None:
        number = self._chance.randrange(1000)
        self._crm.edit_deal(self._deal()["id"], title=f"Named by hand {number}")

    def make(self) -> None:
        person = self._chance.choice(list(self._crm.persons()))
        value = self._chance.randrange(1000) + 0.37
        deal = self._crm.add_deal(title="Own idea", person_id=person["id"], value=value)
        self.made.add(deal["id"])

    def merge(self) -> None:
        loser, winner = self._chance.sample([p["id"] for p in self._crm.persons()], 2)
        self._crm.merge_persons(loser, winner)
        self._people.merged[loser] = winner

    def delete_person(self) -> None:
        self._crm.delete_person(self._chance.choice(list(self._crm.persons()))["id"])

    def _deal(self, **wanted: object) -> Json:
        fit = [d for d in self._crm.deals() if all(d[key] == wanted[key] for key in wanted)]
        return self._chance.choice(fit)

    def _with_products(self) -> list[Json]:
        return [deal for deal in self._crm.deals() if self._crm.products.of(deal)]
