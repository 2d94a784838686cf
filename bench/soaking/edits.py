"""What people do meanwhile, on both sides."""

import random
from collections.abc import Callable

from soaking.scene import Scene

FIRST = ("Ada", "Bo", "Cleo", "Dan", "Eve", "Finn", "Gus", "Hal")
COMPANIES = ("Engines Ltd", "Looms", "Mills & Sons", "Orbit", "Quay")


def some(scene: Scene, chance: random.Random, most: int) -> None:
    """Make up to so many edits; one that is refused, say of somebody deleted, counts as none."""
    for _ in range(chance.randrange(most + 1)):
        if chance.choice(EDITS)(scene, chance) is not None:
            scene.count("edits")


def newcomers(scene: Scene, chance: random.Random, number: int) -> None:
    """So many new customers."""
    for _ in range(number):
        _newcomer(scene, chance)


def _customer(scene: Scene, chance: random.Random) -> str:
    last = scene.sandbox.billing.shelves["customer"].table.size
    return f"cust_{chance.randrange(last):06}"


def _rename(scene: Scene, chance: random.Random) -> object:
    name = f"{chance.choice(FIRST)} {chance.randrange(1000)}"
    return scene.call("billing", "edit_customer", id=_customer(scene, chance), first_name=name)


def _move(scene: Scene, chance: random.Random) -> object:
    company = chance.choice(COMPANIES)
    return scene.call("billing", "edit_customer", id=_customer(scene, chance), company=company)


def _newcomer(scene: Scene, chance: random.Random) -> object:
    number = chance.randrange(10**9)
    company = chance.choice(("", *COMPANIES))
    return scene.call(
        "billing",
        "add_customer",
        id=f"new-{number}",
        first_name=chance.choice(FIRST),
        email=f"new{number}@example.com",
        company=company,
    )


def _subscribe(scene: Scene, chance: random.Random) -> object:
    number = chance.randrange(10**9)
    customer = _customer(scene, chance)
    return scene.call(
        "billing", "add_subscription", customer_id=customer, id=f"sub-{number}", mrr=4900
    )


def _bill(scene: Scene, chance: random.Random) -> object:
    customer, number = _customer(scene, chance), chance.randrange(10**9)
    return scene.call("billing", "add_invoice", customer_id=customer, id=f"inv-{number}")


def _person(scene: Scene, chance: random.Random) -> int:
    return chance.randrange(1, scene.sandbox.crm.records["person"].table.last + 1)


def _rename_person(scene: Scene, chance: random.Random) -> object:
    name = f"By hand {chance.randrange(1000)}"
    return scene.call("crm", "edit_person", id=_person(scene, chance), name=name)


def _delete_person(scene: Scene, chance: random.Random) -> object:
    person = _person(scene, chance)
    there = scene.call("crm", "person", id=person)
    scene.call("crm", "delete_person", id=person)
    scene.deleted["person"].add(person)
    return there


def _new_person(scene: Scene, chance: random.Random) -> object:
    """With the address of a customer, now and then while that one is being made."""
    customer = scene.call("billing", "customer", id=_customer(scene, chance)) or {}
    email = customer.get("email") or "nobody@example.com"
    made = scene.call("crm", "add_person", name="By hand", emails=[{"value": email}])
    if made is not None:
        scene.by_hand["person"].add(made["id"])
    return made


def _lose(scene: Scene, chance: random.Random) -> object:
    last = scene.sandbox.crm.records["deal"].table.last
    return scene.call("crm", "lose_deal", id=chance.randrange(1, last + 1))


EDITS: list[Callable[[Scene, random.Random], object]] = [
    *(_rename, _rename, _move, _move, _newcomer, _newcomer, _newcomer),
    *(_subscribe, _subscribe, _bill, _bill),
    *(_rename_person, _delete_person, _new_person, _lose),
]
