"""What the tests of the people rules ask of a small world."""

from typing import Any

from chargepipe.store.models import Connection, Link, Run, SyncError
from world import World


def link_of(customer_id: str) -> Link:
    return Link.objects.get(kind="person", source_key=customer_id)


def person_of(world: World, customer_id: str) -> dict[str, Any]:
    return world.crm.person(link_of(customer_id).pipedrive_id)


def people(world: World) -> list[int]:
    return [person["id"] for person in world.crm.persons()]


def writes(world: World) -> list[tuple[str, str]]:
    return [(m, p) for s, m, p, *_ in world.sandbox.requests if s == "pipedrive" and m != "GET"]


def reads_of_one(world: World) -> int:
    """How many single people or organizations were read by an id of their own."""
    paths = [p for s, m, p, *_ in world.sandbox.requests if s == "pipedrive" and m == "GET"]
    return sum(p.partition("?")[0].rsplit("/", 1)[1].isdigit() for p in paths)


def later(world: World, connection: Connection, kind: str = "sync", **more: Any) -> Run:
    world.clock.advance(3600)
    world.sandbox.requests.clear()
    return world.run(connection, kind, **more)


def code_of(world: World, entity: Any, name: str) -> str:
    return next(f["field_code"] for f in world.crm.fields(entity) if f["field_name"] == name)


def shown(world: World, entity: Any, record: dict[str, Any], name: str) -> Any:
    """What a record shows in one of our fields; an option by its label."""
    found = next(f for f in world.crm.fields(entity) if f["field_name"] == name)
    value = record["custom_fields"][found["field_code"]]
    labels = {option["id"]: option["label"] for option in found.get("options") or ()}
    return labels.get(value, value) if labels else value


def open_errors() -> list[tuple[str, str]]:
    errors = SyncError.objects.filter(state="open").order_by("code", "source_key")
    return [(error.code, error.source_key) for error in errors]
