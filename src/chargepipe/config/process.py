"""What the environment says about this process (interface.md, "Environment")."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

DEFAULT_HOME = "~/.local/share/chargepipe"
DEMO_TOKEN, DEMO_PORTS = "CHARGEPIPE_DEMO_TOKEN", "CHARGEPIPE_DEMO_PORTS"
"""Set by the demo for its own process."""
LEAST_DAYS, MOST_DAYS = 7, 36_500


@dataclass(frozen=True, slots=True)
class Demo:
    """What the console of the demo knows besides: its door, and the simulated services."""

    token: str = field(repr=False)
    """Who has it is signed in as the demo's admin."""
    chargebee: str
    pipedrive: str
    page: str
    """Where one plays with the simulated services."""
    chargebee_key: str = field(repr=False)
    pipedrive_token: str = field(repr=False)
    site: str = "sandbox-test"


@dataclass(frozen=True, slots=True)
class Process:
    """Settings of one process, read once from environment variables."""

    home: Path
    database_url: str
    keys: str
    allowed_hosts: tuple[str, ...]
    log_format: str
    settle_seconds: float
    lease_seconds: float
    keep_days: int
    """How long the journal, runs and the like are kept (sync.retention); 0: for ever."""
    url: str
    """The public address of the console, without a slash at its end; "" where none is set."""
    oauth_id: str
    oauth_secret: str = field(repr=False)
    demo: Demo | None
    """None everywhere but in the demo."""

    @property
    def secure(self) -> bool:
        """Whether people reach the console by https."""
        return self.url.startswith("https://")

    @property
    def hosts(self) -> list[str]:
        """Names under which the console may be asked for."""
        own = urlsplit(self.url).hostname
        return [*self.allowed_hosts, *([own] if own else [])]


def read_environment(env: "os._Environ[str] | dict[str, str]" = os.environ) -> Process:
    """Read the variables that interface.md names; raises ValueError in words for a bad number."""
    home = Path(env.get("CHARGEPIPE_HOME") or DEFAULT_HOME).expanduser().absolute()
    hosts = env.get("CHARGEPIPE_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
    return Process(
        home=home,
        database_url=env.get("DATABASE_URL") or f"sqlite:///{home / 'chargepipe.sqlite3'}",
        keys=env.get("CHARGEPIPE_KEYS", ""),
        allowed_hosts=tuple(h.strip() for h in hosts.split(",") if h.strip()),
        log_format=env.get("CHARGEPIPE_LOG", "console"),
        settle_seconds=_seconds(env, "CHARGEPIPE_SETTLE_SECONDS", 120.0),
        lease_seconds=_seconds(env, "CHARGEPIPE_LEASE_SECONDS", 30.0),
        keep_days=_days(env, "CHARGEPIPE_KEEP_DAYS", 400),
        url=_url(env.get("CHARGEPIPE_URL", "")),
        oauth_id=env.get("CHARGEPIPE_PIPEDRIVE_CLIENT_ID", ""),
        oauth_secret=env.get("CHARGEPIPE_PIPEDRIVE_CLIENT_SECRET", ""),
        demo=_demo(env),
    )


def _demo(env: "os._Environ[str] | dict[str, str]") -> Demo | None:
    token, ports = env.get(DEMO_TOKEN, ""), env.get(DEMO_PORTS, "").split(",")
    if not token or len(ports) != 2:
        return None
    billing, crm = (f"http://127.0.0.1:{port}" for port in ports)
    keys = env.get("CHARGEBEE_API_KEY", ""), env.get("PIPEDRIVE_API_TOKEN", "")
    return Demo(token, f"{billing}/api/v2", crm, f"{billing}/_sandbox/", *keys)


def _url(text: str) -> str:
    parts = urlsplit(text)
    if not text or (parts.scheme in ("http", "https") and parts.hostname and not parts.path[1:]):
        return text.rstrip("/")
    raise ValueError(
        f"CHARGEPIPE_URL is {text!r}; it must be the public address of the console, such as "
        "https://chargepipe.example.com."
    )


def _days(env: "os._Environ[str] | dict[str, str]", name: str, default: int) -> int:
    text = env.get(name) or str(default)
    if text.isascii() and text.isdecimal() and (text == "0" or int(text) >= LEAST_DAYS):
        return min(int(text), MOST_DAYS)
    raise ValueError(
        f"{name} is {text!r}; it must be a whole number of days, {LEAST_DAYS} or more, or 0 to "
        "keep all for ever."
    )


def _seconds(env: "os._Environ[str] | dict[str, str]", name: str, default: float) -> float:
    text = env.get(name)
    if not text:
        return default
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if value <= 0:
        raise ValueError(f"{name} is {text!r}; it must be a number of seconds above 0.")
    return value
