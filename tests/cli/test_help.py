import resource

import pytest
from command_line import RUN, Cli

COMMANDS = (
    *("demo", "serve", "worker", "doctor", "user", "sandbox", "connection", "validate"),
    *("duplicates", "preview", "plan", "trial", "full", "sync", "backfill", "reconcile"),
    *("errors", "runs", "run", "undo", "record", "schedule"),
    *("backup", "restore"),
)
LOOKING = """
import sys
from chargepipe.cli.main import app
app(standalone_mode=False)
assert not {"django", "dbos", "httpx2", "rich"} & set(sys.modules)
"""
READING = """
import sys
from chargepipe.actions.refusal import Refused
from chargepipe.cli.main import app
try:
    app(standalone_mode=False)
except Refused:
    assert "dbos" not in sys.modules
else:
    raise AssertionError("there is no connection of this name")
"""
NOT_YET = ("decide",)


def test_help_lists_every_command_and_none_that_does_not_work_yet(cli: Cli) -> None:
    result = cli("--help")
    listed = [line.split()[0] for line in result.out.splitlines() if line.startswith("  ")]
    assert result.status == 0
    assert [name for name in listed if name in COMMANDS] == list(COMMANDS)
    assert not set(listed) & set(NOT_YET)


def test_help_is_quick_and_touches_no_home(fresh_cli: Cli) -> None:
    fresh_cli.code = RUN
    seconds = min(_seconds(fresh_cli) for _ in range(5))
    assert seconds < 0.6  # 0.2 s on an idle machine; importing Django and DBOS takes seconds
    assert not fresh_cli.home.exists()


def _seconds(cli: Cli) -> float:
    """What a command takes of the processor: on a busy machine the clock says nothing."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    cli("--help")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


@pytest.mark.parametrize("command", COMMANDS)
def test_help_imports_nothing_that_is_slow(command: str, cli: Cli) -> None:
    cli.code = LOOKING
    result = cli(command, "--help")
    assert (result.status, result.err) == (0, "")
    assert result.out.startswith("Usage: ")


@pytest.mark.parametrize("words", [["runs", "acme"], ["errors", "acme"], ["record", "acme", "x"]])
def test_what_only_reads_does_not_wait_for_the_queue_to_be_loaded(
    words: list[str], cli: Cli
) -> None:
    cli.code = READING
    assert cli(*words).err == ""


@pytest.mark.parametrize(
    "words",
    [
        ["nonsense"],
        ["full"],
        ["run", "seven"],
        ["errors", "acme", "--nonsense"],
        ["schedule", "a", "x"],
    ],
)
def test_wrong_use_ends_with_two_and_names_the_help(words: list[str], cli: Cli) -> None:
    result = cli(*words)
    assert result.status == 2
    assert "Error: " in result.err or "Usage: " in result.err
    assert "Traceback" not in result.err
    assert result.out == ""
