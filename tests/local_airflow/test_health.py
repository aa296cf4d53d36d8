"""What counts as up."""

from datetime import UTC, datetime, timedelta

from local_airflow.health import missing

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
PARTS = ("scheduler", "dag_processor", "triggerer")


def health(**changes: dict[str, str | None]) -> dict[str, dict[str, str | None]]:
    beat = (NOW + timedelta(seconds=1)).isoformat()
    return {name: {"status": "healthy", f"latest_{name}_heartbeat": beat} for name in PARTS} | changes


def test_all_with_a_fresh_heartbeat_are_up():
    assert missing(health(), since=NOW) == ()


def test_a_heartbeat_of_a_predecessor_does_not_count():
    old = {"status": "healthy", "latest_triggerer_heartbeat": (NOW - timedelta(seconds=1)).isoformat()}
    assert missing(health(triggerer=old), since=NOW) == ("triggerer",)


def test_unhealthy_absent_and_silent_ones_are_missing():
    said = health(scheduler={"status": "unhealthy"}, dag_processor={"status": None})
    said.pop("triggerer")
    assert missing(said, since=NOW) == PARTS
