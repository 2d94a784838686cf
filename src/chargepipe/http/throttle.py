"""Keeps calls below a service's rate limit, for everybody who shares one throttle.

Calls are spaced evenly, the limit is learned from the answers, and a 429 holds everybody. Time is
the event loop's. A throttle may outlive a loop, but serves only one loop at a time.
"""

from typing import Self

import httpx2

from chargepipe.http import headers
from chargepipe.http.pace import Pace

MOST_REFUSALS = 5
"""So many times a call is sent again after a 429; none of them was done, so a POST is safe too."""

SHORTEST_HOLD = 2.0


class Throttle:
    """The shared state: a pace for all calls, a second one for searches, and the hold after a 429.

    `learns` is the window in seconds that `x-ratelimit-limit` counts for, None where the service
    sends no such header. `longest_hold` caps the wait after one 429, in seconds.
    """

    def __init__(
        self,
        pace: Pace,
        *,
        longest_hold: float,
        search: Pace | None = None,
        learns: float | None = None,
    ) -> None:
        self._pace = pace
        self._search = search
        self._longest_hold = longest_hold
        self._learns = learns

    @classmethod
    def pipedrive(cls) -> Self:
        """Start at 10 calls in 2 s, until a header tells the plan's limit (fact sheet 2.3, 11).

        Searches never pass 10 in 2 s, on any plan.
        """
        return cls(Pace.even(10, 2.0), search=Pace.even(10, 2.0), learns=2.0, longest_hold=10.0)

    @classmethod
    def chargebee(cls, per_minute: int = 150, share: float = 0.8) -> Self:
        """Use `share` of a site's calls a minute, after a first burst of 25 (fact sheet 2).

        Burst and refill together never pass `per_minute` in any 60 s.
        """
        return cls(Pace.bucket(per_minute, 60.0, share=share, burst=25), longest_hold=60.0)

    async def turn(self, path: str) -> None:
        """Wait until a call to this path may leave."""
        if self._search and is_search(path):
            await self._search.turn(beyond=self._pace)
        else:
            await self._pace.turn()

    def heard(self, path: str, response: httpx2.Response) -> None:
        """Learn the limit from an answer; a search's own limit says nothing about the rest."""
        limit = headers.whole(response.headers, headers.BURST_LIMIT)
        if self._learns and limit and limit <= 10_000 and not is_search(path):
            self._pace.set(limit, self._learns)

    def hold(self, response: httpx2.Response, refusals: int) -> None:
        """Make everybody wait after a 429, as long as it asks; if it does not, 2, 4, 8... s."""
        asked = max(
            headers.seconds(response.headers, headers.RETRY_AFTER),
            headers.seconds(response.headers, headers.BURST_RESET),
        )
        wait = asked or SHORTEST_HOLD * 2**refusals
        wait = min(max(wait, SHORTEST_HOLD), self._longest_hold)
        self._pace.hold(wait)


def is_search(path: str) -> bool:
    """Tell whether Pipedrive counts a path against its search limit (fact sheet 2.3)."""
    return path.endswith("/search") or "/itemSearch" in path


class Throttled(httpx2.AsyncBaseTransport):
    """A transport whose calls wait for their turn and are sent again after a burst 429.

    The last 429, and one for the tokens of the day, goes back to the caller as an answer.
    """

    def __init__(self, inner: httpx2.AsyncBaseTransport, throttle: Throttle) -> None:
        self._inner = inner
        self._throttle = throttle

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request when it is its turn."""
        path = request.url.path
        refusals = 0
        while True:
            await self._throttle.turn(path)
            response = await self._inner.handle_async_request(request)
            self._throttle.heard(path, response)
            if response.status_code != 429 or headers.is_daily_limit(response):
                return response
            self._throttle.hold(response, refusals)
            if refusals == MOST_REFUSALS:
                return response
            refusals += 1

    async def aclose(self) -> None:
        """Close the transport below."""
        await self._inner.aclose()
