"""The main job, from a trigger to Parquet, in a real Airflow."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.emulated.journey import (
    DAG_ID,
    Journey,
    assert_no_secret_in,
    comparable,
    most_in_window,
    without,
)

pytestmark = pytest.mark.emulated

DOC = Path(__file__).parents[2] / "docs/assets.md"
EMULATOR = "an emulator on this machine"
FEW = 12
"""Slots, and requests in a window: so few that a slow machine fills them."""
COUNTS = {"outcome", "pages", "rows", "requests", "held_seconds", "first_at", "last_at", "by_day", "locked"}


@pytest.fixture(scope="module")
def courses(emulator_courses: list[dict]) -> list[str]:
    """A self-paced course whose ids are numbers; a batch whose ids are strings, without the second learner."""
    self_paced, blended, _ = emulator_courses
    batch = max(blended["batches"], key=lambda each: len(each["learner_ids"]))
    return [self_paced["course_id"], f"{blended['course_id']}/{batch['batch_id']}"]


@pytest.fixture
def reader(journey: Journey, more_dags: Path) -> Iterator[str]:
    """The DAG of the documentation that is scheduled on the asset, here below the test's output path; its id."""
    [text] = re.findall(r"```python\n(.*?)```", DOC.read_text(), re.DOTALL)
    file = more_dags / "completion_mails.py"
    file.write_text(text.replace("s3://aws_default@bucket/zoho", str(journey.output)))
    yield "completion_mails"
    file.unlink()


def test_runs_write_exactly_what_zoho_has_and_only_at_the_pace_it_allows(
    journey: Journey, courses: list[str], reader: str, secrets: tuple[str, ...]
) -> None:
    learners = journey.get("organisation")["learner_ids"][:2]
    journey.let_pass(FEW)

    first = journey.start(courses, learners)
    journey.airflow.api.wait_for_dag(reader)
    journey.airflow.api.pause_dag(reader, paused=False)
    state = journey.finish(first)

    assert state == "success", journey.log(first, "report")
    truth = [row for course in courses for row in journey.truth(course) if row["learner_id"] in learners]
    assert comparable(journey.rows()) == comparable(truth)
    assert {row["course_id"] for row in truth} == {course.partition("/")[0] for course in courses}
    assert_coverage_is_complete(journey, first, courses, learners)
    assert_pace_was_kept(journey)
    assert_counts_only_in_xcom(journey, first)
    assert_labels_say_who_and_what(journey, first, learners)
    assert_summary_is_in_the_log(journey, first)
    assert_new_fields_are_told(journey, first)
    assert_assets_are_told_of(journey, first, reader)
    assert json.loads(journey.output.joinpath("_state/origin.json").read_text()) == {"origins": [EMULATOR]}
    assert_duckdb_reads_it_without_options(journey, len(truth))

    before = journey.full_rows()
    state, second = journey.run(courses[:1], learners[:1])

    assert state == "success"
    assert f"course {courses[0]}\n  offline_tests" in journey.log(second, "report")
    after = journey.full_rows()
    assert comparable(map(_undated, after)) == comparable(map(_undated, before))
    mine, others = _split(after, second)
    assert {row["learner_id"] for row in mine} == set(learners[:1])
    assert {(row["learner_id"], row["course_id"]) for row in others}.isdisjoint({(learners[0], courses[0])})
    assert_no_secret_in(journey.airflow.home, secrets)
    assert_no_secret_in(journey.output, secrets)


def assert_coverage_is_complete(
    journey: Journey, run_id: str, courses: list[str], learners: list[str]
) -> None:
    coverage = journey.coverage(run_id)
    assert len(coverage) == len(courses) * len(learners) * 10
    rows = Counter(
        (row["course_id"], row["batch_id"], row["learner_id"], row["entity_type"]) for row in journey.rows()
    )
    members = {
        (course, batch["batch_id"]): set(batch["learner_ids"])
        for each in journey.courses()
        for course in [each["course_id"]]
        for batch in each["batches"] or [{"batch_id": None, "learner_ids": each["learner_ids"]}]
    }
    for unit in coverage:
        key = unit["course_id"], unit["batch_id"], unit["learner_id"], unit["entity_type"]
        is_member = unit["learner_id"] in members[unit["course_id"], unit["batch_id"]]
        expected = ("fetched" if rows[key] else "empty") if is_member else "not_found"
        assert (unit["outcome"], unit["rows"]) == (expected, rows[key])
    assert {unit["outcome"] for unit in coverage} == {"fetched", "empty", "not_found"}
    assert max(unit["pages"] for unit in coverage) > 1


def assert_pace_was_kept(journey: Journey) -> None:
    stats = journey.get("stats")
    assert most_in_window(journey.arrivals(), journey.window_s) == FEW
    assert stats["locks_caused"] == 0
    assert stats["tokens_minted"] == 1


