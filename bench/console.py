"""Measure the console: server time and queries of every page over a store of many customers.

    .venv/bin/python bench/console.py --customers 100000 --home /tmp/bench-console

The store is filled at the first start and kept; the same home is measured again in seconds.
Times are those of Django's test client, so without the network and the browser.
"""

import os
import statistics
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer

MOST_MS, MOST_QUERIES = 100.0, 15


def main(
    customers: int = 100_000,
    home: Path = Path("/tmp/chargepipe-bench-console"),  # noqa: S108
    rounds: int = 9,
    only: Annotated[str, typer.Option(help="Only pages whose address holds this.")] = "",
) -> None:
    """Fill, then ask for each page several times; ends with 1 where one is slow."""
    os.environ |= {
        "CHARGEPIPE_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": "chargepipe.config.settings",
    }
    os.environ.pop("DATABASE_URL", None)
    from chargepipe.cli.setup import setup

    setup()
    from chargepipe.store.models import Connection

    if not Connection.objects.exists():
        from filled import fill

        begun = time.perf_counter()
        fill(customers, _say)
        _say(f"filled in {time.perf_counter() - begun:.0f} s")
    _say(" median  worst    cpu  queries status  (milliseconds)")
    bad = [row for row in (_measure(page, rounds) for page in _pages(only)) if row]
    sys.exit(1 if bad else 0)


def _pages(only: str) -> list[str]:
    """The addresses to measure."""
    from chargepipe.store.models import Change, Run, SyncError

    full = Run.objects.get(kind="full").pk
    sync = Run.objects.filter(kind="sync").order_by("-pk").values_list("pk", flat=True)[0]
    several = SyncError.objects.filter(state="open", code="ambiguous_person")[0].pk
    busy = Change.objects.filter(run_id=sync)[0].source_key
    base = "/c/acme/"
    pages = [
        *("/", "/people/", "/people/me", "/connect", base, f"{base}runs/"),
        *(f"{base}runs/?state=done", f"{base}runs/{full}/", f"{base}runs/{full}/?page=2000"),
        *(f"{base}runs/{full}/?kind=person", f"{base}runs/{sync}/"),
        *(f"{base}errors/", f"{base}errors/?page=99", f"{base}errors/?code=ambiguous_person"),
        *(f"{base}errors/?q=cus00001", f"{base}errors/?state=ignored", f"{base}errors/{several}/"),
        *(f"{base}records/", f"{base}records/?page=2000", f"{base}records/?q=lovelace1234"),
        *(f"{base}records/?q=a", f"{base}records/?q=nobody-at-all", f"{base}records/?q=1000005"),
        *(f"{base}records/{busy}", f"{base}records/1000005"),
        *(f"{base}settings/{part}" for part in ("", "mapping", "file", "accounts", "copy")),
        *(f"{base}setup/{step}" for step in ("connect", "configure", "validate", "trial", "all")),
        f"{base}backfill/",
    ]
    return [page for page in pages if only in page]


def _measure(address: str, rounds: int) -> str:
    from django.db import connection as database
    from django.test.utils import CaptureQueriesContext

    client, times, work = _client(), list[float](), list[float]()
    with CaptureQueriesContext(database) as seen:
        status = client.get(address).status_code
    queries = len(seen)
    for _ in range(rounds):
        begun, worked = time.perf_counter(), time.process_time()
        client.get(address)
        times.append(1000 * (time.perf_counter() - begun))
        work.append(1000 * (time.process_time() - worked))
    median, worst, cpu = statistics.median(times), max(times), statistics.median(work)
    slow = median > MOST_MS or queries > MOST_QUERIES or status != 200
    mark = "  <--" if slow else ""
    _say(f"{median:7.0f}{worst:7.0f}{cpu:7.0f}{queries:9}{status:5}  {address}{mark}")
    return address if slow else ""


def _client() -> Any:
    from django.conf import settings
    from django.test import Client

    from chargepipe.store.models import User

    settings.ALLOWED_HOSTS = ["*"]
    user, _ = User.objects.get_or_create(
        email="bench@example.com", defaults={"role": "admin", "password": "!"}
    )
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    typer.run(main)
