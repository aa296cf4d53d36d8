""".env decides between the real Zoho People and the emulator."""

import json
from pathlib import Path

import pytest

from local_airflow import project, service
from local_airflow.problem import SettingsProblem

CONNECTION = {
    "conn_type": "zoho_people",
    "login": "id",
    "password": "hush",
    "extra": {"refresh_token": "hush"},
}


def written(folder: Path, *lines: str) -> Path:
    path = folder / ".env"
    path.write_text("\n".join(lines))
    return path


def with_connection(folder: Path, connection: object, *lines: str) -> Path:
    return written(folder, f"{service.CONNECTION}='{json.dumps(connection)}'", *lines)


def test_without_a_file_it_is_the_emulator(tmp_path: Path):
    assert not service.read(tmp_path / ".env").is_real


def test_a_file_without_the_connection_only_adds_settings(tmp_path: Path):
    found = service.read(written(tmp_path, "AIRFLOW__LOGGING__LOGGING_LEVEL=DEBUG"))
    assert not found.is_real
    assert found.env == {"AIRFLOW__LOGGING__LOGGING_LEVEL": "DEBUG"}


def test_a_connection_makes_it_real_and_names_what_to_fetch(tmp_path: Path):
    lines = (f'{service.COURSES}=\'["1", "2/3"]\'', f"{service.LEARNERS}='[\"4\"]'")
    found = service.read(with_connection(tmp_path, CONNECTION, *lines))
    assert found.is_real
    assert found.request() == {"courses": ["1", "2/3"], "learner_ids": ["4"]}


def test_extras_may_be_json_in_json_as_airflow_exports_them(tmp_path: Path):
    connection = CONNECTION | {"extra": json.dumps(CONNECTION["extra"])}
    assert service.read(with_connection(tmp_path, connection)).is_real


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"login": ""}, "no login"),
        ({"password": "<client secret>"}, "no password"),
        ({"extra": {}}, r"no extra\.refresh_token"),
        ({"extra": "hush"}, r"no extra\.refresh_token"),
    ],
)
def test_a_connection_that_can_not_work_is_refused_without_its_values(
    tmp_path: Path, changes: dict[str, object], said: str
):
    with pytest.raises(SettingsProblem, match=said) as caught:
        service.read(with_connection(tmp_path, CONNECTION | changes))
    assert "hush" not in str(caught.value)


def test_a_connection_that_is_no_json_is_refused_without_its_text(tmp_path: Path):
    with pytest.raises(SettingsProblem, match="must be JSON on one line") as caught:
        service.read(written(tmp_path, f"{service.CONNECTION}=zoho-people://id:hush@"))
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("value", ["1,2", "[1]", '"1"', "{}"])
def test_ids_that_are_no_list_of_texts_are_refused(tmp_path: Path, value: str):
    found = service.read(with_connection(tmp_path, CONNECTION, f"{service.COURSES}='{value}'"))
    with pytest.raises(SettingsProblem, match="COURSES must be a JSON list"):
        found.request()


def test_without_ids_everything_is_asked_for(tmp_path: Path):
    found = service.read(with_connection(tmp_path, CONNECTION))
    assert found.request() == {"courses": [], "learner_ids": []}


def test_the_example_is_refused_until_it_is_filled_in():
    with pytest.raises(SettingsProblem, match="no login"):
        service.read(project.ROOT / ".env.example")
