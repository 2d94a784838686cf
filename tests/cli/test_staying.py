"""Processes that stay, runs that are left, and the demo."""

import signal
import subprocess
import urllib.request
from pathlib import Path

import pytest
from command_line import RUN, Cli, Services

from chargepipe.sandbox import Fault
from served import HANGS, free_port, free_ports

INTERRUPTED, WAITING, PAUSED = 130, 4, 5


@pytest.fixture
def linked(cli: Cli, services: Services) -> Cli:
    done = cli("connection", "apply", "-", "--yes", stdin=services.text())
    assert done.status == 0, done.err
    return cli


def slow(services: Services) -> None:
    """Answer every write late, so that a run is under way for a while."""
    fault = Fault(service="pipedrive", method="POST", kind="delay", seconds=1.2, times=None)
    services.sandbox.faults.add(fault)


def ended(process: "subprocess.Popen[str]", number: int) -> tuple[int, str]:
    process.send_signal(number)
    _, err = process.communicate(timeout=HANGS)
    return process.returncode, err


def test_ctrl_c_stops_the_run_here_and_the_same_command_goes_on_with_it(
    linked: Cli, services: Services
) -> None:
    slow(services)
    first = linked.start("full", "acme", "--yes", "--json")
    linked.until("change", where="state = 'written'")
    status, err = ended(first, signal.SIGINT)
    assert status == INTERRUPTED
    assert "Run 1 stops here" in err
    services.sandbox.faults.clear()
    assert linked("run", "1", "--json").json["state"] == "queued"
    counts = linked("full", "acme", "--yes", "--json").json
    assert (counts["run"], counts["state"]) == (1, "done")
    marks = [person["custom_fields"] for person in services.sandbox.crm.persons()]
    assert len(marks) == len({str(mark) for mark in marks if any(mark.values())}) + sum(
        not any(mark.values()) for mark in marks
    )


def test_a_killed_run_says_so_and_the_same_command_goes_on_with_it(
    linked: Cli, services: Services
) -> None:
    slow(services)
    first = linked.start("full", "acme", "--yes", "--json", CHARGEPIPE_LEASE_SECONDS="5")
    linked.until("change", where="state = 'intended'")
    ended(first, signal.SIGKILL)
    services.sandbox.faults.clear()
    listed = linked("runs", "acme")
    assert "running" in listed.out
    assert "Run 1 is carried by no process" in listed.err
    assert "Run 1 is carried by no process" in linked("run", "1").err
    counts = linked("full", "acme", "--yes", "--json").json
    assert (counts["run"], counts["state"]) == (1, "done")
    assert linked("runs", "acme").err == ""


def test_a_worker_carries_the_runs_of_other_commands_and_stops_cleanly(
    linked: Cli, services: Services
) -> None:
    worker = linked.start("worker")
    linked.until("worker")
    slow(services)
    full = linked.start("full", "acme", "--yes", "--json")
    linked.until("change", where="state = 'written'")
    status, err = ended(full, signal.SIGINT)
    assert (status, "Run 1 goes on in the worker" in err) == (INTERRUPTED, True)
    paused = linked("run", "pause", "1")
    assert (paused.status, "Run 1 is paused" in paused.out) == (0, True)
    services.sandbox.faults.clear()
    resumed = linked("run", "resume", "1", "--json")
    assert resumed.json["state"] == "done"
    status, err = ended(worker, signal.SIGTERM)
    assert (status, "Stopped." in err) == (0, True)
    assert linked.rows("worker") == 0


def test_a_run_is_cancelled_and_keeps_what_it_wrote(linked: Cli, services: Services) -> None:
    slow(services)
    full = linked.start("full", "acme", "--yes", "--json")
    linked.until("change", where="state = 'written'")
    cancelled = linked("run", "cancel", "1")
    out, _ = full.communicate(timeout=HANGS)
    assert (cancelled.status, "Run 1 is cancelled" in cancelled.out) == (0, True)
    assert (full.returncode, '"state": "cancelled"' in out) == (1, True)
    assert linked.rows("change WHERE state = 'planned'") == 0


