"""An Airflow connection as settings."""

from __future__ import annotations

import json
from typing import Any

from zoho_people.api.bounds import Bounds
from zoho_people.api.errors import InvalidSettings
from zoho_people.api.hosts import AllowedHosts
from zoho_people.api.settings import ConnectionSettings
from zoho_people.deployment import option_list, option_text


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
        allowed_hosts=AllowedHosts.parse(option_list("allowed_hosts")),
    )


def bounds() -> Bounds:
    """How much an answer, a unit and a list may be, as the deployer says.

    :raises InvalidSettings: naming the option that can't be.
    """
    return Bounds.parse(option_text)
