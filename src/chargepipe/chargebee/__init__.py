"""The source: a client that only reads."""

from chargepipe.chargebee.client import Chargebee, Kind, Site, WriteRefused, open_chargebee

__all__ = ["Chargebee", "Kind", "Site", "WriteRefused", "open_chargebee"]
