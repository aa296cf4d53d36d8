"""The commands of ``python -m zoho_people``.

A command is a module named as the command is. Its docstring is its help; ``add_arguments(parser)`` declares its
arguments, and ``run(options)`` does it and returns the exit code.
"""

from zoho_people.commands import authorize, duckdb, forget, names_role

COMMANDS = (authorize, duckdb, forget, names_role)
