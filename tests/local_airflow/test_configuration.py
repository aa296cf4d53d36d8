"""The environment of Airflow's components."""

from pathlib import Path

import pytest

from local_airflow.configuration import MARKER, Configuration
from local_airflow.login import Login
from local_airflow.secrets_file import Secrets, load_or_make

SECRETS = Secrets("fernet", "jwt", "api")


def environment(
    home: Path, extra: dict[str, str] | None = None, *, follows_schedules: bool = False
) -> dict[str, str]:
    configuration = Configuration(home, 8123, 8, home / "dags", follows_schedules)
    return configuration.environment(SECRETS, extra or {})


def test_sqlite_waits_long_for_a_lock(tmp_path: Path):
    url = environment(tmp_path)["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]
    assert url == f"sqlite:///{tmp_path}/airflow.db?timeout=90"


def test_the_api_server_waits_for_a_lock_for_less_than_tasks_ask_again(tmp_path: Path):
    configuration = Configuration(tmp_path, 8123, 8, tmp_path / "dags")
    url = f"sqlite:///{tmp_path}/airflow.db?timeout=10"
    assert configuration.own("api-server") == {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": url}
    assert configuration.own("scheduler") == {}


def test_the_server_listens_on_this_machine_only(tmp_path: Path):
    found = environment(tmp_path)
    assert found["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert found["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://127.0.0.1:8123/execution/"


def test_the_instances_own_settings_win_over_extra_ones_and_others_are_added(tmp_path: Path):
    found = environment(tmp_path, {"AIRFLOW_HOME": "/elsewhere", "AIRFLOW__LOGGING__LOGGING_LEVEL": "DEBUG"})
    assert found["AIRFLOW_HOME"] == found[MARKER] == str(tmp_path)
    assert found["AIRFLOW__LOGGING__LOGGING_LEVEL"] == "DEBUG"


def test_how_often_workers_report_and_how_many_answer_them_may_be_told(tmp_path: Path):
    name = "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL"
    assert environment(tmp_path)[name] == "1"
    assert environment(tmp_path, {name: "5"})[name] == "5"


@pytest.mark.parametrize("follows", [True, False])
def test_schedules_are_followed_only_on_request(tmp_path: Path, follows: bool):
    found = environment(tmp_path, follows_schedules=follows)
    assert found["AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE"] == str(follows)


def test_keys_are_made_once_and_only_their_owner_reads_them(tmp_path: Path):
    path = tmp_path / "secrets.json"
    made = load_or_make(path)
    assert load_or_make(path) == made
    assert path.stat().st_mode & 0o777 == 0o600
    assert made.fernet_key not in repr(made)


def test_without_a_login_everybody_here_is_admin_and_with_one_nobody_else(tmp_path: Path):
    configuration = Configuration(tmp_path, 8123, 8, tmp_path / "dags")
    without = configuration.environment(SECRETS, {})
    found = configuration.environment(SECRETS, {}, Login("ada", "hush"))
    assert without["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS"] == "True"
    assert found["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS"] == "False"
    assert found["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS"] == "ada:admin"


def test_without_a_login_no_credentials_of_the_callers_get_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    cloud = {
        "AWS_SECRET_ACCESS_KEY",
        "AZURE_CLIENT_SECRET",
        "CLOUDSDK_CONFIG",
        "GOOGLE_APPLICATION_CREDENTIALS",
    }
    for name in cloud:
        monkeypatch.setenv(name, "hush")
    configuration = Configuration(tmp_path, 8123, 8, tmp_path / "dags")
    assert not cloud & configuration.environment(SECRETS, {}).keys()
    assert cloud <= configuration.environment(SECRETS, {}, Login("ada", "hush")).keys()


def test_a_token_from_before_the_login_or_of_another_password_opens_nothing(tmp_path: Path):
    configuration = Configuration(tmp_path, 8123, 8, tmp_path / "dags")
    users = (None, Login("ada", "hush"), Login("ada", "other"))
    keys = {configuration.environment(SECRETS, {}, user)["AIRFLOW__API_AUTH__JWT_SECRET"] for user in users}
    assert len(keys) == 3


@pytest.mark.parametrize(
    "name", ["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS", "AIRFLOW__CORE__AUTH_MANAGER"]
)
def test_env_files_can_not_open_what_the_login_closes(tmp_path: Path, name: str):
    configuration = Configuration(tmp_path, 8123, 8, tmp_path / "dags")
    user = Login("ada", "hush")
    assert (
        configuration.environment(SECRETS, {name: "True"}, user)[name]
        == configuration.environment(SECRETS, {}, user)[name]
    )


def test_connections_can_be_tested(tmp_path: Path):
    assert environment(tmp_path)["AIRFLOW__CORE__TEST_CONNECTION"] == "Enabled"


def test_temporary_files_go_into_the_instances_home(tmp_path: Path):
    assert environment(tmp_path)["TMPDIR"] == str(tmp_path / "tmp")
