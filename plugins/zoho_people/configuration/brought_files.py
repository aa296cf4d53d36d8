"""Which files that people bring along the deployer allows: where they may be, and how large.

The options are named after the roster file, and hold for each of them.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk.exceptions import AirflowFailException

from zoho_people.configuration.deployment import InvalidOption, option_count
from zoho_people.configuration.roots import storage_path
from zoho_people.storage.brought_file import FileLimits, InvalidBroughtFile, no_way


def file_limits(label: str) -> FileLimits:
    """The limits that Airflow's configuration sets for the file that errors call *label*.

    :raises InvalidBroughtFile: naming an option that is no count.
    """
    default = FileLimits()
    try:
        return FileLimits(
            option_count("roster_file_max_bytes", default.max_bytes),
            option_count("roster_file_max_rows", default.max_rows),
        )
    except InvalidOption as error:
        raise InvalidBroughtFile(str(error), label=label) from None


def brought_path(text: str, label: str) -> Any:
    """*text* as Airflow understands paths and URLs, with the connection that one may name.

    :raises InvalidBroughtFile: when it can't be one.
    :raises AirflowFailException: where the deployer allows no run to read there.
    """
    try:
        return storage_path(text)
    except AirflowFailException:
        raise
    except Exception as error:
        raise no_way(error, label=label) from error
