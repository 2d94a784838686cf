"""backup and restore, as commands beside a worker that is alive."""

import signal
import stat
from pathlib import Path

from command_line import Cli, Services

from chargepipe.sandbox import Fault
from served import HANGS


def test_a_backup_is_taken_beside_a_run_and_brought_back_once_the_worker_is_gone(
    cli: Cli, services: Services
) -> None:
    assert cli("connection", "apply", "-", "--yes", stdin=services.text()).status == 0
    slow = Fault(service="pipedrive", method="POST", kind="delay", seconds=0.5, times=None)
    services.sandbox.faults.add(slow)
    worker = cli.start("worker")
    cli.until("worker")
    full = cli.start("full", "acme", "--yes", "--json")
    cli.until("change", where="state = 'written'")

    made = cli("backup", "half.sqlite3")
    assert made.status == 0, made.err
    assert "encryption keys are not in it" in made.err
    file = Path(made.out.strip())
    assert file == cli.home.parent / "half.sqlite3"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    again = cli("backup", "half.sqlite3")
    assert (again.status, "nothing is written over" in again.line) == (2, True)
    alive = cli("restore", "half.sqlite3")
    assert (alive.status, "A worker is alive" in alive.line) == (2, True)

    services.sandbox.faults.clear()
    full.communicate(timeout=HANGS)
    people = sum(1 for _ in services.sandbox.crm.persons())
    worker.send_signal(signal.SIGTERM)
    worker.communicate(timeout=HANGS)
    restored = cli("restore", "half.sqlite3")
    assert restored.status == 0, restored.err
    assert restored.out == "Restored. Connections: acme.\n"
    assert cli("run", "1", "--json").json["state"] == "running"
    counts = cli("full", "acme", "--yes", "--json").json
    assert (counts["run"], counts["state"]) == (1, "done")
    assert sum(1 for _ in services.sandbox.crm.persons()) == people
    assert cli("doctor").status == 0


def test_a_restore_needs_no_store_and_no_key_that_were_there(
    cli: Cli, services: Services, tmp_path: Path
) -> None:
    assert cli("connection", "apply", "-", "--yes", stdin=services.text()).status == 0
    file = cli("backup").out.strip()
    moved = Cli(tmp_path / "elsewhere" / "home", cli.env)
    moved.home.parent.mkdir()
    restored = moved("restore", file)
    assert restored.status == 0, restored.err
    assert "do not open the secrets of acme" in restored.err
    assert moved("validate", "acme").status == 1
    (moved.home / "keys").write_text((cli.home / "keys").read_text())
    assert moved("validate", "acme", "--json").json["state"] == "done"


def test_a_postgresql_store_is_sent_to_its_own_tools(cli: Cli) -> None:
    elsewhere = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
    for words, tool in ((["backup"], "pg_dump"), (["restore", "x"], "pg_restore")):
        result = cli(*words, **elsewhere)
        assert (result.status, tool in result.line) == (2, True)
