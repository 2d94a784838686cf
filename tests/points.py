"""Every point at which a process can die: around each commit and around each send.

`Points` counts them; the one whose turn it is raises Dead. From then on the process is dead:
nothing that it still tries reaches the database or the services.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
from django.db import connection

from chargepipe.accounts.environment import Environment, new_owner
from chargepipe.store.models import Run
from chargepipe.sync import flow
from world import PIPEDRIVE, World


class Dead(BaseException):
    """The power failed. No handler of the product may catch it."""


class Points:
    """`stop_at` counts from 0; None lets the process live and only counts."""

    def __init__(self, stop_at: int | None, what: str = "die", file: Path | None = None) -> None:
        self.stop_at, self.what, self.file = stop_at, what, file
        self.names: list[str] = []
        self.dead = False
        self.freeze: Callable[[], None] | None = None
        self._armed = False

    def pass_by(self, name: str) -> None:
        if self.dead:
            raise Dead
        here, mine = len(self.names), self.stop_at
        self.names.append(name)
        if self.what == "lose" and self._armed and name.startswith("before commit"):
            self.die()
        if here != mine:
            return
        if self.what == "die":
            self.die()
        elif self.what == "freeze" and self.freeze:
            self._let_another_work()
        elif self.what == "lose" and name.startswith("before commit"):
            self._remember()

    def die(self) -> None:
        self.dead = True
        raise Dead

    def _let_another_work(self) -> None:
        """Stand still here while another worker, on a connection of its own, goes on."""
        failures: list[BaseException] = []

        def work() -> None:
            try:
                assert self.freeze is not None
                self.freeze()
            except BaseException as error:
                failures.append(error)
            finally:
                connection.close()

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        if failures:
            raise failures[0]

    def _remember(self) -> None:
        """Keep what is on the disk now: the commit that follows will be lost."""
        self._armed = True
        copy(Path(connection.settings_dict["NAME"]), self.file)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Pass by at each commit of the block; at its end the process's connection is cut."""
        original = connection._commit  # type: ignore[attr-defined]

        def commit() -> None:
            self.pass_by("before commit")
            original()
            self.pass_by("after commit")

        connection._commit = commit  # type: ignore[method-assign]
        try:
            with connection.execute_wrapper(self._statement):
                yield
        finally:
            connection._commit = original  # type: ignore[method-assign]
            if self.dead:
                cut()
                if self._armed and self.file:
                    copy(self.file, Path(connection.settings_dict["NAME"]))

    def _statement(self, execute: Any, sql: str, *rest: Any) -> Any:
        """A write outside a transaction is a commit of its own."""
        if self.dead:
            raise Dead
        alone = not connection.in_atomic_block and sql.startswith(("INSERT", "UPDATE", "DELETE"))
        if alone:
            self.pass_by(f"before commit of {sql[:40]}")
        answer = execute(sql, *rest)
        if alone:
            self.pass_by(f"after commit of {sql[:40]}")
        return answer

    def transport(self, inner: httpx2.AsyncBaseTransport) -> httpx2.AsyncBaseTransport:
        return _Wire(inner, self)


class _Wire(httpx2.AsyncBaseTransport):
    def __init__(self, inner: httpx2.AsyncBaseTransport, points: Points) -> None:
        self._inner, self._points = inner, points

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if request.method == "GET":
            return await self._inner.handle_async_request(request)
        self._points.pass_by(f"before {request.method} {request.url.path}")
        response = await self._inner.handle_async_request(request)
        self._points.pass_by(f"after {request.method} {request.url.path}")
        return response


def cut() -> None:
    """Drop the connection with whatever transaction is open, as a dying process does."""
    connection.in_atomic_block = False
    connection.savepoint_ids = []
    connection.needs_rollback = False
    connection.run_on_commit = []
    if connection.connection is not None:
        sqlite3.Connection.close(connection.connection)
        connection.connection = None


def copy(source: Path, target: Path | None) -> None:
    """Copy what is committed in one SQLite file into another."""
    assert target is not None
    with sqlite3.connect(source) as old, sqlite3.connect(target) as new:
        old.backup(new)
    old.close()
    new.close()


def env_of(world: World, points: Points) -> Environment:
    def transport(root: str) -> Any:
        wire = world.transport(root)
        return points.transport(wire) if root == PIPEDRIVE else wire

    return replace(world.env, transport=transport, owner=new_owner())


def until_dead(world: World, run: Run, points: Points) -> None:
    """Carry a run by a process of its own, to the run's end or to the point where it dies."""
    env = env_of(world, points)
    with points.watching():
        try:
            while run.state in ("queued", "running"):
                wait = flow.advance(run.pk, env)
                run.refresh_from_db()
                world.clock.advance(wait or 1.0)
        except Dead:
            assert points.dead