def test_a_run_that_waits_is_approved_and_seen_through(linked: Cli) -> None:
    assert linked("full", "acme").status == WAITING
    approved = linked("run", "approve", "1", "--json")
    assert (approved.status in (0, 3), approved.json["state"]) == (True, "done")


def test_a_budget_that_ends_pauses_the_run_and_says_when_it_goes_on(
    linked: Cli, services: Services
) -> None:
    share = 70 / services.sandbox.company.daily_tokens
    text = services.text(more=f"organizations = true\nbudget_share = {share}")
    assert linked("connection", "apply", "-", "--yes", stdin=text).status == 0
    result = linked("full", "acme", "--yes", "--json")
    assert (result.status, result.json["state"]) == (PAUSED, "paused")
    assert "UTC" in result.err
    assert "It goes on" in result.err


def test_a_service_that_fails_in_a_run_ends_it_with_one(linked: Cli, services: Services) -> None:
    services.sandbox.crm.me["access"] = [{"app": "sales", "admin": False}]
    result = linked("full", "acme", "--yes", "--json")
    assert (result.status, result.json["state"]) == (1, "failed")
    assert "no admin" in result.line


def test_an_account_without_customers_is_done_with_nothing(linked: Cli, services: Services) -> None:
    empty = Fault(
        service="chargebee",
        path=r"/api/v2/(customers|subscriptions)",
        status=200,
        body='{"list": []}',
        content_type="application/json",
        times=None,
    )
    services.sandbox.faults.add(empty)
    result = linked("full", "acme", "--yes", "--json")
    assert (result.status, result.json["customers"]) == (0, 0)


def test_serve_answers_health_carries_runs_and_stops_cleanly(linked: Cli) -> None:
    port = free_port()
    server = linked.start("serve", "--port", str(port))
    linked.until("worker")
    counts = linked("trial", "acme", "--json").json
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=HANGS) as answer:
        health = answer.read().decode()
    taken = linked("serve", "--port", str(port))
    status, err = ended(server, signal.SIGTERM)
    assert counts["state"] == "done"
    assert '"workers": 1' in health
    assert (taken.status, "--port" in taken.line) == (1, True)
    assert (status, f"http://127.0.0.1:{port}" in err) == (0, True)
    assert linked.rows("worker") == 0


def test_the_sandbox_prints_a_file_that_applies(cli: Cli) -> None:
    ports = [str(port) for port in free_ports(2)]
    words = ["--customers", "5", "--port", ports[0], "--pipedrive-port", ports[1]]
    sandbox = cli.start("sandbox", *words)
    assert sandbox.stdout is not None
    lines = [sandbox.stdout.readline() for _ in range(13)]
    applied = cli("connection", "apply", "-", "--yes", stdin="".join(lines))
    status, err = ended(sandbox, signal.SIGINT)
    assert (applied.status, status) == (0, 0)
    assert "CHARGEBEE_API_KEY=test_sandbox_key" in err


@pytest.mark.slow
def test_the_demo_walks_the_whole_way_twice(fresh_cli: Cli) -> None:
    fresh_cli.code = RUN
    for _ in range(2):
        result = fresh_cli("demo", "--walk-only", "--customers", "15", "--port", str(free_port()))
        assert (result.status, result.err) == (0, "")
        assert "5. An edit in Chargebee, then a sync" in result.out
        assert "-> Edited " in result.out
    assert not (fresh_cli.home / "chargepipe.sqlite3").exists()


def test_the_demo_removes_no_folder_that_it_did_not_make(cli: Cli) -> None:
    mine = Path(cli.home) / "demo" / "thesis.txt"
    mine.parent.mkdir(parents=True)
    mine.write_text("five years of work")
    result = cli("demo", "--walk-only")
    assert (result.status, "not made by the demo" in result.line) == (1, True)
    assert mine.exists()
