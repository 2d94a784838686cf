"""Secrets by reference: "env:NAME" or "file:PATH" (interface.md, connection file)."""

import os
from pathlib import Path


class SecretMissing(Exception):
    """A reference leads to nothing; the message names the reference, never a value."""


def fetch_secret(reference: str) -> str:
    """The secret that a reference names. Raises SecretMissing in words."""
    kind, _, where = reference.partition(":")
    value = os.environ.get(where, "") if kind == "env" else _read(where)
    if not value.strip():
        place = f"The environment variable {where}" if kind == "env" else f"The file {where}"
        raise SecretMissing(f"{place} is not set or empty; put the key there, then apply again.")
    return value.strip()


def _read(path: str) -> str:
    try:
        return Path(path).expanduser().read_text()
    except (OSError, UnicodeDecodeError):
        raise SecretMissing(
            f"The file {path} cannot be read as text; put the key there, then apply again."
        ) from None
