"""sandbox: both services, simulated on this machine, to rehearse with."""

import asyncio
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from chargepipe.cli.errors import WRONG_USE, stop
from chargepipe.cli.output import note, say

if TYPE_CHECKING:
    from chargepipe.sandbox import Options, Sandbox

Plan = Literal["lite", "growth", "premium", "ultimate"]
Catalog = Literal["v1", "v2", "coexistence"]
Customers = Annotated[int, typer.Option("--customers", min=1, help="How many customers.")]
DAY = 86_400.0
"""Seconds that a lag may last at most."""


def sandbox(
    customers: Customers = 250,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same data.")] = 1,
    people_before: Annotated[
        float,
        typer.Option(
            "--people-before",
            min=0,
            max=1,
            help="Share of the customers that are persons in the CRM already; 0: an empty CRM.",
        ),
    ] = 0.3,
    plan: Annotated[Plan, typer.Option("--plan", help="Pipedrive's plan: sets limits.")] = "lite",
    seats: Annotated[
        int,
        typer.Option(
            "--seats", min=1, max=1000, help="Pipedrive's seats: each adds to the budget."
        ),
    ] = 1,
    catalog: Annotated[
        Catalog, typer.Option("--catalog", help="Chargebee's Product Catalog.")
    ] = "v2",
    settle: Annotated[
        float,
        typer.Option(
            "--settle", min=0, max=DAY, help="Seconds until Pipedrive's lists show a write."
        ),
    ] = 0.0,
    search_lag: Annotated[
        float,
        typer.Option(
            "--search-lag", min=0, max=DAY, help="Seconds until Pipedrive's search finds a write."
        ),
    ] = 3.0,
    list_lag: Annotated[
        float,
        typer.Option(
            "--list-lag", min=0, max=DAY, help="Seconds until Chargebee's lists show a write."
        ),
    ] = 0.0,
    option: Annotated[
        list[str] | None,
        typer.Option(
            "--option",
            metavar="NAME=VALUE",
            help="What the services' own pages leave open; may be given several times.",
        ),
    ] = None,
    port: Annotated[
        int, typer.Option("--port", min=1, max=65535, help="Port of Chargebee and of the page.")
    ] = 8801,
    pipedrive_port: Annotated[
        int,
        typer.Option(
            "--pipedrive-port", min=1, max=65535, help="Port of Pipedrive, and of the page too."
        ),
    ] = 8802,
) -> None:
    """Serve both services simulated, with sample data and a page to play with them.

    On the page (its address is printed first) people change customers, persons and deals, let
    months pass and put faults in force. It can switch plan, seats and catalog later too.
    """
    from chargepipe.sandbox import Sandbox, serve

    if port == pipedrive_port:
        stop("--port and --pipedrive-port have to be two ports.", WRONG_USE)
    made = Sandbox(
        seed=seed,
        customers=customers,
        people_before=people_before,
        plan=plan,
        settle=settle,
        search_lag=search_lag,
        options=_options(option or []),
    )
    made.company.seats = seats
    made.site.catalog = catalog
    made.site.list_lag = list_lag
    try:
        asyncio.run(
            serve(made, port, pipedrive_port, ready=lambda: _tell(made, port, pipedrive_port))
        )
    except OSError as error:
        stop(f"Cannot listen: {error.strerror}. Choose other ports: --port, --pipedrive-port.")
    except KeyboardInterrupt:
        note("Stopped.")


def _options(texts: list[str]) -> "Options":
    from chargepipe.sandbox.option_texts import read_options

    try:
        return read_options(texts)
    except ValueError as wrong:
        stop(f"{wrong}.", WRONG_USE)


def _tell(made: "Sandbox", port: int, pipedrive_port: int) -> None:
    """Where the services are and how to connect them; once their ports are taken."""
    note(f"To look and to play: {page_address(port)}")
    say(connection_file(port, pipedrive_port, "acme"))
    note(f"Chargebee on http://127.0.0.1:{port}, Pipedrive on http://127.0.0.1:{pipedrive_port}.")
    note("The text above is a connection file. Give it the two secrets, then apply it:")
    note(f"  export CHARGEBEE_API_KEY={made.chargebee_key}")
    note(f"  export PIPEDRIVE_API_TOKEN={made.pipedrive_token}")
    note("  chargepipe connection apply FILE.toml")
    note("For OAuth instead of the token, before chargepipe serve:")
    note(f"  export CHARGEPIPE_PIPEDRIVE_CLIENT_ID={made.apps.client_id}")
    note(f"  export CHARGEPIPE_PIPEDRIVE_CLIENT_SECRET={made.apps.client_secret}")


def page_address(port: int) -> str:
    """Where the page of a sandbox on this port (of either service) is."""
    return f"http://127.0.0.1:{port}/_sandbox/"


def connection_file(port: int, pipedrive_port: int, name: str) -> str:
    """A connection file for a sandbox on these ports."""
    return f"""\
name = "{name}"

[chargebee]
site = "{SITE}"
api_key = "env:CHARGEBEE_API_KEY"
url = "http://127.0.0.1:{port}/api/v2"

[pipedrive]
api_token = "env:PIPEDRIVE_API_TOKEN"
url = "http://127.0.0.1:{pipedrive_port}"

[settings]
organizations = true
"""


SITE = "sandbox-test"
