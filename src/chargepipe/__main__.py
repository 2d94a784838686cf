"""`python -m chargepipe` is the command line."""

from chargepipe.cli.main import run

run()
