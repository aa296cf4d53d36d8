from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from zoho_people.model.entity_type import EntityType
from zoho_people.model.unit import Course
from zoho_people.storage import layout


def test_a_self_paced_course_has_a_file_of_its_own() -> None:
    assert (
        layout.progress_file(EntityType.FILES, Course("12"), date(2026, 1, 2))
        == "learner_progress/entity_type=files/snapshot_date=2026-01-02/course-12.parquet"
    )


def test_a_batch_has_a_file_of_its_own() -> None:
    assert layout.progress_file(EntityType.LINKS, Course("12", "34"), date(2026, 1, 2)).endswith(
        "/entity_type=links/snapshot_date=2026-01-02/course-12-batch-34.parquet"
    )


def test_a_moment_as_snapshot_date_still_makes_a_day() -> None:
    moment = datetime(2026, 1, 2, 23, 59, tzinfo=UTC)
    assert layout.coverage_file(moment, "k") == "coverage/snapshot_date=2026-01-02/run-k.parquet"


@pytest.mark.parametrize(
    "run_id",
    [
        "scheduled__2026-01-02T03:00:00+00:00",
        "../../etc/passwd",
        "..",
        "",
        "ü\n\0",
        "x" * 250,
        "\ud800",
        "_tmp",
    ],
)
def test_a_run_key_is_a_plain_short_file_name(run_id: str) -> None:
    key = layout.run_key("dag", run_id)
    assert len(key) <= 113
    assert key.isascii()
    assert "/" not in key
    assert not key.startswith(".")
    assert key.isprintable()
    assert " " not in key


def test_runs_that_look_alike_have_different_keys() -> None:
    keys = {
        layout.run_key("dag", "a:b"),
        layout.run_key("dag", "a+b"),
        layout.run_key("other", "a:b"),
        layout.run_key("dag", "x" * 99),
        layout.run_key("dag", "x" * 100),
    }
    assert len(keys) == 5


def test_no_run_id_can_be_made_up_for_the_key_of_another_run() -> None:
    digest = layout.run_key("dag", "manual__2026-01-02").rpartition("-")[2]
    assert len(digest) * 4 == 128


def test_a_run_key_says_which_run_it_is() -> None:
    assert layout.run_key("dag", "manual__2026-01-02").startswith("manual__2026-01-02-")


def test_plan_and_state_are_no_part_of_any_dataset() -> None:
    assert layout.plan_file("run") == "_staging/run/plan.parquet"
    assert layout.state_file(Course("12")) == "_state/course-12.parquet"


def test_a_run_stages_in_its_folder_and_rosters_are_told_from_other_lists() -> None:
    lists = layout.staged_rosters_folder("run")
    assert layout.staged_course_folder("run", EntityType.FILES, Course("12")).startswith("_staging/run/")
    assert lists.startswith("_staging/run/")
    assert layout.is_staged_roster(f"{lists}/course-12-batch-34.arrow")
    assert layout.is_staged_roster(f"{lists}/course-12.pages/000000000000.arrow")
    assert not layout.is_staged_roster(f"{lists}/learner-courses-of-12.arrow")
    assert not layout.is_staged_roster(f"{lists}/batches-of-course-12.arrow")
    assert not layout.is_staged_roster(f"{lists}/course-12.refused.json")
