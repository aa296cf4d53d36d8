from __future__ import annotations

import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk.observability import stats
from airflow.sdk.observability.metrics.stats_utils import get_stats_factory

from tests.helpers.fakes import page
from tests.helpers.metrics_backend import Backend
from zoho_people.model.run_xcoms import Published, Span, Spent, UnitCounts
from zoho_people.notifications.metrics import count_answer, kind_of, tell_run
from zoho_people.zoho.errors import (
    CredentialsRejected,
    InvalidSettings,
    Locked,
    QuotaExhausted,
    TokenThrottled,
    ZohoError,
)
from zoho_people.zoho.page import Page
from zoho_people.zoho.token import UnclearRefusal

CONN_ID = "zoho_eu"
PUBLISHED = Published(
    answers=UnitCounts(asked=20, answered=17, missing=2, postponed=1),
    spent=Spent(held_seconds=114.25, locked=[Span(100.0, 400.5)]),
    quota_left=900,
)
TAGS = {"conn_id": CONN_ID, "dag_id": "zoho_learner_progress"}


@pytest.fixture(autouse=True)
def in_a_task(monkeypatch: pytest.MonkeyPatch) -> None:
    """As Airflow does before a task's ``execute``."""
    monkeypatch.setenv("AIRFLOW_CTX_DAG_ID", "zoho_learner_progress")


NEVER_AN_ANSWER: set[type[ZohoError]] = {ZohoError, InvalidSettings, TokenThrottled, UnclearRefusal}
"""What is raised before a request or by one for a token, or is no more than the name of others."""


def every_error(base: type[ZohoError]) -> set[type[ZohoError]]:
    return {base}.union(*(every_error(child) for child in base.__subclasses__()))


def test_each_answer_counts_by_its_kind_a_page_with_its_rows(backend: Backend) -> None:
    locked = Locked("{{ 1/0 }}", http_status=429)
    for answer in (page(0, 25, more=True), page(25, 0), Page(0, ({},), None, ("1",)), locked):
        count_answer(CONN_ID, answer)
    assert backend.values == {
        "zoho_people.requests:c": 4,
        "zoho_people.answers.ok:c": 3,
        "zoho_people.answers.locked:c": 1,
        "zoho_people.pages:c": 3,
        "zoho_people.rows:c": 25,
    }


def test_a_run_tells_what_came_of_it(backend: Backend) -> None:
    tell_run(CONN_ID, PUBLISHED)
    assert backend.values == {
        "zoho_people.slot_seconds:g": 114.25,
        "zoho_people.locked_seconds:g": 300.5,
        "zoho_people.coverage.asked:g": 20,
        "zoho_people.coverage.answered:g": 17,
        "zoho_people.coverage.missing:g": 2,
        "zoho_people.coverage.postponed:g": 1,
        "zoho_people.quota_left:g": 900,
    }


def test_a_quota_that_nobody_knows_is_not_told(backend: Backend) -> None:
    tell_run(CONN_ID, replace(PUBLISHED, quota_left=None))
    assert "zoho_people.quota_left:g" not in backend.values


def test_connection_and_dag_are_tags_and_nobody_else(backend: Backend) -> None:
    count_answer(CONN_ID, page(0, 1))
    tell_run(CONN_ID, PUBLISHED)
    assert [tags for told in backend.told.values() for _, tags in told] == [TAGS] * len(backend.told)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (None, "ok"),
        (QuotaExhausted("x"), "quota_exhausted"),
        (CredentialsRejected("x"), "credentials_rejected"),
        (OSError("x"), "other"),
    ],
)
def test_an_answer_s_kind_is_that_of_its_error(answer: object, kind: str) -> None:
    assert kind_of(answer) == kind


def test_every_metric_and_every_kind_of_answer_is_in_the_documentation(backend: Backend) -> None:
    count_answer(CONN_ID, page(0, 1))
    tell_run(CONN_ID, PUBLISHED)
    text = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text(encoding="utf-8")
    told = {name[:-2].replace("answers.ok", "answers.<kind>") for name in backend.told}
    kinds = {kind_of(error("x")) for error in every_error(ZohoError) - NEVER_AN_ANSWER}
    assert [name for name in told | kinds if f"`{name}`" not in text] == []


def test_trouble_with_metrics_raises_nothing_since_the_slot_must_be_held(
    backend: Backend, caplog: pytest.LogCaptureFixture
) -> None:
    backend.fails = True
    count_answer(CONN_ID, page(0, 1))
    assert "metrics could not be told" in caplog.text


def test_they_arrive_where_airflow_s_configuration_says(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("statsd", reason="statsd is not installed: it is in requirements-test.txt")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(10.0)
        options = {"statsd_on": "True", "statsd_host": "127.0.0.1", "statsd_influxdb_enabled": "True"}
        for name, value in {**options, "statsd_port": str(listener.getsockname()[1])}.items():
            monkeypatch.setenv(f"AIRFLOW__METRICS__{name.upper()}", value)
        statsd: Any = get_stats_factory()()
        stats.initialize(factory=lambda: statsd, export_legacy_names=True)
        count_answer(CONN_ID, page(0, 25))
        tell_run(CONN_ID, PUBLISHED)
        arrived = {listener.recv(1024).decode() for _ in range(4 + 7)}
        statsd.statsd.close()
    tags = ",conn_id=zoho_eu,dag_id=zoho_learner_progress"
    assert arrived == {
        f"airflow.zoho_people.requests{tags}:1|c",
        f"airflow.zoho_people.answers.ok{tags}:1|c",
        f"airflow.zoho_people.pages{tags}:1|c",
        f"airflow.zoho_people.rows{tags}:25|c",
        f"airflow.zoho_people.slot_seconds{tags}:114.25|g",
        f"airflow.zoho_people.locked_seconds{tags}:300.5|g",
        f"airflow.zoho_people.coverage.asked{tags}:20|g",
        f"airflow.zoho_people.coverage.answered{tags}:17|g",
        f"airflow.zoho_people.coverage.missing{tags}:2|g",
        f"airflow.zoho_people.coverage.postponed{tags}:1|g",
        f"airflow.zoho_people.quota_left{tags}:900|g",
    }
