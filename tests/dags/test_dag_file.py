from __future__ import annotations

import json
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk import DAG, Asset, TriggerRule
from airflow.sdk.api.datamodels._generated import DagRunType
from airflow.sdk.exceptions import ParamValidationError
from pydantic import ValidationError

from tests.helpers.dag_files import ROOT, dag_of
from zoho_people.assets.datasets import outlets_of
from zoho_people.model.run_tasks import COUNTED
from zoho_people.operators.learner_progress import MAP_INDEX_TEMPLATE
from zoho_people.operators.retry import ZohoRetryPolicy
from zoho_people.steps.run_params import DEFAULTS, RunParams
from zoho_people.storage.location import LONGEST
from zoho_people.zoho.errors import TemporaryFailure

DAG_FILE = ROOT / "dags" / "zoho_learner_progress.py"


@pytest.fixture(scope="module")
def dag() -> DAG:
    return dag_of(DAG_FILE)


def test_the_dag_runs_daily_and_never_for_days_gone_by(dag: DAG) -> None:
    assert dag.dag_id == "zoho_learner_progress"
    assert dag.schedule == "@daily"
    assert dag.catchup is False


def test_a_backfill_is_not_offered_since_zoho_tells_only_the_present(dag: DAG) -> None:
    assert dag.allowed_run_types is not None
    assert set(DagRunType) - dag.allowed_run_types == {DagRunType.BACKFILL}


@pytest.mark.parametrize("task_id", ["check_request", "needs_rosters", "plan", "publish", "report"])
def test_no_log_ends_with_what_the_step_returned(dag: DAG, task_id: str) -> None:
    step: Any = dag.get_task(task_id)
    assert step.show_return_value_in_logs is False


def test_several_runs_may_be_active(dag: DAG) -> None:
    assert dag.max_active_runs > 1


def test_more_tasks_may_be_active_than_the_pool_has_slots(dag: DAG) -> None:
    assert dag.max_active_tasks > 30


SENDERS = ("list_courses", "read_rosters", "fetch")
"""The tasks that send requests."""


def test_the_flow_is_check_rosters_plan_fetch_publish_report(dag: DAG) -> None:
    assert {task.task_id: task.downstream_task_ids for task in dag.tasks} == {
        "check_request": {"needs_rosters"},
        "needs_rosters": {"list_courses"},
        "list_courses": {"read_rosters"},
        "read_rosters": {"plan"},
        "plan": {"fetch"},
        "fetch": {"publish"},
        "publish": {"report"},
        "report": set(),
    }


def options(dag: DAG, task_id: str) -> Any:
    """The operator's options, whether it is mapped or not."""
    task: Any = dag.get_task(task_id)
    return SimpleNamespace(**task.partial_kwargs) if task.is_mapped else task


@pytest.mark.parametrize("task_id", SENDERS)
def test_who_sends_requests_is_in_their_pool(dag: DAG, task_id: str) -> None:
    assert dag.get_task(task_id).pool == "zoho_people_api"
    assert options(dag, task_id).zoho_people_conn_id == "zoho_people_default"


@pytest.mark.parametrize("task_id", SENDERS)
def test_publishing_enters_the_requests_since_a_variable_for_each_task_would_be_many(
    dag: DAG, task_id: str
) -> None:
    assert options(dag, task_id).counted_by_run is True
    assert task_id in dict(COUNTED)


def test_a_roster_task_holds_several_slots_and_a_fetch_one(dag: DAG) -> None:
    slots = {task_id: getattr(options(dag, task_id), "pool_slots", 1) for task_id in SENDERS}
    assert slots == {"list_courses": 5, "read_rosters": 5, "fetch": 1}


def test_the_mapped_tasks_are_named_in_the_grid(dag: DAG) -> None:
    for task_id in ("fetch", "read_rosters"):
        assert options(dag, task_id).map_index_template == MAP_INDEX_TEMPLATE


def test_the_fetches_are_mapped_over_the_plan_and_the_rosters_over_the_courses(dag: DAG) -> None:
    fetch: Any = dag.get_task("fetch")
    rosters: Any = dag.get_task("read_rosters")
    assert fetch.is_mapped
    assert fetch.expand_input.value.operator.task_id == "plan"
    assert rosters.expand_input.value["courses"].operator.task_id == "list_courses"
    assert "output_path" not in fetch.partial_kwargs  # it comes with the plan


def test_no_task_has_a_value_that_airflow_would_render(dag: DAG) -> None:
    for task in dag.tasks:
        if task.is_mapped:
            assert list(task.template_fields) == []
        else:
            assert not any(getattr(task, field) for field in task.template_fields)


def test_a_task_that_is_only_to_be_skipped_waits_for_no_slot_of_the_pool_of_requests(dag: DAG) -> None:
    needs: Any = dag.get_task("needs_rosters")
    assert needs.pool == "default_pool"
    assert needs.ignore_downstream_trigger_rules is False


def test_a_fetch_is_tried_again_as_its_error_says(dag: DAG) -> None:
    fetch: Any = dag.get_task("fetch")
    assert isinstance(fetch.retry_policy, ZohoRetryPolicy)
    assert fetch.retries == 8


