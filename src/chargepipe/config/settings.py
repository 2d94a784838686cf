"""Django settings. One file: everything that differs between machines comes from `process`."""

from typing import Any

import dj_database_url

from chargepipe.config.process import read_environment

PROCESS = read_environment()

SECRET_KEY = "unused: no page signs anything yet"  # noqa: S105
DEBUG = False
ALLOWED_HOSTS = list(PROCESS.allowed_hosts)
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "chargepipe.store",
]
AUTH_USER_MODEL = "chargepipe_store.User"
ROOT_URLCONF = "chargepipe.config.urls"
MIDDLEWARE = ["django.middleware.security.SecurityMiddleware"]
USE_TZ, TIME_ZONE = True, "UTC"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# SQLite: a write transaction takes its lock at once (no upgrade dead-lock), a commit is on
# the disk before it is reported (architecture.md, "Engine").
_SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA fullfsync=ON;",
}


def _database(url: str) -> dict[str, Any]:
    try:
        database: dict[str, Any] = dict(dj_database_url.parse(url))
    except ValueError:
        raise ValueError(
            "DATABASE_URL is no address of a database: use sqlite:///PATH or postgresql://..."
        ) from None
    if database["ENGINE"].endswith("sqlite3"):
        database["OPTIONS"] = _SQLITE_OPTIONS
    return database


DATABASES = {"default": _database(PROCESS.database_url)}
LOGGING_CONFIG = None
