"""sandbox: both services, simulated on this machine, to rehearse with."""

import asyncio
from typing import Annotated, Literal

import typer

from chargepipe.cli.errors import stop
from chargepipe.cli.output import note, say

Plan = Literal["lite", "growth", "premium", "ultimate"]
Customers = Annotated[int, typer.Option("--customers", min=1, help="How many customers.")]
Port = Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")]


def sandbox(
    customers: Customers = 250,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same data.")] = 1,
    plan: Annotated[Plan, typer.Option("--plan", help="Pipedrive's plan: sets limits.")] = "lite",
    port: Port = 8801,
    pipedrive_port: Port = 8802,
) -> None:
    """Serve both services simulated, with sample data."""
    from chargepipe.sandbox import Sandbox, serve

    made = Sandbox(seed=seed, customers=customers, plan=plan)
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
