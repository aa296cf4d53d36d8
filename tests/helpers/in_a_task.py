"""A process that takes itself for an Airflow task, whose Variables are in memory and which waits for nobody."""

from __future__ import annotations

import pytest

from tests.helpers.fakes import Variables
from zoho_people.hooks import zoho_people as hook_module


def be_in_a_task(monkeypatch: pytest.MonkeyPatch, variables: Variables) -> None:
    """Have the hook share what it knows by *variables*."""
    monkeypatch.setattr(hook_module, "in_task", lambda: True)
    share_at_once(monkeypatch, variables)


def share_at_once(monkeypatch: pytest.MonkeyPatch, variables: Variables) -> None:
    """Have *variables* be Airflow's, into which nobody else writes at the same moment."""
    monkeypatch.setattr("zoho_people.shared.variables.Variable", variables)
    monkeypatch.setattr(hook_module, "CLAIM_WAIT_S", 0.0)
    monkeypatch.setattr(hook_module, "GATE_WAIT_S", 0.0)
