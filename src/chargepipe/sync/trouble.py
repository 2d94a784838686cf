"""What stops a run before it writes, in words for the person who can put it right."""

from traceback import format_tb

import structlog
from django.db import DatabaseError

log = structlog.get_logger("chargepipe.sync")


class Trouble(Exception):
    """The settings and the account do not go together; `str()` says why and what to do."""


class FieldMismatch(Trouble):
    """A field of our name cannot be used: it has another type, or it is not there."""


class FieldsDoNotFit(Trouble):
    """The account may not have as many custom fields as the settings need."""


class UnknownChoice(Trouble):
    """A setting names something that the account does not have, such as a label."""


def unexpected(error: Exception, run_id: int) -> str:
    """Log an error that nobody thought of; the words of the run that it ended, without data."""
    # The frames, not the message: that may hold a name or an address.
    frames = "".join(format_tb(error.__traceback__))
    log.error("run failed", run=run_id, error=type(error).__name__, frames=frames)
    if isinstance(error, DatabaseError):
        return f"The database refused: {str(error).splitlines()[0] if str(error) else 'no reason'}"
    return f"Internal error ({type(error).__name__}); the log says more."
