from __future__ import annotations

from pathlib import Path

import pytest
from airflow.sdk import ObjectStoragePath
from airflow.sdk.exceptions import AirflowFailException

from tests.helpers.fakes import CONNECTION_TO_NOBODY, context
from zoho_people.configuration.roots import allowed_roots, refuse_outside, storage_path
from zoho_people.operators.learner_progress import ZohoLearnerProgressOperator
from zoho_people.operators.lists import ZohoListOperator
from zoho_people.storage.location import InvalidLocation, Location

NAME = "AIRFLOW__ZOHO_PEOPLE__ALLOWED_ROOTS"


def test_the_deployers_roots_are_a_list_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, " /data/zoho , s3://aws_default@bucket/x/../zoho ,")
    assert list(map(str, allowed_roots())) == ["/data/zoho", "s3://aws_default@bucket/zoho"]
    monkeypatch.setenv(NAME, "")
    assert allowed_roots() == ()


def test_one_root_of_several_is_enough() -> None:
    roots = [Location.parse("/a"), Location.parse("/b")]
    refuse_outside(Location.parse("/b/x"), roots)
    with pytest.raises(InvalidLocation, match=r"'/c' is outside of where .* \(/a, /b\)"):
        refuse_outside(Location.parse("/c"), roots)


@pytest.mark.parametrize(
    "name", ["learner_progress", "coverage", "courses", "learners", "_staging", "_state"]
)
def test_no_root_opens_the_folders_of_a_dataset_below_it(name: str) -> None:
    root = Location.parse("/data")
    with pytest.raises(InvalidLocation, match="within a dataset's own folders"):
        refuse_outside(Location.parse(f"/data/{name}/x"), [root])
    refuse_outside(Location.parse(f"/data/{name}/x"), [root, Location.parse(f"/data/{name}")])


def test_without_roots_a_path_of_a_dags_author_is_used_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(NAME, raising=False)
    assert str(storage_path("memory://anything/x")) == "memory://anything/x"
    given = ObjectStoragePath("s3://bucket/x", conn_id="aws_default", profile="mine")
    assert (storage_path(given).conn_id, storage_path(given)) == ("aws_default", given)


def test_with_roots_a_path_is_looked_at_whenever_it_is_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(NAME, str(tmp_path / "data"))
    (tmp_path / "data").mkdir()
    assert storage_path(f"{tmp_path}/data/./x").path == f"{tmp_path}/data/x"
    (tmp_path / "data" / "x").symlink_to(tmp_path)
    for outside in (f"{tmp_path}/data/x", "ftp://host/x", "data"):
        with pytest.raises(AirflowFailException):
            storage_path(outside)


@pytest.mark.parametrize("kind", ["units", "lists"])
def test_the_operators_of_any_dag_keep_to_the_roots(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str
) -> None:
    monkeypatch.setenv(NAME, str(tmp_path / "data"))
    monkeypatch.setenv("AIRFLOW_CONN_ZOHO_PEOPLE_DEFAULT", CONNECTION_TO_NOBODY)
    output_path = str(tmp_path / "elsewhere")
    task = (
        ZohoLearnerProgressOperator(
            task_id="x", course="1", learner_id="2", entity_type="files", output_path=output_path
        )
        if kind == "units"
        else ZohoListOperator(task_id="x", endpoint="courses", output_path=output_path)
    )
    with pytest.raises(AirflowFailException, match=r"elsewhere' is outside .* \[zoho_people\] allowed_roots"):
        task.execute(context())
    assert not (tmp_path / "elsewhere").exists()
