"""Chargebee and Pipedrive, simulated as ASGI apps with sample data: to rehearse and to test.

Source of the behaviour: the fact sheets of the two APIs; what they leave open is in `Options`.
"""

from .faults import Fault
from .options import Options
from .sandbox import Sandbox
from .server import serve

__all__ = ["Fault", "Options", "Sandbox", "serve"]
