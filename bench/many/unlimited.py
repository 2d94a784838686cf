"""The command chargepipe, for a Chargebee site whose calls are not limited, as a large one may be.

Elsewhere it keeps to 120 calls a minute: a million customers would be three hours of waiting.
"""

from chargepipe.accounts.environment import Throttles
from chargepipe.cli.main import run
from chargepipe.http import Throttle


def _unlimited(self: Throttles, root: str) -> Throttle:
    return self._held.setdefault(("chargebee", root), Throttle.chargebee(1_000_000))


if __name__ == "__main__":
    Throttles.chargebee = _unlimited
    run()
