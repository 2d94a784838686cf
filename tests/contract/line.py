"""The line to a sandbox with a witness on it."""

from typing import Any

from contract.descriptions import needed
from contract.witness import Witness
from sandbox.line import Line


class WitnessedLine(Line):
    """Skips the test where the descriptions are not there."""

    def __init__(self, **made: Any) -> None:
        needed()
        super().__init__(**made)
        self.witness = Witness()
        self.witness.watch(self.sandbox)
