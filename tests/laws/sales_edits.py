"""What salespeople may do with deals between two runs.

To add one: write it here, and give it a place in `EDITS`.
"""

from collections.abc import Callable
from typing import Any

from laws.billing_edits import Choose
from laws.memory import Memory
from laws.picture import marks


def _deal(memory: Memory, choose: Choose, **wanted: Any) -> dict[str, Any] | None:
    rows = memory.world.crm.deals()
    fit = [row for row in rows if all(row[name] == value for name, value in wanted.items())]
    return choose(fit) if fit else None


def move(memory: Memory, choose: Choose) -> None:
    if deal := _deal(memory, choose):
        crm = memory.world.crm
        crm.move_deal(deal["id"], choose([stage["id"] for stage in crm.stages]))


def close(memory: Memory, choose: Choose) -> None:
    if deal := _deal(memory, choose, status="open"):
        crm = memory.world.crm
        if choose((True, False)):
            crm.win_deal(deal["id"])
        else:
            crm.lose_deal(deal["id"], choose(("Gone", None)))


def reopen(memory: Memory, choose: Choose) -> None:
    if deal := _deal(memory, choose, status=choose(("won", "lost"))):
        memory.world.crm.reopen_deal(deal["id"])


def archive(memory: Memory, choose: Choose) -> None:
    """Into the archive, or out of it."""
    if deal := _deal(memory, choose):
        crm = memory.world.crm
        (crm.unarchive_deal if deal["is_archived"] else crm.archive_deal)(deal["id"])


def name(memory: Memory, choose: Choose) -> None:
    if deal := _deal(memory, choose):
        body = choose(({"title": "By hand"}, {"value": 7.5}, {"expected_close_date": "2027-01-02"}))
        if not memory.world.crm.products.of(deal) or "value" not in body:
            memory.world.crm.edit_deal(deal["id"], **body)


def delete(memory: Memory, choose: Choose) -> None:
    picture = memory.picture()
    seen = sorted(pid for pid in picture.of("deal") if ("deal", pid) not in picture.hidden)
    if seen:
        deal = choose(seen)
        memory.world.crm.delete_deal(deal)
        linked = {key for key, at in memory.deal_links().items() if at == deal}
        memory.dead |= marks(picture.of("deal")[deal]) | linked  # the mark's field may be gone


def add(memory: Memory, choose: Choose) -> None:
    """One of their own, perhaps over the very amount that billing knows of the same person."""
    people = sorted(row["id"] for row in memory.world.crm.persons())
    if people:
        value = choose((19, 49, 333))
        memory.world.crm.add_deal(title="Own idea", person_id=choose(people), value=value)


def products(memory: Memory, choose: Choose) -> None:
    """Attach products, or take them off."""
    if deal := _deal(memory, choose, is_archived=False):
        crm = memory.world.crm
        if crm.products.of(deal):
            crm.remove_products(deal["id"])
        else:
            crm.add_products(deal["id"], [30, 12.5])


MOVES: tuple[Callable[[Memory, Choose], None], ...] = (move, close, reopen, archive)
"""What says where a deal stands."""
EDITS: tuple[Callable[[Memory, Choose], None], ...] = (
    *MOVES,
    name,
    delete,
    add,
    products,
)
