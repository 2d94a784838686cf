"""The doctor: looks at everything an installation needs, and says what to do."""

import asyncio
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection as database
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from chargepipe.accounts.connect import no_admin
from chargepipe.accounts.discover import room
from chargepipe.accounts.environment import Environment
from chargepipe.accounts.services import open_source, open_target, way_in
from chargepipe.actions.connections import everyone, stored_file
from chargepipe.actions.explain import explain
from chargepipe.domain.account_fields import find, problems
from chargepipe.domain.fields import wanted
from chargepipe.domain.quota import choices, too_many
from chargepipe.domain.settings import ConnectionFile
from chargepipe.engine.heartbeat import living
from chargepipe.engine.queue import status_of
from chargepipe.pipedrive import Me
from chargepipe.store.models import Connection, Run

State = Literal["ok", "warn", "fail"]
STILL = timedelta(minutes=2)
"""A run that nobody has carried for so long stands still."""
CLOCK_OFF = timedelta(seconds=60)
NETWORK_DISKS = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "fuse.sshfs"})


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at, what was found, and what to do about it."""

    name: str
    state: State
    words: str
    todo: str = ""


def examine() -> Iterator[Check]:
    """All checks, one after the other; a check that cannot be made is a failed one."""
    yield _tried("home", _home)
    yield _tried("database", _database)
    yield _tried("workers", _workers)
    yield _tried("queue", _queue)
    try:
        connections = list(everyone())
    except Exception as error:
        yield _failed("connections", error)
        return
    if not connections:
        todo = "Make one: chargepipe connection apply FILE.toml"
        yield Check("connections", "warn", "There are none yet.", todo)
    for connection in connections:
        yield from _connection(connection)


def _tried(name: str, look: Callable[[], Check]) -> Check:
    try:
        return look()
    except Exception as error:
        return _failed(name, error)


def _failed(name: str, error: Exception) -> Check:
    explained = explain(error)
    words = explained.lines if explained else (f"Could not be checked ({type(error).__name__}).",)
    return Check(name, "fail", " ".join(words))


def _home() -> Check:
    home: Path = settings.PROCESS.home
    open_to = stat.S_IMODE(home.stat().st_mode) & 0o077
    if open_to:
        return Check("home", "warn", f"{home} is open to others.", f"chmod 700 {home}")
    keys = home / "keys"
    if keys.exists() and stat.S_IMODE(keys.stat().st_mode) & 0o077:
        return Check("home", "fail", f"{keys} can be read by others.", f"chmod 600 {keys}")
    return Check("home", "ok", f"{home} is yours alone.")


def _database() -> Check:
    executor = MigrationExecutor(database)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        todo = "Run any other command: it brings them up to date."
        return Check("database", "fail", "The tables are of an older version.", todo)
    if urlsplit(settings.PROCESS.database_url).scheme.startswith("sqlite"):
        kind = disk_kind(settings.PROCESS.home)
        if kind in NETWORK_DISKS:
            todo = "SQLite may lose data there: use a local disk, or PostgreSQL by DATABASE_URL."
            return Check("database", "fail", f"The home lies on a network disk ({kind}).", todo)
    return Check("database", "ok", f"{database.display_name}, its tables are up to date.")


def disk_kind(path: Path, mounts: Path = Path("/proc/mounts")) -> str:
    """The kind of file system that `path` lies on; "" where the system does not tell."""
    if not mounts.exists():
        return ""
    rows = [line.split()[1:3] for line in mounts.read_text().splitlines()]
    under = [(len(place), kind) for place, kind in rows if path.is_relative_to(place)]
    return max(under)[1] if under else ""


def _workers() -> Check:
    workers = living()
    if workers:
        named = ", ".join(f"{worker.host} ({worker.pid})" for worker in workers)
        return Check("workers", "ok", f"{len(workers)} alive: {named}.")
    if Connection.objects.filter(next_sync_at__isnull=False).exists():
        todo = "Start one that stays: chargepipe serve, or chargepipe worker."
        return Check("workers", "warn", "None is alive, so nothing syncs by itself.", todo)
    return Check("workers", "ok", "None is alive; commands carry their own runs.")


def _queue() -> Check:
    if Run.objects.filter(attempt__gt=0).exists():
        status_of(["none"])  # raises where the queue's own tables cannot be read
    still = list(_standing_still())
    if still:
        numbers = ", ".join(str(run.pk) for run in still)
        todo = "Start chargepipe worker, or repeat the command that began the run."
        return Check("queue", "warn", f"These runs stand still: {numbers}.", todo)
    waiting = Run.objects.filter(state="waiting").values_list("pk", flat=True)
    if waiting:
        numbers = ", ".join(map(str, waiting))
        todo = "chargepipe run ID shows the question, run approve ID answers it."
        return Check("queue", "warn", f"These runs wait for a yes: {numbers}.", todo)
    return Check("queue", "ok", "No run stands still.")


def _standing_still() -> Iterator[Run]:
    """Runs that should move and have nobody to move them."""
    now = timezone.now()
    if living():
        return
    for run in Run.objects.filter(state__in=("queued", "running", "paused")):
        due = run.due_at if run.state == "paused" else run.started_at or run.created_at
        if due is not None and now - due > STILL:
            yield run


def _connection(connection: Connection) -> Iterator[Check]:
    name = connection.name
    if connection.account is None:
        todo = "Link it again: chargepipe connection apply FILE.toml"
        yield Check(name, "warn", "It is unlinked.", todo)
        return
    file = stored_file(connection)
    yield _tried(f"{name}: Chargebee", lambda: _chargebee(file, connection))
    yield _tried(f"{name}: Pipedrive", lambda: _pipedrive(connection, file))
    yield _tried(f"{name}: fields", lambda: _fields(connection, file))


def _chargebee(file: ConnectionFile, connection: Connection) -> Check:
    key = connection.secrets.chargebee_key

    async def ask() -> str:
        async with open_source(file, key, Environment()) as source:
            return (await source.configuration()).domain

    domain = asyncio.run(ask())
    return Check(f"{file.name}: Chargebee", "ok", f"The site {domain} answers.")


def _pipedrive(connection: Connection, file: ConnectionFile) -> Check:
    assert connection.account is not None
    account, key = connection.account, way_in(connection)

    async def ask() -> tuple[Me, datetime | None]:
        target = open_target(file, key, Environment(), domain=account.domain)
        async with target:
            return await target.me(), target.server_time

    me, server_time = asyncio.run(ask())
    return _judged(f"{file.name}: Pipedrive", me, account.company_id, server_time)


def _fields(connection: Connection, file: ConnectionFile) -> Check:
    """By the account's custom fields as a run has read them last: this costs no token."""
    account, name = connection.account, f"{file.name}: fields"
    assert account is not None
    if account.fields_at is None:
        return Check(name, "ok", "The account's custom fields are looked at by the first run.")
    settings, codes = file.settings, connection.field_codes
    suffix, oauth = connection.field_suffix, file.pipedrive.oauth
    wrong = list(problems(settings, wanted(settings), account.fields, codes, suffix))
    if wrong:
        return Check(name, "fail", " ".join(wrong))
    found = room(settings, account.fields, codes, suffix, account.burst, oauth=oauth)
    if not found.short:
        return Check(name, "ok", str(found))
    offered = choices(settings, lambda spec: find(spec, account.fields, codes, suffix) is not None)
    return Check(name, "warn", too_many(found, offered))


def _judged(name: str, me: Me, company_id: int, server_time: datetime | None) -> Check:
    if me.company_id != company_id:
        words = f"The token belongs to another company, {me.company_name}."
        return Check(name, "fail", words, "Unlink the connection, then apply its file again.")
    if me.admin is False:
        return Check(name, "fail", no_admin(me))
    off = abs(timezone.now() - server_time) if server_time else timedelta()
    if off > CLOCK_OFF:
        words = f"This machine's clock is {off.total_seconds():.0f} s off Pipedrive's."
        return Check(name, "warn", words, "Set the clock, best by NTP.")
    if me.admin is None:
        todo = "Make sure in Pipedrive that the connecting user is an admin."
        return Check(name, "warn", "It does not say whether the user is an admin.", todo)
    return Check(name, "ok", f"{me.company_name or me.company_id} answers, its user is an admin.")
