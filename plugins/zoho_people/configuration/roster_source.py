"""Which roster files the deployer allows: where they may be, and how large."""

from __future__ import annotations

from typing import Any

from airflow.sdk.exceptions import AirflowFailException

from zoho_people.configuration.deployment import InvalidOption, option_count
from zoho_people.configuration.roots import storage_path
from zoho_people.planning.roster_file import InvalidRosterFile, RosterLimits, no_way


def roster_limits() -> RosterLimits:
    """The limits that Airflow's configuration sets.

    :raises InvalidRosterFile: naming an option that is no count.
    """
    default = RosterLimits()
    try:
        return RosterLimits(
            option_count("roster_file_max_bytes", default.max_bytes),
            option_count("roster_file_max_rows", default.max_rows),
        )
    except InvalidOption as error:
        raise InvalidRosterFile(str(error)) from None


def roster_path(text: str) -> Any:
    """*text* as Airflow understands paths and URLs, with the connection that one may name.

    :raises InvalidRosterFile: when it can't be one.
    :raises AirflowFailException: where the deployer allows no run to read there.
    """
    try:
        return storage_path(text)
    except AirflowFailException:
        raise
    except Exception as error:
        raise no_way(error) from error
