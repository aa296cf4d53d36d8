"""Which Zoho People the local Airflow talks to: the real one when `.env` holds its connection, else the emulator.

`.env` reaches Airflow through the environment only. Nothing here prints one of its values.
"""

import difflib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local_airflow import dotenv_file
from local_airflow.environment import CLOUD_PREFIXES
from local_airflow.problem import SettingsProblem

CONNECTION_ID = "zoho_people_default"
CONNECTION = "AIRFLOW_CONN_ZOHO_PEOPLE_DEFAULT"
COURSES = "AIRFLOW_VAR_ZOHO_LEARNER_PROGRESS_COURSES"
LEARNERS = "AIRFLOW_VAR_ZOHO_LEARNER_PROGRESS_LEARNERS"
OUTPUT = "AIRFLOW_VAR_ZOHO_LEARNER_PROGRESS_OUTPUT"
ROSTER_FILE = "AIRFLOW_VAR_ZOHO_LEARNER_PROGRESS_ROSTER_FILE"

_OWN = frozenset({CONNECTION, COURSES, LEARNERS, OUTPUT, ROSTER_FILE})
_ANY_NAME = re.compile(
    rf"AIRFLOW_(CONN|VAR)_[A-Z0-9_]+|AIRFLOW__[A-Z0-9_]+?__[A-Z0-9_]+|({'|'.join(CLOUD_PREFIXES)})[A-Z0-9_]+"
)


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

    Raises `SettingsProblem`, without a value, for a file that is there but is not readable, known and complete:
    the emulator takes the place of Zoho only where nothing at all says that the real one is meant.
    """
    env = dotenv_file.read(path)
    _check_names(env)
    service = Service(env)
    if service.is_real:
        _check_connection(env[CONNECTION])
        service.request()
        _check_output(env.get(OUTPUT))
    elif meant := [name for name in env if not _is_setting_of_airflow(name)]:
        raise SettingsProblem(
            f".env: {CONNECTION} is missing, though {meant[0]} is there; see .env.example. "
            "For the emulator remove or empty .env."
        )
    return service


def _is_setting_of_airflow(name: str) -> bool:
    """Settings may stand alone, with the emulator; a secrets backend could hold the real connection."""
    return name.startswith("AIRFLOW__") and not name.startswith("AIRFLOW__SECRETS__")


def _check_names(env: Mapping[str, str]) -> None:
    for name in env:
        if name in _OWN or (_ANY_NAME.fullmatch(name) and not _is_nearly_own(name)):
            continue
        near = difflib.get_close_matches(name.upper(), _OWN, n=1)
        raise SettingsProblem(
            f".env: {name} is not known here."
            + (f" Is {near[0]} meant?" if near else "")
            + f" Known are {', '.join(sorted(_OWN))}, AIRFLOW_CONN_…, AIRFLOW_VAR_…, AIRFLOW__SECTION__KEY, "
            f"and what begins with {', '.join(CLOUD_PREFIXES)}."
        )


def _is_nearly_own(name: str) -> bool:
    return name.startswith("AIRFLOW_VAR_ZOHO_") or bool(difflib.get_close_matches(name, _OWN, cutoff=0.85))


def _check_output(output: str | None) -> None:
    if output is not None and not output.startswith("/") and "://" not in output:
        raise SettingsProblem(
            f".env: {OUTPUT} must be an absolute path or a URL like s3://conn_id@bucket/folder."
        )


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
