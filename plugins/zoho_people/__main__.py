"""``python -m zoho_people``: what is done from a command line; each command is a module of :mod:`.commands`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from zoho_people.commands import COMMANDS


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that *arguments* name; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m zoho_people")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for command in COMMANDS:
        summary, _, _ = (command.__doc__ or "").partition("\n")
        one = commands.add_parser(
            command.__name__.rpartition(".")[2],
            help=summary,
            description=command.__doc__,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.add_arguments(one)
        one.set_defaults(run=command.run)
    options = parser.parse_args(arguments)
    code: int = options.run(options)
    return code


if __name__ == "__main__":
    sys.exit(main())
