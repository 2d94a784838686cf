"""Expected errors in words: the CLI, the console and the API say the same."""

from dataclasses import dataclass

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError

from chargepipe.accounts.connect import NoAdmin, Refusals
from chargepipe.accounts.secrets import SecretMissing
from chargepipe.actions.refusal import Refused
from chargepipe.domain.settings import SettingsError
from chargepipe.http import ServiceError
from chargepipe.store.encrypted import KeyMissing
from chargepipe.store.full import WORDS, NoRoom, is_full

_DATABASE = {
    "locked": "The database is busy: another process has held it for too long. Try again.",
    "unable to open": "The database cannot be opened. Check CHARGEPIPE_HOME and its rights: "
    "chargepipe doctor",
    "readonly": "The database cannot be written. Check CHARGEPIPE_HOME and its rights: "
    "chargepipe doctor",
}


@dataclass(frozen=True, slots=True)
class Explained:
    """What to tell the user, a line each; `wrong_use` when it is theirs to put right."""

    lines: tuple[str, ...]
    wrong_use: bool


def explain(error: BaseException) -> Explained | None:
    """The words for an error that was to be expected; None for one that was not."""
    if isinstance(error, SettingsError):
        return Explained(tuple(map(str, error.problems)), wrong_use=True)
    if isinstance(error, Refused | SecretMissing | ImproperlyConfigured):
        return Explained((str(error),), wrong_use=True)
    if isinstance(error, Refusals):
        return Explained(tuple(map(str, error.both)), wrong_use=False)
    if isinstance(error, ServiceError | NoAdmin | KeyMissing | NoRoom):
        return Explained((str(error),), wrong_use=False)
    if is_full(error):
        return Explained((WORDS,), wrong_use=False)
    if isinstance(error, DatabaseError):
        return Explained((_database(str(error)),), wrong_use=False)
    return None


def _database(said: str) -> str:
    known = (words for part, words in _DATABASE.items() if part in said)
    return next(known, f"The database refused: {said.splitlines()[0] if said else 'no reason'}")
