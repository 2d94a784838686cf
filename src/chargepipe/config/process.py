"""What the environment says about this process (interface.md, "Environment")."""

import os
from dataclasses import dataclass
from pathlib import Path

DEFAULT_HOME = "~/.local/share/chargepipe"


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
