"""An Airflow connection as settings."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

from airflow.sdk.exceptions import AirflowNotFoundException

from zoho_people.configuration.deployment import option_list, option_text
from zoho_people.shared.airflow_internals import in_task
from zoho_people.shared.variables import refuse_silence
from zoho_people.zoho.bounds import Bounds
from zoho_people.zoho.errors import InvalidSettings
from zoho_people.zoho.hosts import allowed_hosts
from zoho_people.zoho.settings import ConnectionSettings

_AS_JSON = (
    'write it as JSON: {"conn_type": "zoho_people", "login": "<client id>", "password": "<client secret>", '
    '"extra": {"refresh_token": "…"}}'
)


def read_settings(conn_id: str, *, look_up: Callable[[str], Any]) -> ConnectionSettings:
    """The values of the connection that *look_up*, Airflow's, has under *conn_id*; checked.

    No message shows a connection that can't be read: nobody can tell what in it is a secret.

    :raises InvalidSettings: it is missing or can't be read, or a field is missing, unknown or impossible.
    """
    try:
        connection = _found(conn_id, look_up)
    except (AirflowNotFoundException, ValueError):
        raise InvalidSettings(_unreadable(conn_id)) from None
    try:
        return settings_of(connection)
    except InvalidSettings as error:
        if not _is_uri(conn_id):
            raise
        cure = f"in the URI of {_variable(conn_id)} each part has to be percent-encoded (/ as %2F); or {_AS_JSON}"
        raise InvalidSettings(f"{error.message} ({cure})") from None


def settings_of(connection: Any) -> ConnectionSettings:
    """The values of the Airflow *connection*, checked; the deployer's configuration says which hosts it may name.

    :raises InvalidSettings: naming the field that is missing, unknown or impossible.
    """
    try:
        extra = json.loads(connection.extra or "{}")
    except ValueError:
        extra = None
    if not isinstance(extra, dict):
        raise InvalidSettings('connection extra is not a JSON object; write {"refresh_token": "…"}')
    return ConnectionSettings.parse(
        login=connection.login,
        password=connection.password,
        host=connection.host,
        port=connection.port,
        schema=connection.schema,
        extra=extra,
        allowed_hosts=allowed_hosts(option_list("allowed_hosts")),
    )


def bounds() -> Bounds:
    """How much an answer, a unit and a list may be, as the deployer says.

    :raises InvalidSettings: naming the option that can't be.
    """
    return Bounds.parse(option_text)


def _found(conn_id: str, look_up: Callable[[str], Any]) -> Any:
    """The connection. In a task it counts as missing only where Airflow's API, which may know it, does answer."""
    try:
        return look_up(conn_id)
    except AirflowNotFoundException:
        if not in_task():
            raise
    refuse_silence()
    return look_up(conn_id)


def _unreadable(conn_id: str) -> str:
    name = _variable(conn_id)
    if os.environ.get(name):
        return (
            f"the environment variable {name} can't be read as a connection: {_AS_JSON}; in a URI, "
            "zoho-people://…, each part has to be percent-encoded (/ as %2F) and the port a number"
        )
    return (
        f"the connection {conn_id!r} is missing, or can't be read where it is kept: make it in Airflow (Admin, "
        f"Connections), in your secrets backend, or as the environment variable {name}; there {_AS_JSON}"
    )


def _is_uri(conn_id: str) -> bool:
    """Whether the connection is a URI in the environment, which is read amiss where a part is not encoded."""
    text = os.environ.get(_variable(conn_id), "").lstrip()
    return bool(text) and not text.startswith("{")


def _variable(conn_id: str) -> str:
    return f"AIRFLOW_CONN_{conn_id.upper()}"
