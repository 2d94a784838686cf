"""chargepipe: keeps a Pipedrive account up to date with a Chargebee site, one way."""

import sys
from typing import Any

import typer
from typer.core import TyperGroup

from chargepipe.cli import (
    backfill,
    backup,
    connection,
    demo,
    doctor,
    duplicates,
    error_list,
    errors,
    plan,
    preview,
    reconcile,
    record,
    run_group,
    sandbox,
    schedule,
    serve,
    sync,
    undo,
    user,
)


class InOrder(TyperGroup):
    """Lists its commands in the order in which a user meets them."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        """Set up, then the way of a connection, then looking after it."""
        return sorted(self.commands, key=ORDER.index)


ORDER = (
    *("demo", "serve", "worker", "doctor", "user", "sandbox", "connection", "validate"),
    *("duplicates", "preview", "plan"),
    *("trial", "full", "sync", "backfill", "reconcile"),
    *("errors", "runs", "run", "undo", "record", "schedule"),
    *("backup", "restore"),
)
app = typer.Typer(
    name="chargepipe",
    cls=InOrder,
    help="Keeps a Pipedrive account up to date with a Chargebee site, one way.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
)
for command in (demo.demo, serve.serve, serve.worker, doctor.doctor, sandbox.sandbox):
    app.command()(command)
app.add_typer(user.app)
app.add_typer(connection.app)
app.command()(sync.validate)
app.command()(duplicates.duplicates)
for command in (preview.preview, sync.trial, sync.full, sync.sync, backfill.backfill):
    app.command()(command)
app.command()(reconcile.reconcile)
app.add_typer(plan.app)
app.add_typer(error_list.app)
app.command()(run_group.runs)
app.add_typer(run_group.app)
for command in (undo.undo, record.record, schedule.schedule, backup.backup, backup.restore):
    app.command()(command)


@app.callback()
def options(
    debug: bool = typer.Option(False, "--debug", help="Show where an internal error came from."),
) -> None:
    """Keeps a Pipedrive account up to date with a Chargebee site, one way.

    Set CHARGEPIPE_HOME to choose the data folder. Try it out first: chargepipe demo
    """
    _state["debug"] = debug


_state = {"debug": False}


def run() -> None:
    """The console script: every expected error is one line on stderr, never a traceback."""
    try:
        app()
    except Exception as error:
        sys.exit(errors.report(error, debug=_state["debug"]))
