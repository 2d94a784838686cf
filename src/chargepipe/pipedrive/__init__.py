"""The target: a client for persons, organizations, deals and their fields."""

from chargepipe.pipedrive.account import Currency, Field, Me, Stage, User
from chargepipe.pipedrive.client import Pipedrive, Which, open_pipedrive
from chargepipe.pipedrive.costs import Entity, cost

__all__ = [
    "Currency",
    "Entity",
    "Field",
    "Me",
    "Pipedrive",
    "Stage",
    "User",
    "Which",
    "cost",
    "open_pipedrive",
]
