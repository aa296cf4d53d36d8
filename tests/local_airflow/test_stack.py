"""What the stack gives to its Airflow."""

from pathlib import Path

import pytest

from local_airflow import login, project, stack
from local_airflow.secrets_file import Secrets
from local_airflow.service import CONNECTION, Service

ROOTS = "AIRFLOW__ZOHO_PEOPLE__ALLOWED_ROOTS"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(project, "HOME", tmp_path)
    return tmp_path


def environment(service: Service) -> dict[str, str]:
    """Of a component, as the stack would start it."""
    airflow = stack._airflow(8123, None if service.is_real else 8124, service)
    return airflow.configuration.environment(Secrets("fernet", "jwt", "api"), airflow._env, airflow.login)


def test_without_a_login_runs_keep_to_where_make_run_writes():
    service = Service({})
    assert environment(service)[ROOTS] == stack._output_path(service) == str(project.DATA)


def test_roots_of_the_users_own_go_before():
    assert environment(Service({ROOTS: "/srv/zoho"}))[ROOTS] == "/srv/zoho"


def test_without_a_login_no_component_has_a_cloud_key(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush")
    assert "AWS_SECRET_ACCESS_KEY" not in environment(Service({}))


def test_with_a_login_the_users_shell_and_variables_say_where_data_goes(
    home: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush")
    found = environment(Service({CONNECTION: "{}"}))
    assert ROOTS not in found
    assert found["AWS_SECRET_ACCESS_KEY"] == "hush"
    assert login.path_in(home).exists()
