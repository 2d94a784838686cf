"""The error list of a connection: see, ignore, un-ignore, retry."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from chargepipe.cli.errors import WRONG_USE, stop
from chargepipe.cli.follow import end, see_through
from chargepipe.cli.groups import ShowByDefault
from chargepipe.cli.output import csv_lines, note, one_object, plain, say, when
from chargepipe.cli.setup import setup
from chargepipe.cli.sync import Json, Name, Yes

if TYPE_CHECKING:
    from chargepipe.store.models import SyncError

EVERYTHING = ("open", "ignored", "warning")
Ids = Annotated[list[int] | None, typer.Argument(help="Numbers of errors.", metavar="ID...")]
All = Annotated[bool, typer.Option("--all", help="All of them.")]
app = typer.Typer(
    name="errors",
    cls=ShowByDefault,
    help="Records that did not sync: errors NAME lists them.",
    epilog='A connection that is named like a command: chargepipe errors show "NAME".',
    no_args_is_help=True,
)


@app.command()
def show(
    name: Name,
    csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="Ignored ones and warnings of validation too.")
    ] = False,
) -> None:
    """List the open errors (the word "show" may be left out)."""
    setup()
    from chargepipe.actions import connections, error_csv, errors, held_up

    states = EVERYTHING if everything else ("open",)
    if csv:
        csv_lines(error_csv.csv(name, states))
        return
    found = list(errors.listing(name, states))
    waiting = held_up.deals_held_up(connections.find(name), found)
    for error in found:
        _show(error, held_up.held_up_words(waiting.get(error.pk, 0)))
    if not found:
        say(f"{name} has no open errors.")


def _show(error: "SyncError", waiting: str) -> None:
    from chargepipe.actions import errors

    record = f"{error.kind} {error.source_key}"
    since = f"{error.state} since {when(error.opened_at)}"
    say(plain(f"{error.pk}  {record}  {error.code}, {since}"))
    say(plain(f"    {error.words}"))
    say(plain(f"    To do: {errors.what_to_do(error)}"))
    if waiting:
        say(f"    {waiting}")
    if error.reason:
        say(plain(f"    Ignored because: {error.reason}"))
    if url := errors.source_url(error):
        say(plain(f"    Chargebee: {url}"))
    for place in errors.places(error):
        say(plain(f"    Pipedrive: {place.kind} {place.id} {place.name}  {place.url}"))


@app.command()
def ignore(
    name: Name,
    ids: Ids = None,
    everything: All = False,
    reason: Annotated[str, typer.Option("--reason", help="Why, for the others.")] = "",
) -> None:
    """Take errors off the list until their record is modified in Chargebee."""
    chosen = _chosen(ids, everything)
    setup()
    from chargepipe.actions import errors

    say(f"{errors.ignore(name, chosen, reason)} ignored.")


@app.command()
def unignore(name: Name, ids: Ids = None, everything: All = False) -> None:
    """Put ignored errors back on the list; the next sync tries their records again."""
    chosen = _chosen(ids, everything)
    setup()
    from chargepipe.actions import errors

    say(f"{errors.unignore(name, chosen)} back on the list.")


@app.command()
def retry(
    name: Name, ids: Ids = None, everything: All = False, yes: Yes = False, json: Json = False
) -> None:
    """Sync the customers of these errors again, now."""
    chosen = _chosen(ids, everything)
    setup()
    from chargepipe.actions import errors, runs

    customers = errors.to_retry(name, chosen)
    if not customers:
        stop(f"{name} has no open error of a customer to try again.", WRONG_USE)
    run = runs.start(name, "sync", only=customers, confirmed=yes)
    end(see_through(run, yes=yes), json=json)


@app.command()
def decide(
    which: Annotated[
        list[str], typer.Argument(help="Number of an error; with --all a connection.", metavar="ID")
    ],
    person: Annotated[
        int | None, typer.Option("--person", help="Pick this candidate, by its Pipedrive id.")
    ] = None,
    organization: Annotated[
        int | None, typer.Option("--organization", help="Pick this one for the whole company.")
    ] = None,
    deal: Annotated[
        int | None, typer.Option("--deal", help="Pick this deal, by its Pipedrive id.")
    ] = None,
    new: Annotated[bool, typer.Option("--new", help="Make a new one.")] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="All errors of several matching people, by --rule.")
    ] = False,
    organizations: Annotated[
        bool, typer.Option("--organizations", help="With --all: those of organizations instead.")
    ] = False,
    rule: Annotated[
        str | None,
        typer.Option(
            "--rule",
            help="newest: added last; deals: most open deals; company (people): same name.",
        ),
    ] = None,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Say which person, organization or deal is meant where several match, and sync it."""
    single = new or any(each is not None for each in (person, organization, deal))
    if everything != (rule is not None) or everything == single or (organizations and single):
        stop(
            "Use ID with --person, --organization, --deal or --new; or NAME with --all and --rule.",
            WRONG_USE,
        )
    setup()
    from chargepipe.actions import decide as deciding

    if everything and rule is not None:
        kind = "organization" if organizations else "person"
        decided = deciding.decide_all(_named(which), rule, kind=kind)
    else:
        name, number = _numbered(which)
        decided = deciding.decide(
            number, person=person, organization=organization, deal=deal, new=new, name=name
        )
    if everything and not organizations:
        _point_to_organizations(decided.connection)
    for error in decided.left:
        note(plain(f"Not decided: error {error.pk}, customer {error.source_key}"))
    _sync(decided.connection, decided.customers, yes=yes, json=json)


def _named(which: list[str]) -> str:
    if len(which) > 1:
        stop("Name one connection.", WRONG_USE)
    return which[0]


def _point_to_organizations(name: str) -> None:
    from chargepipe.actions import connections, decide

    if number := decide.undecided(connections.find(name), "organization"):
        note(f"{number} errors of several organizations are left: add --organizations for them.")


def _numbered(which: list[str]) -> tuple[str | None, int]:
    """The connection, where it is named, and the number of the error."""
    *name, number = which
    if len(name) > 1 or not number.isdecimal():
        stop("Name the number of one error. See: chargepipe errors NAME", WRONG_USE)
    return (name[0] if name else None), int(number)


def _sync(name: str, customers: Sequence[str], *, yes: bool, json: bool) -> None:
    """Sync the customers of a decision at once, where a sync may already run."""
    from chargepipe.actions import connections, runs

    if customers and connections.find(name).full_done_at:
        run = runs.start(name, "sync", only=customers, confirmed=yes)
        end(see_through(run, yes=yes), json=json)
    if json:
        one_object({"decided": list(customers)})
    else:
        say(f"{len(customers)} decided." + (" The next sync writes them." if customers else ""))


def _chosen(ids: list[int] | None, everything: bool) -> list[int] | None:
    """The numbers, or None for all."""
    if bool(ids) == everything:
        stop("Name the numbers of errors, or --all.", WRONG_USE)
    return None if everything else ids
