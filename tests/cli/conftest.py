"""Fixtures of the command line's tests; the classes stand in command_line.py."""

from command_line import cli, services, walked

__all__ = ["cli", "services", "walked"]
