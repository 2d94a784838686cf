"""What a form of settings is made of: groups of fields, with their choices and words."""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["choice", "switch", "text", "number", "list", "share", "checks"]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several values."""

    value: str
    label: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One setting, in words for people."""

    path: str
    label: str
    kind: Kind
    hint: str = ""
    choices: tuple[Choice, ...] = ()
    picker: str = ""
    """The list of what the accounts offer: owners, pipelines and so on."""


@dataclass(frozen=True, slots=True)
class Group:
    """Settings that belong together."""

    key: str
    title: str
    words: str
    fields: tuple[Field, ...] = field(default=())

    @property
    def switch(self) -> str:
        """The path of the switch by which all of it counts; "" where there is none."""
        return f"settings.{self.key}.enabled" if self.key.endswith("_deals") else ""
