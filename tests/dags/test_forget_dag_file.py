from __future__ import annotations

import pytest
from airflow.sdk import DAG
from airflow.sdk.exceptions import ParamValidationError

from tests.helpers.dag_files import ROOT, dag_of

DAG_FILE = ROOT / "dags" / "zoho_learner_progress_forget.py"


@pytest.fixture(scope="module")
def dag() -> DAG:
    return dag_of(DAG_FILE)


def test_it_runs_by_hand_only_and_one_at_a_time(dag: DAG) -> None:
    assert dag.dag_id == "zoho_learner_progress_forget"
    assert dag.schedule is None
    assert dag.max_active_runs == 1


def test_its_task_keeps_publishing_out_and_is_tried_again(dag: DAG) -> None:
    [task] = dag.tasks
    assert (task.task_id, task.pool) == ("forget", "zoho_people_publish")
    assert task.retries == 5


@pytest.mark.parametrize(
    ("name", "value"),
    [("learner_ids", ["Ada"]), ("learner_ids", "100"), ("look", "yes"), ("undo", None), ("output_path", 3)],
)
def test_a_param_refuses_what_it_cannot_take(dag: DAG, name: str, value: object) -> None:
    with pytest.raises(ParamValidationError):
        dag.params.get_param(name).resolve(value)


def test_the_ids_reach_no_field_that_airflow_renders(dag: DAG) -> None:
    [task] = dag.tasks
    rendered = [getattr(task, name) for name in task.template_fields]
    assert "learner_ids" not in repr(rendered)
