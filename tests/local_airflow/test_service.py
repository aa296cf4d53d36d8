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


def test_settings_of_airflow_may_stand_beside_the_emulator(tmp_path: Path):
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
    with pytest.raises(SettingsProblem, match="COURSES must be a JSON list"):
        service.read(with_connection(tmp_path, CONNECTION, f"{service.COURSES}='{value}'"))


def test_without_ids_everything_is_asked_for(tmp_path: Path):
    found = service.read(with_connection(tmp_path, CONNECTION))
    assert found.request() == {"courses": [], "learner_ids": []}


def test_the_example_is_refused_until_it_is_filled_in():
    with pytest.raises(SettingsProblem, match="no login"):
        service.read(project.ROOT / ".env.example")


OUTPUT_LINE = f"{service.OUTPUT}='/srv/real'"


@pytest.mark.parametrize(
    "line",
    [
        'AIRFLOW_CONN_ZOHO_PEOPLE_DEFUALT=\'{"login": "hush"}\'',
        'AIRFLOW_CON_ZOHO_PEOPLE_DEFAULT=\'{"login": "hush"}\'',
        'airflow_conn_zoho_people_default=\'{"login": "hush"}\'',
        'ZOHO_PEOPLE_DEFAULT=\'{"login": "hush"}\'',
        "AIRFLOW_CONN_AWS_DEFAULT='aws://hush'",
        "AWS_SECRET_ACCESS_KEY=hush",
        "AIRFLOW__SECRETS__BACKEND=hush",
    ],
)
def test_no_demo_runs_where_something_says_that_the_real_service_is_meant(tmp_path: Path, line: str):
    with pytest.raises(SettingsProblem, match="AIRFLOW_CONN_ZOHO_PEOPLE_DEFAULT") as caught:
        service.read(written(tmp_path, line, OUTPUT_LINE))
    assert "hush" not in str(caught.value)


def test_an_output_without_the_connection_is_refused(tmp_path: Path):
    with pytest.raises(
        SettingsProblem, match="is missing, though AIRFLOW_VAR_ZOHO_LEARNER_PROGRESS_OUTPUT is there"
    ):
        service.read(written(tmp_path, OUTPUT_LINE))


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("AIRFLOW_VAR_ZOHO_LEARNER_PROGRESS_OUTPT", "OUTPUT"),
        ("AIRFLOW_VAR_ZOHO_LEARNER_PROGRES_OUTPUT", "OUTPUT"),
        ("AIRFLOW_VARS_ZOHO_LEARNER_PROGRESS_COURSES", "COURSES"),
        ("AIRFLOW_VAR_ZOHOLEARNER_PROGRESS_LEARNERS", "LEARNERS"),
    ],
)
def test_a_misspelt_name_is_refused_with_the_one_that_is_meant(tmp_path: Path, name: str, meant: str):
    with pytest.raises(SettingsProblem, match=rf"{name} is not known here. Is \w+_{meant} meant"):
        service.read(with_connection(tmp_path, CONNECTION, f"{name}='x'"))


@pytest.mark.parametrize(
    "name",
    [
        "AIRFLOW_CONN_AWS_DEFAULT",
        "AIRFLOW_VAR_OTHER",
        "AIRFLOW__ZOHO_PEOPLE__ALLOWED_HOSTS",
        "AWS_PROFILE",
        "GOOGLE_CLOUD_PROJECT",
    ],
)
def test_what_airflow_and_object_stores_know_is_known(tmp_path: Path, name: str):
    assert name in service.read(with_connection(tmp_path, CONNECTION, f"{name}=x")).env


def test_an_output_that_depends_on_where_a_task_runs_is_refused(tmp_path: Path):
    with pytest.raises(SettingsProblem, match="OUTPUT must be an absolute path or a URL"):
        service.read(with_connection(tmp_path, CONNECTION, f"{service.OUTPUT}=data/real"))
