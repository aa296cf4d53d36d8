"""What of the caller's environment reaches the components."""

from local_airflow import environment

SHELL = {
    "LANG": "C.UTF-8",
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
    "https_proxy": "http://proxy:3128",
    "REQUESTS_CA_BUNDLE": "/ca.pem",
    "SSL_CERT_FILE": "/ca.pem",
    "GITHUB_TOKEN": "hush",
    "DATABASE_URL": "postgres://u:hush@h/d",
    "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
    "AIRFLOW_CONN_ZOHO_PEOPLE_DEFAULT": "hush",
    "AIRFLOW_HOME": "/elsewhere",
    "LOCAL_AIRFLOW_HOME": "/elsewhere",
    "PYTHONPATH": "/elsewhere",
    "PYTHONWARNINGS": "error",
    "VIRTUAL_ENV": "/elsewhere",
}
CLOUD = {
    "AWS_ACCESS_KEY_ID": "key",
    "AZURE_CLIENT_SECRET": "hush",
    "GOOGLE_APPLICATION_CREDENTIALS": "/key.json",
    "CLOUDSDK_CONFIG": "/gcloud",
}
PASSES = {"LANG", "LC_ALL", "TZ", "https_proxy", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"}
SET = {"PATH", "NO_PROXY", "no_proxy"}


def test_no_secret_of_the_shell_and_no_setting_of_another_airflow_or_python_gets_in():
    assert environment.for_airflow(SHELL).keys() == PASSES | SET


def test_object_stores_find_their_credentials():
    assert environment.for_airflow(SHELL | CLOUD).keys() == PASSES | SET | CLOUD.keys()


def test_the_emulator_gets_no_credentials_at_all():
    assert environment.for_emulator(SHELL | CLOUD).keys() == PASSES | SET


def test_loopback_stays_out_of_a_proxy_beside_what_the_user_excluded():
    found = environment.for_airflow({"no_proxy": "example.com"})
    assert found["no_proxy"] == "example.com,127.0.0.1,localhost"
