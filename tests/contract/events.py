"""What Chargebee's description leaves open in an event: the resources in its content."""

from collections.abc import Iterator
from typing import Any

from contract.descriptions import component
from contract.operations import complaints
from contract.relaxed import Json


def content_complaints(event: Json) -> Iterator[str]:
    """Each resource of an event's content, held against the component of its name."""
    for name, held in event["content"].items():
        rows: list[Any] = held if isinstance(held, list) else [held]
        kind = name.removesuffix("s") if isinstance(held, list) else name
        for row in rows:
            checked = component(component_name(kind))
            yield from complaints(checked, row, f"{event['event_type']}: {name}")


def component_name(kind: str) -> str:
    """The component that describes a resource: "credit_note" is "CreditNote"."""
    return "".join(part.capitalize() for part in kind.split("_"))


def events_in(body: Json) -> list[Json]:
    """The events of a list or of a single answer."""
    entries = body.get("list", [body])
    return [entry["event"] for entry in entries if "event" in entry]
