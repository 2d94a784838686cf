"""What a browser complains of while a console is looked at."""

from dataclasses import dataclass, field

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, Response

CSP = """addEventListener("securitypolicyviolation", (event) =>
  console.error(`CSP: ${event.violatedDirective} refuses ${event.blockedURI}`))"""


@dataclass
class Watch:
    """Listens on every page of a context; `complaints` must be empty in the end."""

    address: str
    complaints: list[str] = field(default_factory=list[str])
    expected: list[str] = field(default_factory=list[str])
    """Words of complaints that a test brings about on purpose."""

    def on(self, context: BrowserContext) -> None:
        context.add_init_script(CSP)
        context.on("console", self._said)
        context.on("weberror", lambda error: self._complain(f"script: {error.error}"))
        context.on("request", self._asked)
        context.on("response", self._answered)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self._complain(f"console: {message.text} at {message.location['url']}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.address, "data:")):
            self._complain(f"request to the outside: {request.url}")

    def _answered(self, response: Response) -> None:
        if response.status >= 500:
            self._complain(f"{response.status} of {response.url}")

    def _complain(self, words: str) -> None:
        if not any(each in words for each in self.expected):
            self.complaints.append(words)
