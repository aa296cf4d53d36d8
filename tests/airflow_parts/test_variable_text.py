from __future__ import annotations

import pytest
from zoho_people.variable_text import VariableText, in_task


def test_a_variable_of_the_environment_is_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_VAR_ZOHO_PEOPLE_LOCKED_UNTIL_MY_CONN", "5.0")
    assert VariableText.of_connection("my.conn", "locked_until", "why").load() == "5.0"
    assert VariableText("zoho_people_locked_until_my_conn", "why").load() == "5.0"


def test_this_process_runs_no_task() -> None:
    assert not in_task()
