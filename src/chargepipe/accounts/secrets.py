"""Secrets by reference: "env:NAME", "file:PATH" or "stored" (docs/reference/connection-file.md)."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from chargepipe.domain.settings import STORED


class SecretMissing(Exception):
    """A reference leads to nothing; the message names the reference, never a value."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed into the console now or before; "" where nothing was."""

    chargebee_key: str = field(default="", repr=False)
    pipedrive_token: str = field(default="", repr=False)
    grant: int | None = None
    """The grant by which Pipedrive is opened, by number; no secret."""


def fetch_secret(reference: str, typed: str = "") -> str:
    """The secret that a reference names. Raises SecretMissing in words."""
    if reference == STORED:
        return _checked(typed, "This key is to be typed into the console, and was not")
    kind, _, where = reference.partition(":")
    if kind == "env":
        return _checked(
            os.environ.get(where, ""), f"The environment variable {where} is not set or empty"
        )
    return _checked(_read(where), f"The file {where} is empty")


def _checked(value: str, words: str) -> str:
    if not value.strip():
        raise SecretMissing(f"{words}; put the key there, then apply again.")
    return value.strip()


def _read(path: str) -> str:
    try:
        return Path(path).expanduser().read_text()
    except (OSError, UnicodeDecodeError):
        raise SecretMissing(
            f"The file {path} cannot be read as text; put the key there, then apply again."
        ) from None
