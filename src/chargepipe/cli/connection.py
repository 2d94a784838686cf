"""Connections: make or change one from a file, show, unlink, move its match key."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chargepipe.cli.errors import WRONG_USE, stop
from chargepipe.cli.follow import WAITING, end, see_through
from chargepipe.cli.output import note, plain, say, table, when
from chargepipe.cli.setup import setup
from chargepipe.cli.sync import Name, Yes

if TYPE_CHECKING:
    from chargepipe.accounts.connect import Checked
    from chargepipe.actions.advice import Advice
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
    from chargepipe.actions.advice import advise
    from chargepipe.domain.settings import SettingsError

    try:
        proposal = connections.propose(text)
    except SettingsError as error:
        stop("\n".join(f"{file}: {problem}" for problem in error.problems), WRONG_USE)
    _show_difference(proposal)
    checked = connections.look(proposal)
    _show_services(checked, advise(proposal, checked))
    if not (yes or _agreed(proposal)):
        stop("Nothing was stored.", WRONG_USE)
    connection = connections.store(proposal, checked)
    _show_next(connection.name, changed=bool(proposal.differences and connection.full_done_at))


def _show_next(name: str, *, changed: bool) -> None:
    if not changed:
        say(f"{name} is set. Next: chargepipe validate {name}")
        return
    say(
        f"{name} is set: each record takes it the next time that it syncs. To apply it to "
        f"everything, see first what that writes: chargepipe preview {name} full"
    )


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


def _show_services(checked: "Checked", advice: "Advice") -> None:
    site, me = checked.site, checked.me
    say(plain(f"Chargebee: {site.domain or 'no name told'} ({advice.badge})"))
    company = me.company_name or me.company_id
    say(plain(f"Pipedrive: {company}, connected as {me.name}; {advice.people}"))
    say(plain(f"Custom fields: {advice.fields}"))
    for warning in advice.warnings:
        note(plain(f"Warning: {warning}"))
    if advice.caution:
        note(advice.caution)


def _agreed(proposal: "Proposal") -> bool:
    """Ask a person; a file that changes nothing asks nothing, it may bring new secrets."""
    connection = proposal.connection
    if connection is not None and connection.account_id and not proposal.differences:
        return True
    if not sys.stdin.isatty():
        stop("Nothing was stored: there is no terminal to ask; give --yes to go on.", WAITING)
    return typer.confirm("Apply?", err=True)


@app.command()
def export(
    name: Name,
    other: Annotated[
        str,
        typer.Option(
            "--as",
            help="The same settings for another connection, with its accounts.",
            metavar="OTHER",
        ),
    ] = "",
) -> None:
    """Print the connection as a file again, secrets as references."""
    setup()
    from chargepipe.actions import connections

    typer.echo(connections.export(name, other), nl=False)


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
    if connection.disconnected:
        account = f"{account} (to be connected again)"
    elif connection.barred:
        account = f"{account} (nothing is let through: chargepipe doctor)"
    due = when(connection.next_sync_at)
    return connection.name, connection.site, account, due, last, errors


@app.command()
def unlink(
    name: Name,
    entity: Annotated[
        list[str] | None,
        typer.Option("--entity", help="Only this business entity; repeat for more."),
    ] = None,
    clear: Annotated[
        bool,
        typer.Option("--clear/--keep", help="Take what we wrote off people and organizations."),
    ] = False,
    drop_links: Annotated[
        bool, typer.Option("--drop-links/--keep-links", help="Forget which record is which.")
    ] = False,
    yes: Yes = False,
) -> None:
    """Forget the accounts, or some business entities; Pipedrive stays as it is, or is cleared."""
    if entity and drop_links:
        stop("Links of single business entities stay: leave out --drop-links.", WRONG_USE)
    setup()
    from chargepipe.actions import unlinking

    # What is left already may still be cleared.
    going = unlinking.still_synced(name, entity or ()) if clear else entity
    if going:
        unlinking.leave(name, going)
        say(plain(f"{name} no longer syncs {', '.join(going)}."))
    if clear:
        _clear(name, entity or (), yes=yes)
    if not entity:
        handed_back = unlinking.unlink(name, keep_links=not drop_links)
        kept = "dropped" if drop_links else "kept"
        say(
            f"{name} is unlinked, its links are {kept}. "
            "Link it again: chargepipe connection apply FILE"
        )
        if handed_back:
            say(handed_back)


def _clear(name: str, entities: Sequence[str], *, yes: bool) -> None:
    """See the run through that clears; unless it is done the command ends with its status."""
    from chargepipe.actions import runs, unlinking

    run = see_through(unlinking.clear(name, entities=entities, confirmed=yes), yes=yes)
    if run.state != "done":
        end(run, json=False)
    counts = runs.summary(run)
    say(f"Run {run.pk} cleared: {counts['updated']} customers. Undo it: chargepipe undo {run.pk}")


@app.command("move-key")
def move_key(
    name: Name,
    chargebee: Annotated[str, typer.Option("--chargebee", help="The customer's field.")],
    pipedrive: Annotated[str, typer.Option("--pipedrive", help="The person's field.")],
    yes: Yes = False,
) -> None:
    """Give the connection another match key; linked people stay, nothing is written to them."""
    setup()
    from chargepipe.actions import move_key as moving

    move = moving.preview(name, chargebee, pipedrive)
    for line in move.lines():
        say(plain(line))
    if not yes and not _agreed_to_move():
        stop("The match key stays as it is.", WRONG_USE)
    moving.move(move)
    say(plain(f"The match key is moved. {move.in_file()}"))


def _agreed_to_move() -> bool:
    if not sys.stdin.isatty():
        stop("Nothing was changed: there is no terminal to ask; give --yes to go on.", WAITING)
    return typer.confirm("Move the match key?", err=True)
