"""The files that people bring along, as the deployer allows them."""

from __future__ import annotations

import pytest

from zoho_people.configuration.brought_files import brought_path, file_limits
from zoho_people.storage.brought_file import FileLimits, InvalidBroughtFile


def test_a_scheme_that_nobody_knows_is_told() -> None:
    with pytest.raises(InvalidBroughtFile, match="check the URL's scheme"):
        brought_path("nobody://bucket/roster.csv", "roster file")


def test_how_large_a_file_may_be_is_the_deployers(monkeypatch: pytest.MonkeyPatch) -> None:
    assert file_limits("roster file") == FileLimits()
    monkeypatch.setenv("AIRFLOW__ZOHO_PEOPLE__ROSTER_FILE_MAX_ROWS", "7")
    monkeypatch.setenv("AIRFLOW__ZOHO_PEOPLE__ROSTER_FILE_MAX_BYTES", "8")
    assert file_limits("roster file") == FileLimits(max_bytes=8, max_rows=7)
    monkeypatch.setenv("AIRFLOW__ZOHO_PEOPLE__ROSTER_FILE_MAX_ROWS", "1e6")
    with pytest.raises(InvalidBroughtFile, match=r"roster_file_max_rows '1e6' can't be; use a whole number"):
        file_limits("roster file")
