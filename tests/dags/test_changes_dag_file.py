from __future__ import annotations

from typing import Any

import pytest
from airflow.sdk import DAG, Asset
from airflow.sdk.exceptions import ParamValidationError

from tests.helpers.dag_files import ROOT, dag_of
from zoho_people import learner_progress_changes_dag
from zoho_people.assets.datasets import dataset_alias
from zoho_people.dags.keywords import InvalidKeyword

DAG_FILE = ROOT / "dags" / "zoho_learner_progress_changes.py"


@pytest.fixture(scope="module")
def dag() -> DAG:
    return dag_of(DAG_FILE)


def test_it_starts_when_a_run_has_published_and_one_at_a_time(dag: DAG) -> None:
    assert dag.dag_id == "zoho_learner_progress_changes"
    assert dag.schedule == [Asset("zoho_learner_progress")]
    assert (dag.max_active_runs, dag.catchup) == (1, False)


def test_its_task_keeps_publishing_out_is_tried_again_and_tells_of_its_dataset(dag: DAG) -> None:
    [task] = dag.tasks
    assert (task.task_id, task.pool, task.retries) == ("compare", "zoho_people_publish", 5)
    assert task.outlets == [dataset_alias("zoho_learner_progress_changes", "changes")]


def test_each_organisation_has_its_own() -> None:
    dag = learner_progress_changes_dag(
        dag_id="zoho_eu_changes",
        progress_dag_id="zoho_eu",
        publish_pool="zoho_people_eu_publish",
        output_path="/data/eu",
        tags=["eu"],
    )
    [task] = dag.tasks
    assert dag.schedule == [Asset("zoho_eu")]
    assert (task.pool, dag.tags) == ("zoho_people_eu_publish", {"eu"})
    described = dag.params.get_param("output_path").schema["description_md"]
    assert "**zoho_eu_output**" in described
    assert "/data/eu" in described
    assert "`zoho_people_eu_publish`" in str(dag.doc_md)
    assert "`zoho_eu`" in str(dag.doc_md)


@pytest.mark.parametrize(
    ("keywords", "why"),
    [
        ({"dag_id": "zoho changes"}, "dag_id='zoho changes' can't be: use letters"),
        ({"progress_dag_id": ""}, "progress_dag_id='' can't be: use letters"),
        ({"dag_id": "zoho_learner_progress"}, "dag_id='zoho_learner_progress' can't be: it is the DAG that"),
        ({"publish_pool": "default_pool"}, "publish_pool='default_pool' can't be: tasks of every DAG"),
        ({"output_path": "data"}, "output_path='data' can't be"),
        ({"tags": "eu"}, "tags='eu' can't be: write a list of texts"),
    ],
)
def test_a_keyword_that_cannot_be_is_named_with_value_and_cure(keywords: dict[str, Any], why: str) -> None:
    with pytest.raises(InvalidKeyword) as error:
        learner_progress_changes_dag(**{"dag_id": "zoho_changes", **keywords})
    assert str(error.value).startswith(why)


@pytest.mark.parametrize(("name", "value"), [("snapshot_date", 20261123), ("output_path", 3)])
def test_a_param_refuses_what_it_cannot_take(dag: DAG, name: str, value: object) -> None:
    with pytest.raises(ParamValidationError):
        dag.params.get_param(name).resolve(value)


def test_nothing_that_a_person_typed_reaches_a_field_that_airflow_renders(dag: DAG) -> None:
    [task] = dag.tasks
    assert not any(getattr(task, field) for field in task.template_fields)
