"""The settings of a connection, as one set of models behind form, API and file."""

from chargepipe.domain.settings.additional import AdditionalField, Entity, FieldKind, Overwrite
from chargepipe.domain.settings.base import Part
from chargepipe.domain.settings.compare import differences, locked, written_otherwise
from chargepipe.domain.settings.deals import (
    TITLE_WORDS,
    DealRule,
    InvoiceDeals,
    InvoiceRules,
    SubscriptionDeals,
    SubscriptionRules,
)
from chargepipe.domain.settings.file import Brake, Chargebee, ConnectionFile, Pipedrive, Schedule
from chargepipe.domain.settings.kinds import STORED, SecretRef, format_interval, parse_interval
from chargepipe.domain.settings.match_key import MatchKey
from chargepipe.domain.settings.model import Settings
from chargepipe.domain.settings.problems import Problem, SettingsError, check
from chargepipe.domain.settings.text_form import dump, load, placed

__all__ = [
    "STORED",
    "TITLE_WORDS",
    "AdditionalField",
    "Brake",
    "Chargebee",
    "ConnectionFile",
    "DealRule",
    "Entity",
    "FieldKind",
    "InvoiceDeals",
    "InvoiceRules",
    "MatchKey",
    "Overwrite",
    "Part",
    "Pipedrive",
    "Problem",
    "Schedule",
    "SecretRef",
    "Settings",
    "SettingsError",
    "SubscriptionDeals",
    "SubscriptionRules",
    "check",
    "differences",
    "dump",
    "format_interval",
    "load",
    "locked",
    "parse_interval",
    "placed",
    "written_otherwise",
]
