"""Which Zoho People the local Airflow talks to: the real one when `.env` holds its connection, else the emulator.

`.env` reaches Airflow through the environment only. Nothing here prints one of its values.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dotenv import dotenv_values

from local_airflow.problem import SettingsProblem

CONNECTION_ID = "zoho_people_default"
CONNECTION = "AIRFLOW_CONN_ZOHO_PEOPLE_DEFAULT"
COURSES = "AIRFLOW_VAR_ZOHO_LEARNER_PROGRESS_COURSES"
LEARNERS = "AIRFLOW_VAR_ZOHO_LEARNER_PROGRESS_LEARNERS"
OUTPUT = "AIRFLOW_VAR_ZOHO_LEARNER_PROGRESS_OUTPUT"


@dataclass(frozen=True, repr=False)
class Service:
    """What `.env` says, as environment variables of Airflow."""

    env: Mapping[str, str]

    @property
    def is_real(self) -> bool:
        """Whether runs go to the real Zoho People."""
        return CONNECTION in self.env

    def request(self) -> dict[str, Any]:
        """The courses and learners that `.env` names, as Params of the DAG; none named means all."""
        return {"courses": self._ids(COURSES), "learner_ids": self._ids(LEARNERS)}

    def _ids(self, name: str) -> list[str]:
        try:
            value = json.loads(self.env.get(name, "[]"))
        except json.JSONDecodeError:
            value = None
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise SettingsProblem(
                f'.env: {name} must be a JSON list of ids in quotes, like \'["123", "456"]\'.'
            )
        return value


def read(path: Path) -> Service:
    """What the `.env` at `path` says; without one, the emulator it is.

    Raises `SettingsProblem` for a connection that can't work, without its values.
    """
    if not path.exists():
        return Service({})
    service = Service(
        {name: value for name, value in dotenv_values(path, interpolate=False).items() if value}
    )
    if service.is_real:
        _check_connection(service.env[CONNECTION])
    return service


def _check_connection(text: str) -> None:
    connection = _mapping(text)
    if connection is None:
        raise SettingsProblem(f".env: {CONNECTION} must be JSON on one line; see .env.example.")
    extra = connection.get("extra") or {}
    extra = _mapping(extra) if isinstance(extra, str) else extra
    needed = {
        "login (the client id)": connection.get("login"),
        "password (the client secret)": connection.get("password"),
        "extra.refresh_token": extra.get("refresh_token") if isinstance(extra, dict) else None,
    }
    for what, value in needed.items():
        if not value or not isinstance(value, str) or value.startswith("<"):
            raise SettingsProblem(f".env: {CONNECTION} has no {what}; see .env.example.")


def _mapping(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text)
    except json.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None
