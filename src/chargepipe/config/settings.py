"""Django settings. One file: everything that differs between machines comes from `process`."""

from datetime import timedelta
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF
from django.utils.functional import lazy

from chargepipe.config.process import read_environment

PROCESS = read_environment()


def _secret_key() -> str:
    """Made of the keys of this installation, on first use: `--help` makes no key file."""
    from chargepipe.store.encrypted import signing_key

    return signing_key()


SECRET_KEY = lazy(_secret_key, str)()
DEBUG = False
ALLOWED_HOSTS = PROCESS.hosts
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "django_htmx",
    "chargepipe.store",
    "chargepipe.web",
]
AUTH_USER_MODEL = "chargepipe_store.User"
ROOT_URLCONF = "chargepipe.config.urls"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "servestatic.middleware.ServeStaticMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "chargepipe.web.signing.seen.SeenMiddleware",
    "chargepipe.web.access.RoleMiddleware",
    "chargepipe.web.refusals.RefusalMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["chargepipe.web.templatetags.console"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "chargepipe.web.frame.frame",
            ],
        },
    }
]
USE_TZ, TIME_ZONE = True, "UTC"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Signing in. After ten failures, for whatever account, an address waits a quarter of an hour, and a
# browser in which somebody came in before waits for its own failures alone; axes keeps the count.
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
    )
]
AUTH_PASSWORD_VALIDATORS[1]["OPTIONS"] = {"min_length": 10}
LOGIN_URL, LOGIN_REDIRECT_URL = "sign-in", "home"
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_USERNAME_FORM_FIELD = "username"
AXES_LOCKOUT_PARAMETERS = ["ip_address"]
AXES_CLIENT_IP_CALLABLE = "chargepipe.web.signing.known.counted_for"
AXES_LOCKOUT_TEMPLATE = "signing/locked.html"
AXES_RESET_ON_SUCCESS = True
# Its log lines and its log of accesses would hold addresses of people.
AXES_VERBOSE, AXES_DISABLE_ACCESS_LOG, AXES_ENABLE_ADMIN = False, True, False
SESSION_ENGINE = "chargepipe.store.sessions"
SESSION_COOKIE_AGE = int(timedelta(days=14).total_seconds())
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "chargepipe_session", "chargepipe_csrf"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# By https everything is for https alone. uvicorn tells the scheme that a proxy on this machine saw.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = PROCESS.secure
SECURE_REDIRECT_EXEMPT = [r"^health$"]
SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds()) if PROCESS.secure else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PROCESS.secure
CSRF_TRUSTED_ORIGINS = [PROCESS.url] if PROCESS.url else []
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

STATIC_URL = "static/"
STATIC_ROOT = PROCESS.home / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "chargepipe.web.assets.Assets"},
}
SERVESTATIC_USE_FINDERS, SERVESTATIC_AUTOREFRESH = True, False
SERVESTATIC_MAX_AGE = int(timedelta(days=30).total_seconds())

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
