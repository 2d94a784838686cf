"""The command `sandbox`: its options, taken ports, and its end."""

import json
import signal
import socket
import threading
import urllib.error
import urllib.request
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from chargepipe.cli.main import app
from chargepipe.sandbox import Options, Sandbox
from chargepipe.sandbox.option_texts import read_options
from served import HANGS, Home, free_port, free_ports, stopping


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["sandbox", "--customers", "3", *words])


def test_two_services_need_two_ports() -> None:
    result = run("--port", "9000", "--pipedrive-port", "9000")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "--port and --pipedrive-port have to be two ports.\n"


@pytest.mark.parametrize("taken", ["--port", "--pipedrive-port"])
def test_nothing_is_printed_where_a_port_is_taken(taken: str) -> None:
    other = "--pipedrive-port" if taken == "--port" else "--port"
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        result = run(taken, str(held.getsockname()[1]), other, str(free_port()))
    assert (result.exit_code, result.stdout) == (1, "")
    assert "Choose other ports" in result.stderr


@pytest.mark.parametrize(
    "words",
    [
        *(("--seats", seats) for seats in ("0", "1001", "1" * 400)),
        *((lag, "-1") for lag in ("--settle", "--search-lag", "--list-lag")),
        ("--settle", "nan"),
        ("--list-lag", "inf"),
    ],
)
def test_numbers_have_bounds(words: tuple[str, str]) -> None:
    result = run(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert words[0] in result.stderr


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nonsense=1", "after_is_strict, offset_seconds, tombstone_days"),
        ("deleted", "write NAME=VALUE"),
        ("", "write NAME=VALUE"),
        ("deleted=500", "one of 404, 400, 200"),
        ("mrr_moves=yes", "one of true, false"),
        ("reset_hour=24", "from 0 to 23"),
        ("reset_hour=none", "from 0 to 23"),
        ("longest_name=0", "from 1 to"),
        ("tombstone_days=-1", "or none"),
        ("tombstone_days=1e3", "or none"),
        ("event_days=" + "1" * 5000, "a whole number"),
    ],
)
def test_a_wrong_option_is_answered_with_what_there_is(text: str, words: str) -> None:
    result = run("--option", "hidden=403", "--option", text)
    assert (result.exit_code, result.stdout) == (2, "")
    assert words in result.stderr


def test_options_are_read_as_what_they_are() -> None:
    assert read_options([]) == Options()
    assert read_options(
        [
            *("deleted=400", "mrr_moves=true", "offset_seconds=none", "tombstone_days=30"),
            *("cursor_seconds=60", "reset_hour=7", "transfer=keeps_id"),
        ]
    ) == Options(
        deleted="400",
        mrr_moves=True,
        offset_seconds=None,
        tombstone_days=30,
        cursor_seconds=60.0,
        reset_hour=7,
        transfer="keeps_id",
    )


def test_what_is_said_on_the_command_line_reaches_the_sandbox(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[Any] = []

    async def kept(sandbox: Sandbox, *_: Any, **__: Any) -> None:
        made.append(sandbox)

    monkeypatch.setattr("chargepipe.sandbox.serve", kept)
    lags = ("--settle", "5", "--search-lag", "9", "--list-lag", "7")
    assert run(*lags, "--option", "deleted=400", "--seats", "1000").exit_code == 0
    sandbox = made[0]
    assert (sandbox.company.seats, sandbox.site.list_lag) == (1000, 7)
    person = sandbox.crm.add_person(name="Ada Late")["id"]
    records = sandbox.crm.records["person"]
    assert person not in [row["id"] for _, row in records.listed.rows()]
    sandbox.travel(6)
    assert person in [row["id"] for _, row in records.listed.rows()]


def test_control_c_ends_an_answer_that_is_slow_without_a_traceback(tmp_path: Path) -> None:
    sandbox = Sandbox(customers=1)
    home, (port, other) = Home(tmp_path, sandbox), free_ports(2)
    words = ("--port", str(port), "--pipedrive-port", str(other), "--customers", "5")
    with stopping(home.start("sandbox", *words)) as process:
        assert process.stdout is not None
        for _ in range(13):
            assert process.stdout.readline()
        fault = {"service": "chargebee", "kind": "delay", "seconds": 60}
        _post(port, {"target": "faults", "method": "add", "args": fault})
        waiting = threading.Thread(target=_ask, args=(port, home.sandbox.chargebee_key))
        waiting.start()
        while '"chargebee":1' not in _state(port):
            pass
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=HANGS)
        waiting.join()
    assert process.returncode == 0
    assert err.splitlines()[-1] == "Stopped."
    assert "ASGI" not in err
    assert "Traceback" not in err


def _post(port: int, call: Any) -> None:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/_sandbox/call",
        data=json.dumps(call).encode(),
        headers={"content-type": "application/json"},
    )
    urllib.request.urlopen(request).close()


def _state(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/_sandbox/state") as answer:
        return answer.read().decode()


def _ask(port: int, key: str) -> None:
    headers = {"authorization": "Basic " + b64encode(f"{key}:".encode()).decode()}
    request = urllib.request.Request(f"http://127.0.0.1:{port}/api/v2/customers", headers=headers)
    try:
        urllib.request.urlopen(request).close()
    except (OSError, urllib.error.HTTPError) as ended:
        if isinstance(ended, urllib.error.HTTPError):
            ended.close()
