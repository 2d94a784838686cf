"""Live pages: one look at the tables a second for all who watch, told by server-sent events.

An event only says that something moved: the page then asks for its part anew. So nothing is
rendered here, and a lost event costs a second. What moved between a page and its line is told
as soon as the line is there.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

from asgiref.sync import sync_to_async
from django.db import close_old_connections
from django.db.models import Q
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone

from chargepipe.store.models import Run, SyncError
from chargepipe.web.access import Role, needs

LOOK_SECONDS = 1.0
QUIET_SECONDS = 20.0
"""After so long without news a comment keeps proxies from closing the line."""
MISSED = timedelta(seconds=30)
"""A run that ended so lately may have ended after the page was made, and before its line."""


class Board:
    """What is known of the runs of this process, and who waits for news of it."""

    def __init__(self) -> None:
        self._changed = asyncio.Condition()
        self._watchers = 0
        self._task: asyncio.Task[None] | None = None
        self._seen: Any = None
        self._news = 0

    async def news(self, again: bool) -> AsyncIterator[str]:
        """Yield an event whenever a run or an error has moved, as long as somebody listens.

        `again`: the line was there before and was lost.
        """
        self._watchers += 1
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._look())
        known = self._news
        yield "retry: 2000\nid: 0\n\n"
        try:
            if again or await sync_to_async(_moved_lately)():
                yield _event(known)
            while True:
                try:
                    async with asyncio.timeout(QUIET_SECONDS), self._changed:
                        while self._news == known:
                            await self._changed.wait()
                except TimeoutError:
                    yield ": still here\n\n"
                    continue
                known = self._news
                yield _event(known)
        finally:
            self._watchers -= 1

    async def _look(self) -> None:
        while self._watchers:
            seen = await sync_to_async(_state)()
            if self._seen is not None and seen != self._seen:
                async with self._changed:
                    self._news += 1
                    self._changed.notify_all()
            self._seen = seen
            await asyncio.sleep(LOOK_SECONDS)


def _event(number: int) -> str:
    return f"event: news\nid: {number}\ndata: {number}\n\n"


def _moved_lately() -> bool:
    close_old_connections()
    lately = Q(finished_at__gt=timezone.now() - MISSED)
    return Run.objects.filter(Q(state__in=Run.UNFINISHED) | lately).exists()


def _state() -> Any:
    close_old_connections()
    runs = Run.objects.filter(state__in=Run.UNFINISHED).order_by("pk")
    moving = list(runs.values_list("pk", "state", "phase", "done", "total", "tokens"))
    newest = Run.objects.order_by("-pk").values_list("pk", flat=True).first()
    return moving, newest, SyncError.objects.filter(state="open").count()


_boards: dict[asyncio.AbstractEventLoop, Board] = {}


@needs(Role.VIEWER)
async def live(request: HttpRequest) -> StreamingHttpResponse:
    """The line on which pages hear that something moved."""
    board = _boards.setdefault(asyncio.get_running_loop(), Board())
    answer = StreamingHttpResponse(
        board.news("Last-Event-ID" in request.headers), content_type="text/event-stream"
    )
    answer["Cache-Control"] = "no-store"
    answer["X-Accel-Buffering"] = "no"
    return answer
