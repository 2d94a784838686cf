"""What the tests of deals ask of a small world."""

from typing import Any

from chargepipe.store.models import Connection, Link
from world import World

ON = "[settings.subscription_deals]\nenabled = true\n"
INVOICES = "[settings.invoice_deals]\nenabled = true\n"


def quiet_world(**sandbox: Any) -> World:
    """A world with nobody in it, and with no deals."""
    world = World(customers=0, people_before=0.0, **sandbox)
    for deal in list(world.crm.deals()):
        world.crm.delete_deal(deal["id"])
    return world


def settled(world: World, settings: str = ON, **more: Any) -> Connection:
    """A connection with these settings that has had its first full sync."""
    connection = world.connect(settings, **more)
    assert world.run(connection, "full").state == "done"
    connection.refresh_from_db()
    world.clock.advance(3600)
    return connection


def deal_of(world: World, record_id: str, kind: str = "subscription") -> dict[str, Any]:
    """The deal that the link of a record leads to, as Pipedrive holds it."""
    link = Link.objects.get(kind="deal", source_key=f"{kind}:{record_id}")
    return world.crm.deal(link.pipedrive_id)
