"""Whether all four components are up, by Airflow's own account."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

_HEARTBEATS = {
    "scheduler": "latest_scheduler_heartbeat",
    "dag_processor": "latest_dag_processor_heartbeat",
    "triggerer": "latest_triggerer_heartbeat",
}


def missing(health: dict[str, Any], *, since: datetime) -> tuple[str, ...]:
    """The components without a healthy heartbeat since then.

    The moment matters: for half a minute Airflow calls a component healthy that is already dead.
    """
    return tuple(_missing(health, since))


def _missing(health: dict[str, Any], since: datetime) -> Iterator[str]:
    for name, heartbeat in _HEARTBEATS.items():
        said = health.get(name) or {}
        beat = said.get(heartbeat)
        if said.get("status") != "healthy" or not beat or datetime.fromisoformat(beat) < since:
            yield name
