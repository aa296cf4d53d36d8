"""What people type, and what Zoho says, is text and never a template, in a real Airflow."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from local_airflow.problem import ApiProblem
from tests.emulated.journey import CLIENT_SECRET, DAG_ID, REFRESH_TOKEN, Journey

pytestmark = pytest.mark.emulated

LITERAL = "'zq7' ~ 'rendered-'"
RENDERED = "zq7rendered-"
VARIABLES = ("courses", "learners", "output", "roster_file")


def mark(place: str) -> str:
    """A template that says where it was rendered."""
    return f"{{{{ {LITERAL} ~ '{place}' }}}}"


@pytest.fixture
def journey(journey: Journey) -> Journey:
    """With a short window: these tests are not about the pace."""
    journey.shorten(5.0)
    return journey


@pytest.fixture
def said_by_zoho(journey: Journey) -> str:
    """A course of which Zoho gives every name as a template; its id."""
    form = {
        "grant_type": "refresh_token",
        "client_id": "emulated-client-id",
        "client_secret": CLIENT_SECRET,
        "refresh_token": REFRESH_TOKEN,
    }
    url = journey.emulator.url
    token = httpx.post(f"{url}/oauth/v2/token", data=form).raise_for_status().json()["access_token"]

    def answer(path: str, **query: Any) -> Any:
        headers = {"Authorization": f"Zoho-oauthtoken {token}"}
        return httpx.get(f"{url}{path}", params=query, headers=headers).raise_for_status().json()

    course = journey.courses()[0]
    folder = f"/api/v1/courses/{course['course_id']}"
    pages = {"/api/v1/courses": answer("/api/v1/courses"), f"{folder}/course-progress": None}
    pages[f"{folder}/course-progress"] = answer(f"{folder}/course-progress")
    for learner in course["learner_ids"]:
        path = f"{folder}/learners/{learner}/progress"
        pages[path] = answer(path, entityType=3)
    journey.post("reset")
    journey.post("faults", [_says(path, _with_marked_names(page)) for path, page in pages.items()])
    return str(course["course_id"])


def _says(path: str, page: Any) -> dict[str, Any]:
    return {"match": {"path": f"{path}$"}, "action": {"type": "raw", "body": json.dumps(page)}}


def _with_marked_names(value: Any) -> Any:
    if isinstance(value, list):
        return [_with_marked_names(each) for each in value]
    if not isinstance(value, Mapping):
        return value
    return {
        key: mark(key) if key.endswith("Name") and isinstance(each, str) else _with_marked_names(each)
        for key, each in value.items()
    }


@pytest.fixture
def variables(journey: Journey) -> Any:
    """Sets the Variables behind the Params; afterwards they are as at the start."""

    def set_all(**values: str) -> None:
        for name in VARIABLES:
            journey.airflow.api.set_variable(f"zoho_learner_progress_{name}", values.get(name, ""))

    yield set_all
    set_all(courses="[]", learners="[]")


def test_nothing_that_is_typed_or_said_by_zoho_is_rendered(
    journey: Journey, said_by_zoho: str, variables: Any, tmp_path: Path
) -> None:
    roster = tmp_path / "roster.csv"
    roster.write_text(f"course_id,learner_id\n{said_by_zoho},{mark('roster')}\n")
    assert_refused_by_the_api(journey)

    filters = {"include": [f"id:{said_by_zoho}"], "exclude": [f"name:{mark('exclude')} no more"]}
    accepted = journey.start([], [], entity_types=["files"], **filters)
    note = {"note": mark("note")}
    journey.airflow.api.call("PATCH", f"/dags/{DAG_ID}/dagRuns/{accepted}", json=note)
    refused = {
        journey.start([], [], output_path=f"{tmp_path}/{mark('output')}"): "looks like a template",
        journey.start([], [], roster_file=f"{tmp_path}/{mark('file')}"): "looks like a template",
        journey.start([], [], include=[mark("include")]): "is not a filter; write",
        journey.start([], [], **{mark("name"): 1}): "is unknown; allowed",
    }
    assert journey.finish(accepted) == "success", journey.log(accepted, "publish")
    assert {row["entity_name"] for row in journey.full_rows()} - {None} == {mark("fileName")}
    labels = [task["rendered_map_index"] for task in journey.fetch_tasks(accepted)]
    assert {label.startswith(mark("courseName")) for label in labels} == {True}
    assert_refused(journey, refused)

    marks = json.dumps([mark("variable")])
    variables(courses=marks, learners=marks, output=f"{tmp_path}/{mark('variable')}")
    named = {"courses": [said_by_zoho], "learner_ids": ["1"]}
    refused = {
        journey.start([], []): "Variable zoho_learner_progress_courses",
        journey.start([said_by_zoho], []): "Variable zoho_learner_progress_learners",
        journey.airflow.api.trigger_dag(DAG_ID, named): "Variable zoho_learner_progress_output",
    }
    assert_refused(journey, refused)
    variables(roster_file=f"{tmp_path}/{mark('variable')}")
    assert_refused(journey, {journey.start([], []): "Variable zoho_learner_progress_roster_file"})
    variables(roster_file=str(roster))
    assert_refused(journey, {journey.start([], []): "it is not an id"}, task_id="plan")
    journey.connect(data_center=mark("data_center"), lock_words=mark("extra"))
    assert_refused(journey, {journey.start([said_by_zoho], []): "lock_words"})

    assert_rendered_nowhere(journey)


def assert_refused_by_the_api(journey: Journey) -> None:
    for name in ("courses", "learner_ids", "entity_types"):
        with pytest.raises(ApiProblem, match="400"):
            journey.airflow.api.trigger_dag(DAG_ID, {name: [mark(name)]})
    for name in ("refresh", "units_per_task"):
        with pytest.raises(ApiProblem, match="400"):
            journey.airflow.api.trigger_dag(DAG_ID, {name: mark(name)})


def assert_refused(journey: Journey, runs: Mapping[str, str], *, task_id: str = "check_request") -> None:
    for run_id, words in runs.items():
        assert journey.finish(run_id) == "failed", words
        log = journey.log(run_id, task_id)
        assert words in log


def assert_rendered_nowhere(journey: Journey) -> None:
    """Neither in a path nor in a file of Airflow, its database among them, nor where runs write."""
    paths = [path for root in (journey.airflow.home, journey.output.parent) for path in root.rglob("*")]
    assert not [path for path in paths if RENDERED in str(path)]
    contents = {path: path.read_bytes() for path in paths if path.is_file()}
    assert any(LITERAL.encode() in content for path, content in contents.items() if path.name == "airflow.db")
    assert not [path for path, content in contents.items() if RENDERED.encode() in content]
