"""The web entry: Django, with a start and a stop for the worker in the same process."""

import asyncio
import os
from contextlib import ExitStack
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chargepipe.config.settings")

from django.core.asgi import get_asgi_application

django = get_asgi_application()

from chargepipe.actions.explain import explain  # noqa: E402  # needs Django to be set up
from chargepipe.engine.worker import working  # noqa: E402


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Serve a request; Django itself has no lifespan, so that is ours."""
    if scope["type"] == "lifespan":
        await _live(receive, send)
    else:
        await django(scope, receive, send)


async def _live(receive: Any, send: Any) -> None:
    """Carry runs from start-up to shut-down; both block, so they get a thread."""
    await receive()
    with ExitStack() as stack:
        try:
            await asyncio.to_thread(stack.enter_context, working())
        except Exception as error:
            told = explain(error)
            words = " ".join(told.lines) if told else str(error)
            await send({"type": "lifespan.startup.failed", "message": f"no worker: {words}"})
            raise
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await asyncio.to_thread(stack.close)
    await send({"type": "lifespan.shutdown.complete"})
