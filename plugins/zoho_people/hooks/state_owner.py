"""Under which connection's name the tasks share what they know of some credentials.

Airflow tests a connection outside a task, and from its form under a name made up for that one call. The access
token that the tasks share is sealed with a key made of the connection's secrets: where the secrets open it, it is
the same connection's.
"""

from __future__ import annotations

from collections.abc import Iterator

from zoho_people.shared.access_token import TokenCipher, fingerprint_of
from zoho_people.shared.airflow_internals import is_made_up, saved_connections
from zoho_people.shared.variables import read_variable, variable_key, variable_keys
from zoho_people.zoho.errors import InvalidSettings
from zoho_people.zoho.settings import ConnectionSettings


def state_owner(conn_id: str, settings: ConnectionSettings) -> str | None:
    """The connection's name, in a server; None where no task can know of these credentials."""
    owner = next(_of_a_stored_token(settings), None) or next(_of_a_saved_connection(settings), None)
    if owner is not None or is_made_up(conn_id):
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
    for each in saved_connections("zoho_people"):
        if _fingerprint(each) == fingerprint_of(settings):
            yield str(each.conn_id)


def _fingerprint(connection: object) -> str | None:
    from zoho_people.hooks.connection import settings_of

    try:
        return fingerprint_of(settings_of(connection))
    except InvalidSettings:
        return None
