"""Let a role of Airflow's FAB auth manager see learners' names on the page.

FAB gives rights to views that it knows, and neither its pages nor `airflow roles` make a new one known. This makes
known the view of [zoho_people] names_permission (view:<name>), and lets ROLE read it. A role that is not there is
made, with that right alone. Run it where `airflow roles` runs; a second time it changes nothing.

Exit codes: 0 done; 2 not done, the message says why.
"""

from __future__ import annotations

import argparse
import sys
from typing import Any

_READ = "can_read"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("role", metavar="ROLE", help="the role's name, in quotes if it has blanks")


def run(options: argparse.Namespace) -> int:
    """Do it; the exit code."""
    from zoho_people.configuration.deployment import InvalidOption
    from zoho_people.configuration.names_permission import NAMES_PERMISSION, VIEW, NamesPermission
    from zoho_people.shared.airflow_internals import fab_builder

    try:
        permission = NamesPermission.configured()
    except InvalidOption as error:
        return _refused(str(error))
    if permission.kind != VIEW:
        return _refused(
            f"[zoho_people] {NAMES_PERMISSION} is {permission.kind}, for which there is nothing to make; "
            "set it to view:Zoho People names here and where the API server runs"
        )
    try:
        fab = fab_builder()
    except ImportError:
        return _refused(
            "there is no FAB auth manager here; install apache-airflow-providers-fab, or use yours"
        )
    with fab as builder:
        let_read(builder.sm, options.role, permission.view)
    sys.stdout.write(
        f"The role {options.role} may see names. Give it to somebody who may read the DAG: "
        f"airflow users add-role --username NAME --role '{options.role}'\n"
    )
    return 0


def let_read(security: Any, role_name: str, view: str) -> None:
    """Let the role *role_name* read *view*; *security* is FAB's security manager."""
    role = security.add_role(role_name)  # the one that is there, if it is
    security.add_permission_to_role(role, security.create_permission(_READ, view))


def _refused(why: str) -> int:
    sys.stderr.write(f"{why}\n")
    return 2
