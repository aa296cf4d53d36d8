"""The wheel as it is installed: what is in it, and what an Airflow with it has."""

from __future__ import annotations

import email
import json
import os
import re
import subprocess
import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from local_airflow.emulator import LocalEmulator
from tests.emulated.journey import CLIENT_SECRET, REFRESH_TOKEN, Journey, comparable, truth_of
from zoho_people import __version__

ROOT = Path(__file__).parents[1]
DISTRIBUTION = "airflow-provider-zoho-people"
LOOK = """
import json, zoho_people
from importlib.util import find_spec
from airflow.plugins_manager import get_import_errors, get_plugin_info
from airflow.providers_manager import ProvidersManager
from airflow.sdk.configuration import conf
from zoho_people.configuration.deployment import option_text
from zoho_people.example_dags.zoho_learner_progress import dag
from zoho_people.hooks.zoho_people import ZohoLearnerProgressHook
from zoho_people.operators.learner_progress import ZohoLearnerProgressOperator
from zoho_people.operators.lists import ZohoListOperator
from zoho_people.steps.dag_names import PROJECT_DATA

manager = ProvidersManager()
options = conf.configuration_description["zoho_people"]["options"]
print(json.dumps({
    "beside": [name for name in ("playwright", "supervisor", "pytest") if find_spec(name)],
    "place": zoho_people.__path__[0],
    "version": zoho_people.__version__,
    "hook": manager.hooks["zoho_people"].hook_class_name,
    "options": {name: option_text(name) for name in options},
    "plugins": [plugin["name"] for plugin in get_plugin_info()],
    "plugin_errors": get_import_errors(),
    "output": PROJECT_DATA,
}))
"""

COMMANDS = """
import io, json, os, shlex, sys
from contextlib import redirect_stdout
os.environ["_AIRFLOW_PROCESS_CONTEXT"] = "server"  # as the command `airflow` does
from airflow.cli.cli_parser import get_parser

def shown(command):
    with redirect_stdout(io.StringIO()) as output:
        arguments = get_parser().parse_args(shlex.split(command))
        arguments.func(arguments)
    return output.getvalue()

print(json.dumps([shown(command) for command in sys.argv[1:]]))
"""
"""Airflow's own commands, all in one process: to start one takes seconds."""

DAG_FILE = """
from zoho_people import learner_progress_dag  # a DAG of Airflow

learner_progress_dag(
    dag_id="zoho_eu", conn_id="zoho_people_eu", pool="zoho_people_eu_api",
    schedule="@daily", output_path="{output}",
)
"""
WINDOW_S = 5.0
"""Tasks wait for it one after the other."""

UV = (sys.executable, "-m", "uv")

pytestmark = [
    pytest.mark.component,
    pytest.mark.skipif(
        not os.environ.get("CI") and find_spec("hatchling") is None,
        reason="`make venv-test` installs what builds it",
    ),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("wheel")


@pytest.fixture(scope="module")
def wheel(folder: Path) -> Path:
    """Built from the source distribution, as a package index's users would."""
    _run(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", str(folder), cwd=ROOT)
    (source,) = folder.glob("*.tar.gz")
    _run(sys.executable, "-m", "tarfile", "-e", str(source), str(folder), cwd=folder)
    (unpacked,) = folder.glob("airflow_provider_zoho_people-*/")
    _run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder), cwd=unpacked)
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def airflow(wheel: Path, folder: Path) -> Path:
    """The Python of an Airflow as it comes, with the wheel and what the wheel asks for: nothing else is there."""
    venv = folder / "venv"
    python = venv / "bin" / "python"
    _run(*UV, "venv", "--quiet", "--python", sys.executable, str(venv))
    tested = ["--constraint", str(ROOT / "constraints.txt")]
    _run(*UV, "pip", "install", "--quiet", "--python", str(python), *tested, "apache-airflow", str(wheel))
    return python


@pytest.fixture(scope="module")
def told(airflow: Path, folder: Path) -> dict[str, str]:
    """What Airflow's commands say, in their order, where there is a DAG, and `plugins/` lies beside the wheel."""
    dags = folder / "home" / "dags"
    dags.mkdir(parents=True)
    (dags / "zoho_eu.py").write_text(DAG_FILE.format(output=folder / "data"))
    commands = [
        "db migrate",
        "pools set zoho_people_eu_api 30 EU --include-deferred",
        "pools set zoho_people_publish 1 EU",
        "dags reserialize",
        f"providers get {DISTRIBUTION} --output json",
        "plugins --output json",
        "dags list-import-errors --output json",
        "dags list --output json",
    ]
    shown = _airflow(airflow, folder, "-c", COMMANDS, *commands, plugins=ROOT / "plugins")
    return dict(zip(commands, json.loads(shown.splitlines()[-1]), strict=True))


