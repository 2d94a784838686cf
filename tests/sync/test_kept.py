"""What a plan remembers of earlier pages is on disk: small pages plan what one large page plans."""

from typing import Any

import pytest

from chargepipe.store.models import Change, Link
from chargepipe.sync import plan
from chargepipe.sync.kept import Kept
from world import World, wipe

pytestmark = pytest.mark.django_db(transaction=True)
SETTINGS = 'organizations = true\nmatch_key = { chargebee = "phone", pipedrive = "phone" }'


def test_values_of_earlier_pages_come_back_and_can_be_replaced():
    kept = Kept[list[int]](slim=lambda value: value[:1])
    kept["a"], kept["b"] = [1, 2], [3]
    assert (kept["a"], "c" in kept) == ([1, 2], False)
    kept.turn()
    assert kept["a"] == [1]
    kept["a"] = [4, 5]
    assert kept.get("a") == [4, 5]
    kept.turn()
    assert sorted(kept.values()) == [[3], [4]]
    with pytest.raises(KeyError):
        kept["c"]
    kept["a"].append(6)
    kept.leave()
    assert (kept.pop("a"), kept.pop("a")) == ([4], None)


def planned(page: int, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, ...]:
    """All that a first preview plans and a first full sync makes of one and the same world."""
    monkeypatch.setattr(plan, "PAGE", page)
    world = World(customers=60, people_before=0.3)
    for number in range(6):
        world.billing.add_customer(
            id=f"same{number}",
            first_name=f"No {number}",
            company=("Engines", "engines ", "Looms")[number % 3],
            phone=("+49 30 901820", "030 901820")[number % 2],
            billing_address={"country": "DE"},
        )
        world.clock.advance(60)
    connection = world.connect(SETTINGS)
    preview = world.run(connection, "preview", of="full")
    columns = ("kind", "source_key", "action", "before", "after", "follows__source_key")
    rows = list(Change.objects.filter(run=preview).order_by("pk").values_list(*columns))
    full = world.run(connection, "full")
    held = [sorted(each, key=lambda row: row["id"]) for each in (_people(world), _companies(world))]
    links = set(Link.objects.values_list("kind", "source_key", "pipedrive_id"))
    words = preview.message
    wipe()
    return sorted(map(repr, rows)), words, full.counts["objects"], len(links), held


def _people(world: World) -> list[dict[str, Any]]:
    names = ("id", "name", "emails", "phones", "org_id")
    return [{name: row[name] for name in names} for row in world.crm.persons()]


def _companies(world: World) -> list[dict[str, Any]]:
    return [{name: row[name] for name in ("id", "name")} for row in world.crm.organizations()]


def test_pages_of_three_plan_what_one_large_page_plans(monkeypatch: pytest.MonkeyPatch):
    small, large = planned(3, monkeypatch), planned(1000, monkeypatch)
    assert small[0] == large[0]
    assert small[1:4] == large[1:4]
    names = [
        [sorted(str(row["name"]) for row in rows) for rows in each[4]] for each in (small, large)
    ]
    assert names[0] == names[1]
    assert len([row for row in large[0] if "same" in row]) == 6
