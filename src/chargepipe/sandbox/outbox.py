"""What the simulated services send by themselves: webhooks, and word of an uninstall.

A service puts a `Post` with the moment at which it is due. Nothing is sent in the background:
`deliver` sends what is due, called by the server's loop or by a test.
"""

import heapq
import json
import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from itertools import count

import httpx2

from .clock import Clock
from .messages import Row

LOOPBACK = ("127.0.0.1", "localhost", "::1")
_ADDRESS = re.compile(
    r"https?://(?:localhost|127\.0\.0\.1|\[::1\])(?::(?P<port>[0-9]{1,5}))?(?:[/?][!-~]*)?",
    re.IGNORECASE,
)
"""An http address of this machine and nothing else: no user, no blank, no control character."""
_NEVER = re.compile(r"[\\#]")
"""A browser takes a backslash for a slash; a fragment is never sent."""


def is_local(url: str) -> bool:
    """Whether this is a proper address on this machine; the sandbox sends nowhere else."""
    found = _ADDRESS.fullmatch(url)
    if found is None or _NEVER.search(url):
        return False
    return found["port"] is None or 1 <= int(found["port"]) <= 65_535


def _forget(status: int | None) -> None:
    """Nobody waits for the answer."""


@dataclass(frozen=True, slots=True, repr=False)
class Post:
    """One message to send. `auth` is Basic user and password.

    patience: seconds until an answer counts as none. done: is told the answer's status, None where
    none came; it is the sender's place to put the message in the outbox again.
    """

    url: str
    body: Row
    auth: tuple[str, str] | None = None
    headers: tuple[tuple[str, str], ...] = ()
    method: str = "POST"
    patience: float = 10.0
    done: Callable[[int | None], None] = _forget


class Outbox:
    """Messages by the moment that they are due.

    twice: each message is sent a second time, as at-least-once delivery may. turned_round:
    messages that are due together go out newest first, as no order is promised.
    """

    def __init__(self, clock: Clock) -> None:
        self.twice = False
        self.turned_round = False
        self.sent = 0
        self._clock = clock
        self._waiting: list[tuple[float, int, Post]] = []
        self._turn = count()
        self._is_sending = False

    @property
    def is_due(self) -> bool:
        """Whether something is to be sent by now."""
        return bool(self._waiting) and self._waiting[0][0] <= self._clock.now()

    @property
    def waiting(self) -> int:
        """How many messages are still to be sent."""
        return len(self._waiting)

    def put(self, post: Post, wait: float = 0.0) -> None:
        """Have a message sent `wait` seconds from now. Raises ValueError beyond this machine."""
        if not is_local(post.url):
            raise ValueError("the sandbox sends to this machine alone")
        heapq.heappush(self._waiting, (self._clock.now() + wait, next(self._turn), post))

    def due(self) -> list[Post]:
        """Take out what is due by now, in the order in which it is to be sent."""
        self._clock.catch_up()
        found: list[Post] = []
        while self._waiting and self._waiting[0][0] <= self._clock.now():
            found.append(heapq.heappop(self._waiting)[2])
        if self.turned_round:
            found.reverse()
        return [copy for post in found for copy in self._copies(post)]

    async def deliver(self, transport: httpx2.AsyncBaseTransport | None = None) -> int:
        """Send what is due; the number of messages sent.

        Sends nothing while another call is at it, so that messages go out in their order.
        """
        if self._is_sending or not (posts := self.due()):
            return 0
        self._is_sending = True
        try:
            async with httpx2.AsyncClient(
                transport=transport, trust_env=False, verify=_trusted()
            ) as client:
                for post in posts:
                    post.done(await _send(client, post))
                    self.sent += 1
        finally:
            self._is_sending = False
        return len(posts)

    def _copies(self, post: Post) -> list[Post]:
        return [post, replace(post, done=_forget)] if self.twice else [post]


@cache
def _trusted() -> ssl.SSLContext:
    """Reading the certificates takes longer than sending a message."""
    return ssl.create_default_context()


async def _send(client: httpx2.AsyncClient, post: Post) -> int | None:
    """The status of the answer, None where none came, whatever the reason."""
    content = json.dumps(post.body, ensure_ascii=False).encode(errors="replace")
    headers = {"content-type": "application/json", **dict(post.headers)}
    try:
        answer = await client.request(
            post.method,
            post.url,
            content=content,
            headers=headers,
            auth=post.auth,
            timeout=post.patience,
            follow_redirects=False,
        )
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError, OSError, OverflowError):
        return None
    return answer.status_code
