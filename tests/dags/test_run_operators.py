from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk import DAG
from airflow.sdk.exceptions import AirflowFailException

from tests.helpers.fakes import CONNECTION_TO_NOBODY, TaskInstance, context
from zoho_people.dags.run_operators import RunFetchOperator, RunListOperator
from zoho_people.model.pool_names import API_POOL, POOL_SLOTS_OF_A_ROSTER
from zoho_people.model.run_xcoms import Request
from zoho_people.operators.learner_progress import ZohoLearnerProgressOperator

TYPED = "{{ 'ren' ~ 'dered' }}"
"""What becomes another text where it is rendered."""

REQUEST = Request(
    courses=("1",),
    learner_ids=(),
    roster_file=None,
    include=(f"name:{TYPED}",),
    exclude=(f"name:not {TYPED}",),
    entity_types=("files",),
    output_path=f"/data/{TYPED}",
    snapshot_date=date(2026, 11, 25),
    slots=30,
    may_defer=False,
)
ITEM = {
    "course": f"1{TYPED}",
    "learner_id": f"2{TYPED}",
    "entity_type": f"files{TYPED}",
    "course_name": f"Safety {TYPED}",
    "output_path": f"/data/{TYPED}",
}


def mapped_over(operator: Any, items: list[dict[str, Any]], **partial: Any) -> Any:
    """The task of the first of *items*, which come from another task, as Airflow makes and renders it."""
    with DAG("mapped", schedule=None, start_date=datetime(2026, 1, 1, tzinfo=UTC)) as dag:

        @dag.task(task_id="plan")  # type: ignore[misc]
        def plan() -> list[dict[str, Any]]:
            return items

        task = operator.partial(task_id="fetch", **partial).expand_kwargs(plan())
    of_task: dict[str, Any] = {
        "ti": SimpleNamespace(map_index=0, task=task, xcom_pull=lambda **asked: items),
        "dag": dag,
        "dag_run": SimpleNamespace(conf={}),
    }
    task.render_template_fields(of_task)
    return of_task["task"]


def test_airflow_renders_what_another_task_hands_to_a_template_field() -> None:
    # What this module is for. Where it ends to be so, the operators of the run may go.
    task = mapped_over(ZohoLearnerProgressOperator, [ITEM])
    assert task.output_path == "/data/rendered"


def test_a_fetch_takes_what_the_plan_says_to_the_letter() -> None:
    task = mapped_over(RunFetchOperator, [ITEM])
    assert isinstance(task, RunFetchOperator)
    assert {name: getattr(task, name) for name in ITEM} == ITEM
    assert task.label == f"Safety {TYPED} · files{TYPED} · 2{TYPED}"
    assert task.pool == API_POOL


def roster_task(request: Mapping[str, Any] | None, **options: Any) -> RunListOperator:
    """A task of a run with *request*, when Airflow is about to start it."""
    task = RunListOperator(task_id="lists", **options)
    known = {} if request is None else {("check_request", "return_value"): request}
    of_task: Any = {"ti": TaskInstance(known)}
    task.render_template_fields(of_task)
    task.pre_execute(of_task)
    return task


def test_the_course_list_is_read_as_the_request_says_to_the_letter() -> None:
    task = roster_task(REQUEST.to_json(), endpoint="courses")
    assert task.output_path == REQUEST.output_path
    assert (task.courses, task.include, task.exclude) == (("1",), REQUEST.include, REQUEST.exclude)
    assert (task.pool, task.pool_slots) == (API_POOL, POOL_SLOTS_OF_A_ROSTER)


def test_rosters_are_read_of_the_courses_they_are_mapped_over_and_of_no_filter() -> None:
    task = roster_task(REQUEST.to_json(), endpoint="learners", courses=["7", "8"])
    assert task.output_path == REQUEST.output_path
    assert (task.courses, task.include, task.exclude) == (["7", "8"], None, None)


@pytest.mark.parametrize("may_defer", [True, False])
def test_lists_wait_in_the_worker_where_the_pool_does_not_count_deferred_tasks(*, may_defer: bool) -> None:
    task = roster_task(replace(REQUEST, may_defer=may_defer).to_json(), endpoint="courses")
    assert task.deferrable is may_defer


def test_a_run_that_was_asked_for_nothing_reads_no_list() -> None:
    with pytest.raises(AirflowFailException, match="the log of check_request says why"):
        roster_task(None, endpoint="courses")


class TestAWorkerThatDoesNotSeeTheRunsStaging:
    """Nothing is asked of Zoho."""

    WORDS = "the output path is not shared by all workers"

    def test_fetches_nothing(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AIRFLOW_CONN_ZOHO_PEOPLE_DEFAULT", CONNECTION_TO_NOBODY)
        unit = {"course": "1", "learner_id": "2", "entity_type": "files"}
        for item in (unit, {"planned": {"first": 0, "count": 5}}):
            task = RunFetchOperator(task_id="fetch", output_path=str(tmp_path), **item)  # type: ignore[arg-type]
            with pytest.raises(AirflowFailException, match=self.WORDS):
                task.execute(context())

    def test_reads_no_list(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AIRFLOW_CONN_ZOHO_PEOPLE_DEFAULT", CONNECTION_TO_NOBODY)
        task = roster_task(
            replace(REQUEST, output_path=str(tmp_path), include=()).to_json(), endpoint="courses"
        )
        with pytest.raises(AirflowFailException, match=self.WORDS):
            task.execute(context())
