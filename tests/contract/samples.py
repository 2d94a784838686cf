"""Recorded payloads of Chargebee, beside the project: pages of lists, and events as sent."""

import json
from typing import Any

import pytest

from contract.specs import SPECS

Json = dict[str, Any]
FOLDER = SPECS / "samples"


def samples() -> dict[str, Json]:
    """Every recorded payload by the name of its file; skips the test where there are none."""
    if not FOLDER.is_dir():
        pytest.skip("the recorded payloads are not in ../shared/specs: nothing to compare with.")
    return {path.stem: json.loads(path.read_text()) for path in sorted(FOLDER.rglob("*.json"))}


def recorded_events() -> dict[str, Json]:
    """The recorded events by their type."""
    return {name: each for name, each in samples().items() if "event_type" in each}


def resources(payload: Json) -> list[tuple[str, Json]]:
    """The resources in a page of a list or in an event, each with its name."""
    entries = payload["list"] if "list" in payload else [payload["content"]]
    found: list[tuple[str, Json]] = []
    for entry in entries:
        for name, held in entry.items():
            rows = held if isinstance(held, list) else [held]
            kind = name.removesuffix("s") if isinstance(held, list) else name
            found += [(kind, row) for row in rows]
    return found
