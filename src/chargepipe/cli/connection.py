"""Connections: make or change one from a file, show, unlink."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chargepipe.cli.errors import WRONG_USE, stop
from chargepipe.cli.follow import WAITING
from chargepipe.cli.output import note, plain, say, table, when
from chargepipe.cli.setup import setup

if TYPE_CHECKING:
    from chargepipe.accounts.connect import Checked
    from chargepipe.actions.connections import Proposal
    from chargepipe.store.models import Connection

app = typer.Typer(
    name="connection",
    help="A Chargebee site paired with a Pipedrive account.",
    no_args_is_help=True,
)
BIGGEST = 1_000_000


@app.command()
def apply(
    file: Annotated[str, typer.Argument(help="The connection file, or - for standard input.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Make or change a connection from a file; both services are asked first."""
    text = _read(file)
    setup()
    from chargepipe.actions import connections
    from chargepipe.domain.settings import SettingsError

    try:
        proposal = connections.propose(text)
    except SettingsError as error:
        stop("\n".join(f"{file}: {problem}" for problem in error.problems), WRONG_USE)
    _show_difference(proposal)
    checked = connections.look(proposal)
    _show_services(checked)
    if not (yes or _agreed(proposal)):
        stop("Nothing was stored.", WRONG_USE)
    connection = connections.store(proposal, checked)
    say(f"{connection.name} is set. Next: chargepipe validate {connection.name}")


def _read(file: str) -> str:
    try:
        raw = sys.stdin.buffer.read(BIGGEST) if file == "-" else _bytes(Path(file))
        return raw.decode()
    except UnicodeDecodeError:
        stop(f"{file}: this is no text in UTF-8.", WRONG_USE)
    except OSError as error:
        stop(f"{file}: cannot be read: {error.strerror}.", WRONG_USE)


def _bytes(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(BIGGEST)


def _show_difference(proposal: "Proposal") -> None:
    if proposal.connection is None:
        say(f"New connection {proposal.file.name}")
    elif not proposal.differences:
        say(f"{proposal.file.name}: no setting changes.")
    for path, before, after in proposal.differences:
        say(plain(f"{path}: {_value(before)} -> {_value(after)}"))


def _value(value: Any) -> str:
    return "not set" if value is None else str(value)


def _show_services(checked: "Checked") -> None:
    site, me = checked.site, checked.me
    kind = "test site" if site.domain.endswith("-test") else "live site"
    say(plain(f"Chargebee: {site.domain or 'no name told'} ({kind})"))
    say(plain(f"Pipedrive: {me.company_name or me.company_id}, connected as {me.name}"))
    for warning in checked.warnings:
        note(plain(f"Warning: {warning}"))


def _agreed(proposal: "Proposal") -> bool:
    """Ask a person; a file that changes nothing asks nothing, it may bring new secrets."""
    connection = proposal.connection
    if connection is not None and connection.account_id and not proposal.differences:
        return True
    if not sys.stdin.isatty():
        stop("Nothing was stored: there is no terminal to ask; give --yes to go on.", WAITING)
    return typer.confirm("Apply?", err=True)


@app.command()
def export(name: Annotated[str, typer.Argument(help="Name of the connection.")]) -> None:
    """Print the connection as a file again, secrets as references."""
    setup()
    from chargepipe.actions import connections

    typer.echo(connections.export(name), nl=False)


@app.command("list")
def list_() -> None:
    """List the connections."""
    setup()
    from chargepipe.actions import connections

    rows = [_row(connection) for connection in connections.everyone()]
    if rows:
        table(("name", "site", "Pipedrive", "next sync", "last run", "open errors"), rows)
    else:
        say("No connections yet. Make one: chargepipe connection apply FILE.toml")


def _row(connection: "Connection") -> tuple[object, ...]:
    run = connection.runs.order_by("-pk").first()
    last = f"{run.pk} {run.kind} {run.state}" if run else "-"
    errors = connection.errors.filter(state="open").count()
    account = connection.account or "unlinked"
    due = when(connection.next_sync_at)
    return connection.name, connection.site, account, due, last, errors


@app.command()
def unlink(
    name: Annotated[str, typer.Argument(help="Name of the connection.")],
    drop_links: Annotated[
        bool, typer.Option("--drop-links/--keep-links", help="Forget which record is which.")
    ] = False,
) -> None:
    """Forget the accounts and their secrets; Pipedrive stays as it is."""
    setup()
    from chargepipe.actions import connections

    connections.unlink(name, keep_links=not drop_links)
    kept = "dropped" if drop_links else "kept"
    say(
        f"{name} is unlinked, its links are {kept}. Link it again: chargepipe connection apply FILE"
    )
