"""What a run gets from outside: the clock, the wires, the waiting times. Tests give others."""

import os
import socket
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx2

from chargepipe.http import Clock, Throttle


class Throttles:
    """One throttle for each address, shared by all runs of this process."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, str], Throttle] = {}

    def chargebee(self, root: str) -> Throttle:
        """The throttle of a Chargebee site."""
        return self._held.setdefault(("chargebee", root), Throttle.chargebee())

    def pipedrive(self, root: str, *, oauth: bool = False) -> Throttle:
        """The throttle of a Pipedrive account; by OAuth it takes four times as many calls."""
        means = "pipedrive by OAuth" if oauth else "pipedrive"
        return self._held.setdefault((means, root), Throttle.pipedrive())


def _no_transport(_: str) -> httpx2.AsyncBaseTransport | None:
    return None


def _never() -> bool:
    return False


def new_owner() -> str:
    """A name for this process that no other process has or had."""
    return f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"


@dataclass(frozen=True, slots=True)
class Environment:
    """`transport` maps a base URL to a wire (None: the network); `stopping` asks a run to yield."""

    clock: Clock = field(default_factory=Clock)
    owner: str = field(default_factory=new_owner)
    transport: Callable[[str], httpx2.AsyncBaseTransport | None] = _no_transport
    throttles: Throttles = field(default_factory=Throttles)
    settle_seconds: float = 120.0
    lease_seconds: float = 30.0
    stopping: Callable[[], bool] = _never

    @property
    def write_seconds(self) -> float:
        """The longest that one write may take: well inside the lease, whatever its length."""
        return min(12.0, self.lease_seconds * 0.4)
