"""Logs go to stderr, as JSON or for people (CHARGEPIPE_LOG). No personal data is ever logged."""

import logging
import sys
from typing import Any

import structlog

_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def configure(form: str, level: int = logging.WARNING) -> None:
    """Send our own logs and those of libraries through one handler; `form` is json or console.

    Libraries are heard from warnings on; that a call is tried again is news only to a server,
    which asks for INFO. Raises ValueError for another form.
    """
    if form not in ("json", "console"):
        raise ValueError(f'CHARGEPIPE_LOG is "{form}"; it must be json or console.')
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_SHARED,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_renderers(form),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("chargepipe").setLevel(level)
    logging.getLogger("stamina").setLevel(min(logging.ERROR, level + 10))
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def _renderers(form: str) -> list[Any]:
    """Tracebacks are plain: the colourful ones print local variables, and those hold secrets."""
    if form == "json":
        return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    plain = structlog.dev.plain_traceback
    return [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=plain)]
