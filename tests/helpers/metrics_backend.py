"""Where Airflow's metrics go in a test."""

from __future__ import annotations

from typing import Any


class Backend:
    """Where Airflow's metrics go: by name the values and the tags of each; nowhere where it ``fails``."""

    def __init__(self) -> None:
        self.told: dict[str, list[tuple[float, dict[str, str]]]] = {}
        self.fails = False

    def incr(self, name: str, *, count: float, tags: dict[str, str]) -> None:
        if self.fails:
            raise OSError("no route")
        self.told.setdefault(f"{name}:c", []).append((count, tags))

    def gauge(self, name: str, value: float, *, tags: dict[str, str]) -> None:
        self.told.setdefault(f"{name}:g", []).append((value, tags))

    @property
    def values(self) -> dict[str, float]:
        return {name: sum(value for value, _ in told) for name, told in self.told.items()}


def metrics_off() -> Any:
    """What Airflow makes its metrics of where its configuration says nothing."""
    from airflow.sdk.observability.metrics.stats_utils import get_stats_factory

    return get_stats_factory()
