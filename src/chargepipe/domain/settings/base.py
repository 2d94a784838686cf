"""What all parts of the settings share: strict frozen models, and clashes between keys."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """A part of the connection file: unknown keys and wrong types are refused, values frozen."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        hide_input_in_errors=True,
        validate_by_name=True,
        validate_by_alias=True,
    )


@dataclass(frozen=True, slots=True)
class Clash:
    """Keys that cannot stand together; the first is the one to point at. Paths are dotted."""

    keys: tuple[str, ...]
    message: str


class Mixture(ValueError):
    """All impossible mixtures of one part, raised by its validator."""

    def __init__(self, clashes: Sequence[Clash]) -> None:
        super().__init__("; ".join(clash.message for clash in clashes))
        self.clashes = tuple(clashes)
