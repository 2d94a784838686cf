"""sandbox: both services, simulated on this machine, to rehearse with."""

import asyncio
from typing import Annotated, Literal

import typer

from chargepipe.cli.errors import stop
from chargepipe.cli.output import note, say

Plan = Literal["lite", "growth", "premium", "ultimate"]
Catalog = Literal["v1", "v2", "coexistence"]
Customers = Annotated[int, typer.Option("--customers", min=1, help="How many customers.")]


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
        int, typer.Option("--seats", min=1, help="Pipedrive's seats: each adds to the budget.")
    ] = 1,
    catalog: Annotated[
        Catalog, typer.Option("--catalog", help="Chargebee's Product Catalog.")
    ] = "v2",
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

    made = Sandbox(seed=seed, customers=customers, people_before=people_before, plan=plan)
    made.company.seats = seats
    made.site.catalog = catalog
    note(f"To look and to play: {page_address(port)}")
    say(connection_file(port, pipedrive_port, "acme"))
    note(f"Chargebee on http://127.0.0.1:{port}, Pipedrive on http://127.0.0.1:{pipedrive_port}.")
    note("The text above is a connection file. Give it the two secrets, then apply it:")
    note(f"  export CHARGEBEE_API_KEY={made.chargebee_key}")
    note(f"  export PIPEDRIVE_API_TOKEN={made.pipedrive_token}")
    note("  chargepipe connection apply FILE.toml")
    try:
        asyncio.run(serve(made, port, pipedrive_port))
    except OSError as error:
        stop(f"Cannot listen: {error.strerror}. Choose other ports: --port, --pipedrive-port.")
    except KeyboardInterrupt:
        note("Stopped.")


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
