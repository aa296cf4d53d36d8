"""The wheel as it is installed: what is in it, and what an Airflow with it has."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from zoho_people import __version__

ROOT = Path(__file__).parents[1]
DISTRIBUTION = "airflow-provider-zoho-people"
LOOK = """
import json, zoho_people
from airflow.plugins_manager import get_import_errors, get_plugin_info
from airflow.providers_manager import ProvidersManager
from airflow.sdk.configuration import conf
from zoho_people.deployment import option_text
from zoho_people.example_dags.zoho_learner_progress import dag
from zoho_people.hook import ZohoLearnerProgressHook
from zoho_people.operator import ZohoLearnerProgressOperator
from zoho_people.roster_operator import ZohoRosterOperator
from zoho_people.steps.check import DEFAULT_OUTPUT_PATH

manager = ProvidersManager()
options = conf.configuration_description["zoho_people"]["options"]
print(json.dumps({
    "place": zoho_people.__path__[0],
    "version": zoho_people.__version__,
    "hook": manager.hooks["zoho_people"].hook_class_name,
    "options": {name: option_text(name) for name in options},
    "plugins": [plugin["name"] for plugin in get_plugin_info()],
    "plugin_errors": get_import_errors(),
    "output": DEFAULT_OUTPUT_PATH,
}))
"""

pytestmark = pytest.mark.skipif(
    not os.environ.get("CI") and find_spec("hatchling") is None,
    reason="`make venv-test` installs what builds it",
)


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
    """The Python of an Airflow that has the wheel: a virtual environment over the packages that are here."""
    venv = folder / "venv"
    _run(sys.executable, "-m", "venv", "--without-pip", str(venv))
    python = venv / "bin" / "python"
    uv = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--offline", "--no-deps"]
    _run(*uv, "--python", str(python), str(wheel))
    (site,) = venv.glob("lib/python*/site-packages")
    others = (entry for folder in _site_packages() for entry in Path(folder).iterdir())
    for entry in (each for each in others if not each.name.startswith("airflow_provider_zoho_people")):
        link = site / entry.name
        if entry.suffix != ".pth" and not link.exists():
            link.symlink_to(entry)
    return python


def test_the_wheel_has_the_package_its_example_dags_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as file:
        names = file.namelist()
    source = ROOT / "plugins"
    code = {str(path.relative_to(source)) for path in source.glob("zoho_people/**/*.py")}
    dags = {f"zoho_people/example_dags/{path.name}" for path in (ROOT / "dags").glob("*.py")}
    assert {name for name in names if ".dist-info/" not in name} == code | dags | {"zoho_people/py.typed"}


@pytest.mark.parametrize("plugins", [ROOT / "plugins", None], ids=["beside plugins", "alone"])
def test_an_airflow_with_the_wheel_has_provider_hook_options_dag_and_one_plugin(
    airflow: Path, folder: Path, plugins: Path | None
) -> None:
    seen = json.loads(_airflow(airflow, folder, "-c", LOOK, plugins=plugins).splitlines()[-1])
    assert Path(seen["place"]).is_relative_to(folder / "venv")
    assert seen["version"] == __version__
    assert seen["hook"] == "zoho_people.hook.ZohoLearnerProgressHook"
    assert "allowed_roots" in seen["options"]
    assert set(seen["options"].values()) == {""}
    assert seen["output"] == ""
    assert seen["plugins"] == ["zoho_people"]
    assert seen["plugin_errors"] == {}


def test_airflows_commands_name_the_provider_and_the_plugins_source(airflow: Path, folder: Path) -> None:
    shown = _airflow(airflow, folder, "-m", "airflow", "providers", "get", DISTRIBUTION, "--output", "json")
    assert json.loads(shown)[0] == {"Provider": DISTRIBUTION, "Version": __version__}
    plugins = ROOT / "plugins"
    shown = _airflow(airflow, folder, "-m", "airflow", "plugins", "--output", "json", plugins=plugins)
    (plugin,) = json.loads(shown)
    assert plugin["source"].startswith(f"{DISTRIBUTION}=={__version__}")


def _airflow(python: Path, folder: Path, *arguments: str, plugins: Path | None = None) -> str:
    home = folder / "home"
    environment = {
        "PATH": os.environ["PATH"],
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(plugins or home / "plugins"),
    }
    return _run(str(python), *arguments, cwd=folder, env=environment)


def _run(*command: str, **options: object) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload]
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return str(done.stdout)


def _site_packages() -> list[str]:
    """Where the packages of this Python are, those that a .pth file adds among them."""
    own = sysconfig.get_paths()["purelib"]
    return [own, *(path for path in sys.path if path.endswith("site-packages") and path != own)]
