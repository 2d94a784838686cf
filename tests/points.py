"""Every point at which a process can die: around each commit and around each send.

`Points` counts them; the one whose turn it is raises Dead. From then on the process is dead:
nothing that it still tries reaches the database or the services.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
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
    """`stop_at` counts from 0; None lets the process live and only counts.

    The commit that begins at the point `loses` does not reach the disk: the process believes in
    it, and sees what it wrote, until it dies.
    """

    def __init__(self, stop_at: int | None, what: str = "die", loses: int | None = None) -> None:
        self.stop_at, self.what, self.loses = stop_at, what, loses
        self.names: list[str] = []
        self.dead = False
        self.meanwhile: Callable[[], None] = lambda: None

    def pass_by(self, name: str) -> None:
        if self.dead:
            raise Dead
        self.names.append(name)
        if self._here != self.stop_at:
            return
        if self.what == "sleep":
            self._let_another_work()
        else:
            self.dead = True
            raise Dead

    @property
    def _here(self) -> int:
        return len(self.names) - 1

    @property
    def _lost(self) -> bool:
        """Whether the commit is under way, or over, that never reaches the disk."""
        return self.loses is not None and self._here >= self.loses

    def _let_another_work(self) -> None:
        """Stand still here while another worker, on a connection of its own, goes on."""
        failures: list[BaseException] = []

        def work() -> None:
            try:
                self.meanwhile()
            except BaseException as error:
                failures.append(error)
            finally:
                connection.close()

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        if failures:
            self.dead = True  # so that no handler of the product swallows it
            raise Dead from failures[0]

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Pass by at each commit of the block; at its end the process's connection is cut."""
        really, switch = connection._commit, connection._set_autocommit  # type: ignore[attr-defined]

        def commit() -> None:
            self.pass_by("before commit")
            if not self._lost:
                really()
            self.pass_by("after commit")

        def autocommit(on: bool) -> None:
            if not self._lost:  # else the transaction stays open, until the death ends it
                switch(on)

        connection._commit = commit  # type: ignore[method-assign]
        connection._set_autocommit = autocommit  # type: ignore[method-assign]
        try:
            with connection.execute_wrapper(self._statement):
                yield
        finally:
            connection._commit = really  # type: ignore[method-assign]
            connection._set_autocommit = switch  # type: ignore[method-assign]
            if self.dead:
                cut()

    def _statement(self, execute: Any, sql: str, *rest: Any) -> Any:
        """A write outside a transaction is a commit of its own."""
        if self.dead:
            raise Dead
        alone = not connection.in_atomic_block and sql.startswith(("INSERT", "UPDATE", "DELETE"))
        if alone:
            self.pass_by(f"before commit of {sql[:40]}")
            assert not self._lost, "only what stands in a transaction can be lost here"
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
        connection.connection.close()
        connection.connection = None


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
        except Dead as death:
            if death.__cause__:
                raise death.__cause__ from None
