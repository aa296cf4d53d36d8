"""The provider's metadata against Airflow's own schema, and against what the code reads."""

from __future__ import annotations

import ast
import importlib
import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema

import zoho_people
from zoho_people import learner_progress_dag
from zoho_people.configuration import deployment, provider_config
from zoho_people.hooks.zoho_people import ZohoLearnerProgressHook
from zoho_people.provider_info import get_provider_info
from zoho_people.zoho import bounds
from zoho_people.zoho.data_centers import DATA_CENTERS
from zoho_people.zoho.settings import EXTRA_KEYS, ConnectionSettings

PACKAGE = Path(zoho_people.__path__[0])
READERS = {"option_text", "option_list", "option_count"}
OPTIONS = provider_config.CONFIG[provider_config.SECTION]["options"]


def test_the_metadata_passes_airflows_schema() -> None:
    schema = json.loads(files("airflow").joinpath("provider_info.schema.json").read_text())
    jsonschema.validate(get_provider_info(), schema)


def test_every_option_that_the_code_reads_is_described_and_no_other() -> None:
    assert provider_config.SECTION == deployment.SECTION
    assert set(OPTIONS) == _options_read() | set(bounds._DEFAULTS)


def test_no_option_has_a_default_since_airflow_would_take_it_for_set() -> None:
    assert {name for name, option in OPTIONS.items() if option["default"] is not None} == set()


def test_the_modules_that_are_named_are_there() -> None:
    info = get_provider_info()
    for kind in ("hooks", "operators", "triggers"):
        for name in (name for each in info[kind] for name in each["python-modules"]):
            importlib.import_module(name)


def test_the_links_that_are_named_are_those_of_the_tasks() -> None:
    tasks = learner_progress_dag(dag_id="zoho_links").tasks
    links = {type(link): link.name for task in tasks for link in task.operator_extra_links}
    assert set(links.values()) == {"Zoho People", "Folder"}
    assert {f"{kind.__module__}.{kind.__name__}" for kind in links} == set(get_provider_info()["extra-links"])


class TestTheConnectionForm:
    info: dict[str, Any] = get_provider_info()["connection-types"][0]

    def test_is_the_hooks(self) -> None:
        module, _, name = self.info["hook-class-name"].rpartition(".")
        assert getattr(importlib.import_module(module), name) is ZohoLearnerProgressHook
        assert self.info["connection-type"] == ZohoLearnerProgressHook.conn_type

    def test_has_a_field_for_every_extra_key(self) -> None:
        assert set(self.info["conn-fields"]) == set(EXTRA_KEYS)

    def test_offers_every_data_centre_by_its_country(self) -> None:
        schema = self.info["conn-fields"]["data_center"]["schema"]
        assert set(schema["enum"]) == set(DATA_CENTERS)
        assert all(center.country in schema["values_display"][name] for name, center in DATA_CENTERS.items())

    def test_hides_what_is_written_into_the_refresh_token(self) -> None:
        assert self.info["conn-fields"]["refresh_token"]["schema"]["format"] == "password"

    def test_left_empty_means_unset_in_every_field_but_the_credentials(self) -> None:
        given = {"login": "id", "password": "secret"}
        token = {"refresh_token": "1000.x"}
        bare = ConnectionSettings.parse(**given, extra=token)
        for nothing in (None, ""):
            empty = {key: nothing for key in EXTRA_KEYS if key != "refresh_token"}
            left = ConnectionSettings.parse(**given, host=nothing, schema=nothing, extra={**empty, **token})
            assert left == bare


def _options_read() -> set[str]:
    """The options that are read anywhere in the package, by name."""
    readers = (path for path in PACKAGE.rglob("*.py") if path.stem != "deployment")
    return {name for path in readers for name in _options_in(path)}


def _options_in(path: Path) -> set[str]:
    arguments = [
        call.args[0]
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in READERS
    ]
    if not arguments:
        return set()
    module = importlib.import_module(".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts))
    return {
        argument.value if isinstance(argument, ast.Constant) else getattr(module, argument.id)  # type: ignore[attr-defined]
        for argument in arguments
    }
