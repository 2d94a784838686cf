"""`doctor --probe`: asks before it writes, says what it found, ends with the right status."""

import json
import signal
import time
from collections.abc import Iterator

import pytest
from command_line import Cli, Services, serving

from chargepipe.sandbox import Fault, Options, Sandbox
from served import HANGS


@pytest.fixture
def services() -> Iterator[Services]:
    sandbox = Sandbox(customers=12, plan="ultimate", search_lag=0.0)
    with serving(sandbox) as made:
        yield made


def connect(cli: Cli, services: Services) -> None:
    assert cli("connection", "apply", "-", "--yes", stdin=services.text()).status == 0


def written(sandbox: Sandbox) -> list[str]:
    return [path for _, method, path, *_ in sandbox.requests if method != "GET"]


def test_without_a_terminal_and_without_yes_nothing_is_sent(cli: Cli, services: Services) -> None:
    connect(cli, services)
    before = sum(services.sandbox.counts.values())
    result = cli("doctor", "--probe", "acme")
    assert result.status == 4
    assert "give --yes" in result.err
    assert "at most 30 persons" in result.err
    assert sum(services.sandbox.counts.values()) == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--probe", "other", "--yes"), "There is no connection"),
        (("--yes",), "give --probe NAME"),
    ],
)
def test_wrong_use_ends_with_two(
    words: tuple[str, ...], said: str, cli: Cli, services: Services
) -> None:
    connect(cli, services)
    result = cli("doctor", *words)
    assert (result.status, said in result.line) == (2, True)
    assert written(services.sandbox) == []


@pytest.mark.slow
def test_a_probe_of_the_sandbox_ends_with_zero_and_prints_one_object(
    cli: Cli, services: Services
) -> None:
    connect(cli, services)
    result = cli("doctor", "--probe", "acme", "--yes", "--json")
    assert (result.status, result.json["state"]) == (0, "holds")
    assert result.json["left"] == []
    assert result.json["tokens"]["ledger"] == result.json["tokens"]["headers"]
    keys = {"number", "assumption", "state", "seen", "todo"}
    assert all(set(finding) == keys for finding in result.json["findings"])


@pytest.mark.slow
def test_what_differs_is_said_in_words_and_ends_with_three(cli: Cli) -> None:
    options = Options(null_emails="clear")
    sandbox = Sandbox(customers=12, plan="ultimate", search_lag=0.0, options=options)
    with serving(sandbox) as services:
        connect(cli, services)
        result = cli("doctor", "--probe", "acme", "--yes")
    assert result.status == 3
    found = [line for line in result.out.splitlines() if line.startswith("differs")]
    assert len(found) == 1
    assert " 25 " in found[0]
    assert "Nothing: chargepipe never sends null there." in found[0]
    assert "tokens spent" in result.out


def test_a_service_that_refuses_ends_it_with_one(cli: Cli, services: Services) -> None:
    connect(cli, services)
    closed = json.dumps({"success": False, "error": "closed"})
    services.sandbox.faults.add(
        Fault(method="POST", status=402, body=closed, content_type="application/json", times=None)
    )
    result = cli("doctor", "--probe", "acme", "--yes")
    assert result.status == 1
    assert "not open" in result.out


@pytest.mark.slow
def test_ctrl_c_ends_it_with_130_and_leaves_nothing(cli: Cli, services: Services) -> None:
    connect(cli, services)
    sandbox = services.sandbox
    with cli.start("doctor", "--probe", "acme", "--yes") as process:
        end = time.monotonic() + HANGS
        while len(written(sandbox)) < 10 and time.monotonic() < end:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=HANGS)
    assert (process.returncode, "Stopping." in err) == (130, True)
    assert "Traceback" not in err
    assert "deleted again" in out
    people = [*sandbox.crm.persons(), *sandbox.crm.organizations()]
    assert not [row for row in people if "chargepipe probe" in row["name"]]