def test_all_retries_together_outlast_an_outage_of_some_minutes_and_no_day(dag: DAG) -> None:
    fetch: Any = dag.get_task("fetch")
    delays = [
        fetch.retry_policy.evaluate(TemporaryFailure("x"), number, 9).retry_delay
        for number in range(1, fetch.retries + 1)
    ]
    assert timedelta(minutes=10) < sum(delays, timedelta()) < timedelta(hours=2)


def test_the_dag_can_be_stored_with_its_retry_policy(dag: DAG) -> None:
    from airflow.serialization.serialized_objects import DagSerialization

    stored = json.dumps(DagSerialization.to_dict(dag))
    again: Any = DagSerialization.from_dict(json.loads(stored))
    assert again.get_task("fetch").has_retry_policy
    assert not again.get_task("publish").has_retry_policy


def test_publishing_is_done_by_one_at_a_time_even_after_failures(dag: DAG) -> None:
    publish: Any = dag.get_task("publish")
    assert publish.pool == "zoho_people_publish"
    assert publish.trigger_rule == TriggerRule.ALL_DONE
    assert dag.get_task("report").trigger_rule == TriggerRule.ALL_DONE
    assert dag.get_task("plan").trigger_rule == TriggerRule.NONE_FAILED
    assert publish.outlets == outlets_of("zoho_learner_progress")
    assert Asset("zoho_learner_progress") in publish.outlets


def test_a_step_whose_worker_is_lost_is_tried_again(dag: DAG) -> None:
    assert all(dag.get_task(step).retries > 0 for step in ("check_request", "plan", "publish", "report"))


def test_every_task_has_a_delay_between_tries(dag: DAG) -> None:
    assert all(task.retry_delay >= timedelta(seconds=1) for task in dag.tasks)


def test_the_defaults_are_valid(dag: DAG) -> None:
    dag.params.validate()
    assert dag.params.dump() == DEFAULTS


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("courses", ["100002000000039001", "100002000000039001/100002000000040002"]),
        ("learner_ids", ["100002000000045011"]),
        ("entity_types", ["files"]),
        ("entity_types", []),
        ("output_path", "/data"),
        ("output_path", "s3://bucket/zoho"),
        ("output_path", ""),
        ("roster_file", "/data/roster.csv"),
        ("include", ["name:Safety*", "type:blended", "5"]),
        ("refresh", "full"),
        ("units_per_task", None),
        ("units_per_task", 50),
        ("dry_run", True),
    ],
)
def test_a_param_takes_what_it_should(dag: DAG, name: str, value: object) -> None:
    assert dag.params.get_param(name).resolve(value) == value
    RunParams.model_validate({name: value})  # as the run's first task does


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("courses", "100002000000039001"),
        ("courses", [100002000000039001]),
        ("courses", ["course"]),
        ("courses", ["1/2/3"]),
        ("learner_ids", ["1/2"]),
        ("learner_ids", [""]),
        ("entity_types", ["file"]),
        ("entity_types", "files"),
        ("output_path", 5),
        ("output_path", ["/data"]),
        ("output_path", "/" + "x" * LONGEST),
        ("roster_file", "/" + "x" * LONGEST),
        ("courses", ["1"] * 1_001),
        ("courses", ["1" * 66]),
        ("learner_ids", ["1"] * 10_001),
        ("learner_ids", ["1" * 40]),
        ("include", ["name:x"] * 201),
        ("exclude", ["name:" + "x" * 200]),
        ("entity_types", ["files"] * 51),
        ("refresh", "some"),
        ("full_every_days", 0),
        ("units_per_task", 0),
        ("dry_run", "yes"),
        ("skip_absent_types", None),
    ],
)
def test_a_param_refuses_what_it_cannot_take(dag: DAG, name: str, value: object) -> None:
    with pytest.raises(ParamValidationError):
        dag.params.get_param(name).resolve(value)
    with pytest.raises(ValidationError):
        RunParams.model_validate({name: value})


def test_the_ui_explains_the_dag(dag: DAG) -> None:
    assert dag.doc_md
    for word in ("zoho_people_api", "zoho_learner_progress_courses", "zoho_learner_progress_learners"):
        assert word in dag.doc_md


def test_a_run_is_over_before_the_next_day_of_it(dag: DAG) -> None:
    assert dag.dagrun_timeout == timedelta(hours=23)


def test_no_two_runs_plan_with_the_same_requests_of_the_day(dag: DAG) -> None:
    plan: Any = dag.get_task("plan")
    assert (plan.pool, plan.pool_slots) == ("zoho_people_publish", 1)


def test_what_may_be_empty_is_not_marked_as_required(dag: DAG) -> None:
    may_be_empty = [
        name for name, default in DEFAULTS.items() if default in (None, []) or name == "entity_types"
    ]
    assert [name for name in may_be_empty if "null" not in dag.params.get_param(name).schema["type"]] == []


def test_every_param_has_a_title_and_a_description_shown_as_markdown(dag: DAG) -> None:
    assert set(dag.params) == set(DEFAULTS)
    for name in dag.params:
        schema = dag.params.get_param(name).schema
        assert schema["title"], name
        assert schema["description_md"], name
        assert "description" not in schema
