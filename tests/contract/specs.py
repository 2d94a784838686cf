"""The published descriptions of both APIs, read once; they lie beside the project, not in it."""

import functools
import json
from pathlib import Path
from typing import Any, cast

import pytest
import yaml

SPECS = Path(__file__).parents[2] / ".." / "shared" / "specs"


def chargebee_spec() -> dict[str, Any]:
    """Chargebee API v2, derived from Chargebee's own client (OpenAPI 3.1)."""
    return _load("chargebee-v2-derived.openapi.json")


def pipedrive_v1_spec() -> dict[str, Any]:
    """Pipedrive API v1 (OpenAPI 3.0)."""
    return _load("pipedrive-openapi-v1.yaml")


def pipedrive_v2_spec() -> dict[str, Any]:
    """Pipedrive API v2 (OpenAPI 3.0)."""
    return _load("pipedrive-openapi-v2.yaml")


def _load(name: str) -> dict[str, Any]:
    path = SPECS / name
    if not path.exists():
        pytest.skip(f"{name} is not in ../shared/specs beside the project: contract not checked.")
    return _read(path)


@functools.cache
def _read(path: Path) -> dict[str, Any]:
    text = path.read_text()
    loaded = json.loads(text) if path.suffix == ".json" else yaml.load(text, yaml.CSafeLoader)
    return cast("dict[str, Any]", loaded)