def test_the_wheel_has_the_package_its_example_dags_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as file:
        names = file.namelist()
    source = ROOT / "plugins"
    files = (path for path in source.glob("zoho_people/**/*") if path.is_file())
    package = {str(path.relative_to(source)) for path in files if path.suffix != ".pyc"}
    dags = {f"zoho_people/example_dags/{path.name}" for path in (ROOT / "dags").glob("*.py")}
    assert {name for name in names if ".dist-info/" not in name} == package | dags


def test_the_metadata_name_every_licence_of_what_is_in_the_wheel(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as file:
        names = file.namelist()
        (metadata,) = (name for name in names if name.endswith(".dist-info/METADATA"))
        told = email.message_from_bytes(file.read(metadata))
    assert told["License-Expression"] == "Apache-2.0 AND BSD-3-Clause AND 0BSD"
    brought = {name for name in names if re.search(r"/vendor/\w+/(LICENSE|NOTICE)", name)}
    vendored = {name for name in brought if ".dist-info/" not in name}
    assert {Path(name).name for name in vendored} == {"LICENSE", "LICENSE-d3", "LICENSE-zrender", "NOTICE"}
    assert set(told.get_all("License-File", [])) == {"LICENSE", *(f"plugins/{name}" for name in vendored)}
    assert len(brought) == 2 * len(vendored)


def test_an_airflow_with_the_wheel_has_provider_hook_options_dag_and_one_plugin(
    airflow: Path, folder: Path
) -> None:
    """With nothing of this project but the wheel; what `plugins/` beside it changes shows in the commands."""
    seen = json.loads(_airflow(airflow, folder, "-c", LOOK).splitlines()[-1])
    assert Path(seen["place"]).is_relative_to(folder / "venv")
    assert seen["beside"] == []
    assert seen["version"] == __version__
    assert seen["hook"] == "zoho_people.hooks.zoho_people.ZohoLearnerProgressHook"
    assert "allowed_roots" in seen["options"]
    assert set(seen["options"].values()) == {""}
    assert seen["output"] == ""
    assert seen["plugins"] == ["zoho_people"]
    assert seen["plugin_errors"] == {}


def test_airflows_commands_name_provider_plugin_and_dag_and_no_import_error(told: dict[str, str]) -> None:
    (provider,) = json.loads(told[f"providers get {DISTRIBUTION} --output json"])
    assert provider == {"Provider": DISTRIBUTION, "Version": __version__}
    (plugin,) = json.loads(told["plugins --output json"])
    assert plugin["source"].startswith(f"{DISTRIBUTION}=={__version__}")
    assert told["dags list-import-errors --output json"].strip() in {"[]", "No data found"}
    assert [dag["dag_id"] for dag in json.loads(told["dags list --output json"])] == ["zoho_eu"]


@pytest.mark.usefixtures("told")
def test_a_dag_in_five_lines_fetches_what_zoho_has(airflow: Path, folder: Path) -> None:
    """By ``airflow dags test``, which is ``dag.test()``: it knows no pools and goes on in the same process."""
    with LocalEmulator(courses=1, learners=1, seed=7, threshold=30, window_seconds=WINDOW_S) as emulator:
        (course,) = emulator.control.organisation()["courses"]
        asked = {
            "courses": [course["course_id"]],
            "learner_ids": course["learner_ids"],
            "entity_types": ["files", "links"],
        }
        run = ["-m", "airflow", "dags", "test", "zoho_eu", "--conf", json.dumps(asked)]
        _airflow(airflow, folder, *run, AIRFLOW_CONN_ZOHO_PEOPLE_EU=_connection(emulator.url))
        zoho = Journey(None, emulator, folder / "data", window_s=WINDOW_S, threshold=30)  # type: ignore[arg-type]
        assert comparable(zoho.rows()) == truth_of(zoho, course["course_id"], asked["entity_types"])
        assert len(zoho.arrivals()) == 2
    assert sorted(path.name for path in (folder / "data").iterdir() if not path.name.startswith("_")) == [
        "coverage",
        "learner_progress",
    ]


def _connection(url: str) -> str:
    extra = {"refresh_token": REFRESH_TOKEN, "accounts_url": url, "window_seconds": WINDOW_S}
    fields = {"conn_type": "zoho_people", "host": url, "login": "emulated-client-id"}
    return json.dumps({**fields, "password": CLIENT_SECRET, "extra": extra})


def _airflow(python: Path, folder: Path, *arguments: str, plugins: Path | None = None, **more: str) -> str:
    home = folder / "home"
    environment = {
        "PATH": os.environ["PATH"],
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(plugins or home / "plugins"),
        **more,
    }
    return _run(str(python), *arguments, cwd=folder, env=environment)


def _run(*command: str, **options: object) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload]
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return str(done.stdout)
