"""What a test of the page holds."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import ConsoleMessage, Locator, Page, expect

from chargepipe.sandbox import Sandbox

REFUSED = "the server responded with a status of 400"
"""What Chromium says of each refused call; the page says it in words."""
PATIENCE = 60.0
"""Seconds until an answer is missed. Many, as a busy machine is no failure."""


@dataclass
class Play:
    """The page in a browser, the sandbox behind it, and what the console said."""

    page: Page
    sandbox: Sandbox
    ports: tuple[int, int]
    said: list[str] = field(default_factory=list[str])
    expected: list[str] = field(default_factory=lambda: [REFUSED])

    def hear(self, message: ConsoleMessage) -> None:
        expected = any(words in message.text for words in self.expected)
        if message.type in ("error", "warning") and not expected:
            self.said.append(message.text)

    def open(self, port: int | None = None) -> None:
        """Open the page anew. Its clock stands still until `pass_by`."""
        self.page.goto(f"http://127.0.0.1:{port or self.ports[0]}/_sandbox/")
        self.page.locator("#now").wait_for()

    def pass_by(self, seconds: float = 2.5) -> None:
        """Let the time of the browser pass: the page looks anew."""
        self.page.clock.run_for(int(seconds * 1000))

    def shows(self, place: Locator, text: str) -> None:
        """Let time pass until a place holds a text; answers come in real time."""
        self._until(lambda most: expect(place).to_contain_text(text, timeout=most))

    def hides(self, place: Locator) -> None:
        """Let time pass until a place is hidden."""
        self._until(lambda most: expect(place).to_be_hidden(timeout=most))

    def _until(self, check: Callable[[float], None]) -> None:
        end = time.monotonic() + PATIENCE
        while True:
            self.pass_by()
            try:
                return check(500)
            except AssertionError:
                if time.monotonic() > end:
                    raise

    def looks(self, seconds: float = 2.5) -> None:
        """Let time pass, and wait until the look that the page takes meanwhile is answered."""
        with self.page.expect_response("**/_sandbox/state"):
            self.pass_by(seconds)

    @contextmanager
    def lost(self) -> Iterator[None]:
        """The sandbox does not answer a look; what the console says of that is no news."""
        self.expected.append("net::ERR_FAILED")
        self.page.route("**/_sandbox/state", lambda route: route.abort())
        yield
        self.page.unroute("**/_sandbox/state")
