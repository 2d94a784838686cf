"""Groups whose first command may be left out: `errors acme`, `run 7`.

The names of a group's commands win over names of connections; for a connection that is
called "ignore" the command is written out: `errors show ignore`.
"""

from typing import Any

from typer.core import TyperGroup

DEFAULT = "show"


class ShowByDefault(TyperGroup):
    """A group in which anything but a command or --help is meant for the command `show`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put `show` in front where no command is named."""
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = [DEFAULT, *args]
        return super().parse_args(ctx, args)
