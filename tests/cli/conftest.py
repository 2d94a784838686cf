"""Fixtures of the command line's tests; the classes stand in command_line.py."""

from command_line import cli, fresh_cli, services, used_home, walked

__all__ = ["cli", "fresh_cli", "services", "used_home", "walked"]
