"""What stops a run before it writes, in words for the person who can put it right."""

from django.db import DatabaseError


class Trouble(Exception):
    """The settings and the account do not go together; `str()` says why and what to do."""


class FieldMismatch(Trouble):
    """A field of our name cannot be used: it has another type, or it is not there."""


class FieldsDoNotFit(Trouble):
    """The account may not have as many custom fields as the settings need."""


class UnknownChoice(Trouble):
    """A setting names something that the account does not have, such as a label."""


def unexpected(error: Exception) -> str:
    """The words of a run that an error ended which nobody thought of; they hold no data."""
    if isinstance(error, DatabaseError):
        return f"The database refused: {str(error).splitlines()[0] if str(error) else 'no reason'}"
    return f"Internal error ({type(error).__name__}); the log says more."
