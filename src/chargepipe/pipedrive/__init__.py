"""The target: a client for persons, organizations, deals and their fields."""

from chargepipe.pipedrive.account import Currency, Field, Me, Stage, User
from chargepipe.pipedrive.client import Pipedrive, Which, open_pipedrive
from chargepipe.pipedrive.costs import Entity, cost
from chargepipe.pipedrive.oauth import App, AppRefused, BadGrant, Fixed, OAuth, Tokens, open_oauth

__all__ = [
    "App",
    "AppRefused",
    "BadGrant",
    "Currency",
    "Entity",
    "Field",
    "Fixed",
    "Me",
    "OAuth",
    "Pipedrive",
    "Stage",
    "Tokens",
    "User",
    "Which",
    "cost",
    "open_oauth",
    "open_pipedrive",
]