def assert_counts_only_in_xcom(journey: Journey, run_id: str) -> None:
    pushed = journey.airflow.api.xcoms(DAG_ID, run_id, "fetch")
    assert {entry["key"] for entry in pushed} == {"return_value", "_link_ZohoPeopleLink"}
    values = [entry["value"] for entry in pushed if entry["key"] == "return_value"]
    assert len(values) == 40
    assert all(set(value) == COUNTS for value in values)
    assert sum(value["requests"] for value in values) == len(journey.arrivals())


def assert_labels_say_who_and_what(journey: Journey, run_id: str, learners: list[str]) -> None:
    labels = {
        task["rendered_map_index"]
        for task in journey.airflow.api.task_instances(DAG_ID, run_id)
        if task["task_id"] == "fetch"
    }
    assert len(labels) == 40
    assert any(learners[0] in label and "online_tests" in label for label in labels)


def assert_summary_is_in_the_log(journey: Journey, run_id: str) -> None:
    log = journey.log(run_id, "report")
    assert re.search(r"all courses\n  offline_tests +\d", log)
    assert re.search(r"\d+ requests sent; slots held for \d+ s; \d+ % of the limit", log)


def assert_new_fields_are_told(journey: Journey, run_id: str) -> None:
    pushed = journey.airflow.api.xcoms(DAG_ID, run_id, "publish")
    [found] = [entry["value"] for entry in pushed if entry["key"] == "new_fields"]
    assert "modifiedTime" in found["online_tests"]
    assert re.search(
        r"New fields, which are in attributes\n(.*\n)*online_tests: ", journey.log(run_id, "publish")
    )


def assert_assets_are_told_of(journey: Journey, run_id: str, reader: str) -> None:
    """Each dataset has its event, and the DAG that is scheduled on one has it in its queue."""
    api = journey.airflow.api
    events = api.get("/assets/events", source_run_id=run_id)["asset_events"]
    names = {asset["id"]: asset["name"] for asset in api.get("/assets", only_active=False)["assets"]}
    uris = {f"file://{journey.output}/{dataset}" for dataset in ("learner_progress", "coverage")}
    assert {names[event["asset_id"]] for event in events} == {DAG_ID, *uris}
    [whole] = [event["extra"] for event in events if names[event["asset_id"]] == DAG_ID]
    assert set(whole.pop("datasets")) == uris
    assert whole.pop("output_path") == str(journey.output)
    [extra] = {json.dumps(event["extra"], sort_keys=True) for event in events}
    told = json.loads(extra)
    assert told["requests"] == len(journey.arrivals())
    assert told["rows"] == len(journey.rows())
    assert told["coverage"] == {"asked": 40, "answered": 40, "missing": 0}
    # No schedule is followed here: Airflow has the DAG's run ready, and starts none.
    queued = api.get(f"/dags/{reader}/assets/queuedEvents")["queued_events"]
    assert [names[event["asset_id"]] for event in queued] == [f"file://{journey.output}/learner_progress"]


def test_a_run_of_another_organisation_is_refused_before_anything_is_sent(
    journey: Journey, courses: list[str]
) -> None:
    note = journey.output / "_state/origin.json"
    note.parent.mkdir(parents=True)
    note.write_text('{"origins": ["people.zoho.eu, client 0a1b2c3d4e5f"]}')
    sent = len(journey.arrivals())

    state, run_id = journey.run(courses[:1], journey.get("organisation")["learner_ids"])

    assert state == "failed"
    log = journey.log(run_id, "check_request")
    assert f"has data of people.zoho.eu, client 0a1b2c3d4e5f, this run would bring that of {EMULATOR}" in log
    assert len(journey.arrivals()) == sent


def assert_duckdb_reads_it_without_options(journey: Journey, rows: int) -> None:
    query = (
        "select count(*), count(distinct (learner_id, entity_type, entity_id)), max(snapshot_date) is not null "
        "from read_parquet($1)"
    )
    found = duckdb.execute(query, [f"{journey.output}/learner_progress/**/*.parquet"]).fetchall()
    assert found == [(rows, rows, True)]


REFUSED = (
    ({"pages": 3}, "Param 'pages' is unknown"),
    ({"output_path": "/data/{{ conn.zoho_people_default.host }}"}, "looks like a template"),
)


def test_a_request_that_cannot_be_is_refused_by_name_before_anything_is_sent(
    journey: Journey, courses: list[str]
) -> None:
    conf = {"learner_ids": journey.get("organisation")["learner_ids"]}

    runs = {journey.start(courses[:1], **conf | params): named for params, named in REFUSED}

    for run_id, named in runs.items():
        assert journey.finish(run_id) == "failed", named
        assert named in journey.log(run_id, "check_request")
    assert journey.arrivals() == []


def _undated(row: dict) -> dict:
    return without(row, "fetched_at", "dag_run_id")


def _split(rows: list[dict], run_id: str) -> tuple[list[dict], list[dict]]:
    mine = [row for row in rows if row["dag_run_id"] == run_id]
    return mine, [row for row in rows if row["dag_run_id"] != run_id]
