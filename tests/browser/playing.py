"""What a test of the page holds."""

from dataclasses import dataclass, field

from playwright.sync_api import ConsoleMessage, Locator, Page, expect

from chargepipe.sandbox import Sandbox

EXPECTED = "the server responded with a status of 400"
"""What Chromium says of each refused call; the page says it in words."""


@dataclass
class Play:
    """The page in a browser, the sandbox behind it, and what the console said."""

    page: Page
    sandbox: Sandbox
    ports: tuple[int, int]
    said: list[str] = field(default_factory=list[str])

    def hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and EXPECTED not in message.text:
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
        for _ in range(20):
            self.pass_by()
            try:
                return expect(place).to_contain_text(text, timeout=500)
            except AssertionError:
                continue
        return expect(place).to_contain_text(text)
