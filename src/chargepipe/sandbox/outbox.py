"""What the simulated services send by themselves: webhooks, and word of an uninstall.

A service puts a `Post` with the moment at which it is due. Nothing is sent in the background:
`deliver` sends what is due, called by the server's loop or by a test.
"""

import heapq
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count
from urllib.parse import urlsplit

import httpx2

from .clock import Clock
from .messages import Row

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def is_local(url: str) -> bool:
    """Whether an address is on this machine; the sandbox sends nowhere else."""
    parts = urlsplit(url)
    return parts.scheme in ("http", "https") and parts.hostname in LOOPBACK


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
        """Send what is due; the number of messages sent."""
        posts = self.due()
        if not posts:
            return 0
        async with httpx2.AsyncClient(transport=transport, trust_env=False) as client:
            for post in posts:
                post.done(await _send(client, post))
                self.sent += 1
        return len(posts)

    def _copies(self, post: Post) -> list[Post]:
        return [post, replace(post, done=_forget)] if self.twice else [post]


async def _send(client: httpx2.AsyncClient, post: Post) -> int | None:
    content = json.dumps(post.body, ensure_ascii=False).encode()
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
    except httpx2.HTTPError:
        return None
    return answer.status_code
