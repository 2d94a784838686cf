"""Looking into JSON whose shape nobody promises."""

from typing import Any, cast


def as_dict(value: object) -> dict[str, Any] | None:
    """Return a JSON object as it is, None where the value is something else."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


def as_dicts(value: object) -> tuple[dict[str, Any], ...] | None:
    """Return a JSON list of objects, None where the value or a part of it is something else."""
    if not isinstance(value, list):
        return None
    rows = cast("list[Any]", value)
    return tuple(rows) if all(isinstance(row, dict) for row in rows) else None
