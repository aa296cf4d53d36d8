"""What the stack gives to its Airflow."""

from pathlib import Path

import pytest

from local_airflow import login, project, stack
from local_airflow.secrets_file import Secrets
from local_airflow.service import CONNECTION, Service

ROOTS = "AIRFLOW__ZOHO_PEOPLE__ALLOWED_ROOTS"


def environment(service: Service, home: Path) -> dict[str, str]:
    """Of a component, as the stack in *home* would start it."""
    airflow = stack._airflow(8123, None if service.is_real else 8124, service, home=home)
    return airflow.configuration.environment(Secrets("fernet", "jwt", "api"), airflow._env, airflow.login)


def test_without_a_login_runs_keep_to_where_make_run_writes(tmp_path: Path):
    service = Service({})
    assert environment(service, tmp_path)[ROOTS] == stack._output_path(service) == str(project.DATA)


def test_roots_of_the_users_own_go_before(tmp_path: Path):
    assert environment(Service({ROOTS: "/srv/zoho"}), tmp_path)[ROOTS] == "/srv/zoho"


def test_without_a_login_no_component_has_a_cloud_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush")
    assert "AWS_SECRET_ACCESS_KEY" not in environment(Service({}), tmp_path)


def test_with_a_login_the_users_shell_and_variables_say_where_data_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush")
    found = environment(Service({CONNECTION: "{}"}), tmp_path)
    assert ROOTS not in found
    assert found["AWS_SECRET_ACCESS_KEY"] == "hush"
    assert login.path_in(tmp_path).exists()
