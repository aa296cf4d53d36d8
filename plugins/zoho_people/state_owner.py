"""Under which connection's name the tasks share what they know of some credentials.

Airflow tests a connection outside a task, and from its form under a name made up for that one call. The access
token that the tasks share is sealed with a key made of the connection's secrets: where the secrets open it, it is
the same connection's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from zoho_people.api.errors import InvalidSettings
from zoho_people.api.settings import ConnectionSettings
from zoho_people.api.shared_token import TokenCipher, mark_of
from zoho_people.variables import read_variable, variable_key, variable_keys


def state_owner(conn_id: str, settings: ConnectionSettings) -> str | None:
    """The connection's name, in a server; None where no task can know of these credentials."""
    owner = next(_of_a_stored_token(settings), None) or next(_of_a_saved_connection(settings), None)
    if owner is not None or _MADE_UP.fullmatch(conn_id):
        return owner
    return conn_id


def _of_a_stored_token(settings: ConnectionSettings) -> Iterator[str]:
    cipher = TokenCipher(settings)
    prefix = variable_key("", "access_token")
    for key in variable_keys(prefix):
        if cipher.opens(read_variable(key)):
            yield key.removeprefix(prefix)


def _of_a_saved_connection(settings: ConnectionSettings) -> Iterator[str]:
    """Connections in Airflow's database that have the same credentials."""
    from airflow.models.connection import Connection
    from airflow.utils.session import create_session
    from sqlalchemy import select

    with create_session(scoped=False) as session:
        saved = session.scalars(select(Connection).where(Connection.conn_type == "zoho_people")).all()
        yield from [str(each.conn_id) for each in saved if _mark(each) == mark_of(settings)]


def _mark(connection: object) -> str | None:
    from zoho_people.connection import settings_of

    try:
        return mark_of(settings_of(connection))
    except InvalidSettings:
        return None


_MADE_UP = re.compile("[A-Za-z0-9]{8}", re.ASCII)
"""The names that Airflow makes up; a connection that looks so as well is only told less."""
