"""airflow_settings.yaml: what is read from it, and how its mistakes are named."""

import json
from pathlib import Path

import pytest

from local_airflow import project, settings
from local_airflow.problem import SettingsProblem
from local_airflow.settings import Connection, Pool, Settings, Variable
from zoho_emulator.settings import Settings as EmulatorSettings


def parse(**sections: object) -> Settings:
    return settings.parse({"airflow": sections}, source="airflow_settings.yaml")


def test_a_pool_says_whether_deferred_tasks_hold_their_slots():
    entry = {"pool_name": "api", "pool_slot": 30, "pool_description": "why", "pool_include_deferred": True}
    assert parse(pools=[entry]).pools == (Pool("api", 30, "why", include_deferred=True),)


def test_a_pool_counts_no_deferred_tasks_by_default():
    assert not parse(pools=[{"pool_name": "api", "pool_slot": 1}]).pools[0].include_deferred


def test_variables_are_text_and_structures_become_json():
    found = parse(
        variables=[
            {"variable_name": "a", "variable_value": 5},
            {"variable_name": "b", "variable_value": ["1", "2"]},
            {"variable_name": "c", "variable_value": None},
        ]
    )
    assert found.variables == (Variable("a", "5"), Variable("b", '["1", "2"]'), Variable("c", ""))


@pytest.mark.parametrize("extra", [{"key": "value"}, '{"key": "value"}'])
def test_a_connections_extra_is_a_mapping_or_json(extra: object):
    found = parse(connections=[{"conn_id": "c", "conn_type": "http", "conn_extra": extra}])
    assert found.connections[0].as_api()["extra"] == '{"key": "value"}'


def test_empty_fields_as_in_astros_template_are_missing_ones():
    found = parse(connections=[{"conn_id": "c", "conn_type": "http", "conn_host": "", "conn_port": None}])
    assert found.connections == (Connection("c", "http"),)


def test_empty_sections_are_allowed():
    assert parse(pools=None, variables=[], connections=None) == Settings()


@pytest.mark.parametrize(
    ("sections", "said"),
    [
        ({"pols": []}, "airflow: unknown key 'pols'"),
        ({"pools": {}}, "pools must be a list"),
        ({"pools": ["api"]}, "pools, entry 1 must be a mapping"),
        ({"pools": [{"pool_name": "a", "pool_slot": 1, "slots": 2}]}, "pools, entry 1: unknown key 'slots'"),
        ({"pools": [{"pool_slot": 1}]}, "pools, entry 1: pool_name must be a text, not None"),
        ({"pools": [{"pool_name": "a", "pool_slot": "30"}]}, "pool_slot must be a whole number, not '30'"),
        ({"pools": [{"pool_name": "a", "pool_slot": True}]}, "pool_slot must be a whole number"),
        (
            {"pools": [{"pool_name": "a", "pool_slot": 1, "pool_include_deferred": "yes"}]},
            "pool_include_deferred must be true or false, not 'yes'",
        ),
        ({"variables": [{"variable_value": "x"}]}, "variables, entry 1: variable_name must be a text"),
        ({"connections": [{"conn_id": "c"}]}, "connections, entry 1: conn_type must be a text"),
        ({"connections": [{"conn_id": "c", "conn_type": "http", "conn_extra": "{"}]}, "conn_extra must be"),
        ({"connections": [{"conn_id": "c", "conn_type": "http", "conn_extra": [1]}]}, "conn_extra must be"),
    ],
)
def test_a_mistake_is_named_with_its_place(sections: dict[str, object], said: str):
    with pytest.raises(SettingsProblem, match=said):
        parse(**sections)


@pytest.mark.parametrize("document", [None, [], {"pools": []}, {"airflow": None}])
def test_a_file_without_the_airflow_mapping_is_refused(document: object):
    with pytest.raises(SettingsProblem, match="must hold one mapping named 'airflow'"):
        settings.parse(document, source="airflow_settings.yaml")


def test_a_missing_file_and_one_that_is_no_yaml_are_told_apart(tmp_path: Path):
    with pytest.raises(SettingsProblem, match="is missing"):
        settings.read(tmp_path / "none.yaml")
    broken = tmp_path / "broken.yaml"
    broken.write_text("airflow: [")
    with pytest.raises(SettingsProblem, match="is not YAML"):
        settings.read(broken)


def test_slots_can_be_changed_by_name_and_pools_added():
    changed = Settings(pools=(Pool("api", 30, "why", include_deferred=True),)).with_slots(
        {"api": 5, "new": 2}
    )
    assert changed.pools == (
        Pool("api", 5, "why", include_deferred=True),
        Pool("new", 2, include_deferred=True),
    )


def test_a_connection_can_be_pointed_elsewhere_with_its_extras():
    before = Connection("c", "http", host="http://a:1", extra={"url": "http://a:1", "number": 1})
    (after,) = Settings(connections=(before,)).with_service_at("http://a:1", "http://a:2").connections
    assert (after.host, after.extra) == ("http://a:2", {"url": "http://a:2", "number": 1})


def test_a_connection_keeps_its_password_out_of_its_repr():
    assert "hidden" not in repr(Connection("c", "http", password="hidden", extra={"refresh_token": "hidden"}))


def test_the_projects_own_file_has_the_two_pools_of_the_dag():
    found = settings.read(project.SETTINGS)
    assert {pool.name: (pool.slots, pool.include_deferred) for pool in found.pools} == {
        "zoho_people_api": (30, True),
        "zoho_people_publish": (1, True),
    }


def test_the_projects_own_connection_opens_the_emulator():
    (connection,) = settings.read(project.SETTINGS).connections
    emulator = EmulatorSettings()
    assert connection.extra is not None
    assert (connection.login, connection.password) == (emulator.client_id, emulator.client_secret)
    assert connection.extra["refresh_token"] == emulator.refresh_token


def test_the_projects_own_variables_are_lists_of_ids_as_json():
    values = {each.name: each.value for each in settings.read(project.SETTINGS).variables}
    assert json.loads(values["zoho_learner_progress_courses"]) == []
    assert json.loads(values["zoho_learner_progress_learners"]) == []
