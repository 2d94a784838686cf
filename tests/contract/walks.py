"""A sandbox to be walked by an official client: served, watched, on a clock that the calls move."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chargebee import Chargebee as Sdk
from chargepipe.sandbox import Options, Sandbox
from contract.descriptions import needed
from contract.witness import Witness
from served import HANGS, served
from virtual_time import VirtualClock

OFFICIAL = Path(__file__).parent / "official"
APP = {
    "callback": "http://127.0.0.1:9/callback",
    "hook": "http://127.0.0.1:9/hook",
}
"""Addresses of the walker's own; nothing has to listen there."""


@dataclass(frozen=True)
class Served:
    """A sandbox behind two ports. Every request takes a second, so no limit is met."""

    sandbox: Sandbox
    witness: Witness
    chargebee: str
    pipedrive: str


@contextmanager
def watched(**made: Any) -> Iterator[Served]:
    """Serve a watched sandbox; skips the test where the descriptions are not there."""
    needed()
    clock = VirtualClock()
    options = Options(calls_per_minute=10_000)
    given = {"customers": 60, "plan": "ultimate", "search_lag": 0.0, "options": options}
    sandbox = Sandbox(now=clock.timestamp, **given | made)
    witness = Witness(before=lambda: clock.advance(1.0))
    witness.watch(sandbox)
    with served(sandbox) as (one, two):
        yield Served(sandbox, witness, f"http://127.0.0.1:{one}", f"http://127.0.0.1:{two}")


@contextmanager
def few_authorities() -> Iterator[None]:
    """Trust one certificate alone: the SDK reads all of them anew for each call, TLS or not."""
    first = Path(Sdk.ca_cert_path).read_text().split("-----END")[0] + "-----END CERTIFICATE-----\n"
    with pytest.MonkeyPatch.context() as patch, tempfile.NamedTemporaryFile("w") as file:
        file.write(first)
        file.flush()
        patch.setenv("SSL_CERT_FILE", file.name)
        patch.setenv("NO_PROXY", "127.0.0.1")
        yield


def walk_by_npm(at: Served) -> dict[str, Any]:
    """Have Pipedrive's npm client walk; what it saw, by step. Skips where it is not installed."""
    node = shutil.which("node")
    if node is None or not (OFFICIAL / "node_modules" / "pipedrive").is_dir():
        pytest.skip("node or the npm client is not there (script/test installs it): not walked.")
    apps = at.sandbox.apps
    app = APP | {"id": apps.client_id, "secret": apps.client_secret}
    told = {"base": at.pipedrive, "token": at.sandbox.pipedrive_token, "app": app}
    done = subprocess.run(
        [node, str(OFFICIAL / "walk.mjs"), json.dumps(told)],
        capture_output=True,
        text=True,
        timeout=HANGS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
