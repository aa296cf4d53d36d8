from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tests.dataset.samples import COURSE, DAY, NOON, RUN_ID, TESTS, at, records, stage, unit
from zoho_people.api.entity_type import EntityType
from zoho_people.api.page import ProgressPage
from zoho_people.api.unit import Course
from zoho_people.dataset.coverage import (
    POSTPONED,
    Coverage,
    found_empty,
    history,
    read_coverage,
    write_coverage,
)
from zoho_people.dataset.layout import coverage_folder
from zoho_people.dataset.schema import COVERAGE_SCHEMA
from zoho_people.dataset.staging import Staging
from zoho_people.dataset.store import Store


def rows(coverage: Coverage) -> list[tuple[Any, ...]]:
    columns = ("learner_id", "outcome", "pages", "rows", "error", "fetched_at")
    return [tuple(row[column] for column in columns) for row in coverage.table.to_pylist()]


def test_every_planned_unit_has_a_row_with_its_outcome(staging: Staging) -> None:
    staging.add_page(unit(1), ProgressPage(0, records(1, 2), 2), NOON, RUN_ID)
    staging.add_page(unit(1), ProgressPage(2, records(3), None), at(1), RUN_ID)
    stage(staging, unit(2), minute=2)
    staging.add_outcome(unit(3), "not_found", "HTTP 404", at(3), RUN_ID)
    staging.add_outcome(unit(4), "forbidden", "HTTP 403", at(4), RUN_ID)
    staging.add_page(unit(5), ProgressPage(0, records(1), 1), NOON, RUN_ID)
    staging.add_outcome(unit(5), "failed", "HTTP 500", at(5), RUN_ID)
    staging.add_page(unit(6), ProgressPage(0, records(1), 1), NOON, RUN_ID)
    units = [unit(learner) for learner in range(1, 8)]
    coverage = write_coverage(staging, units, DAY, RUN_ID)
    assert rows(coverage) == [
        ("1", "fetched", 2, 3, None, at(1)),
        ("2", "empty", 1, 0, None, at(2)),
        ("3", "not_found", 1, 0, "HTTP 404", at(3)),
        ("4", "forbidden", 1, 0, "HTTP 403", at(4)),
        ("5", "failed", 1, 0, "HTTP 500", at(5)),
        ("6", "failed", 1, 0, "not finished", None),
        ("7", "failed", 0, 0, "not fetched", None),
    ]
    assert coverage.outcomes == {"fetched": 1, "empty": 1, "not_found": 1, "forbidden": 1, "failed": 3}
    assert coverage.missing == [
        (unit(4), "HTTP 403"),
        (unit(5), "HTTP 500"),
        (unit(6), "not finished"),
        (unit(7), "not fetched"),
    ]
    assert coverage.postponed == 0


def test_a_row_says_which_course_batch_entity_type_and_run(staging: Staging) -> None:
    units = [unit(1), unit(1, Course("1", "2"), EntityType.LINKS)]
    table = write_coverage(staging, units, DAY, RUN_ID).table.select(
        ["course_id", "batch_id", "entity_type", "dag_run_id"]
    )
    assert [tuple(row.values()) for row in table.to_pylist()] == [
        (COURSE.course_id, None, "online_tests", RUN_ID),
        ("1", "2", "links", RUN_ID),
    ]


def test_what_is_written_is_read_back_with_its_types(root: Any, staging: Staging) -> None:
    written = write_coverage(staging, [unit(1)], DAY, RUN_ID)
    assert written.path == "coverage/snapshot_date=2026-01-02/run-run-1.parquet"
    table = read_coverage(Store(root), written.path)
    assert table.equals(written.table)
    assert table.schema.equals(COVERAGE_SCHEMA)


def test_a_plan_without_units_has_coverage_without_rows(staging: Staging) -> None:
    coverage = write_coverage(staging, [], DAY, RUN_ID)
    assert coverage.table.num_rows == 0
    assert set(coverage.outcomes.values()) == {0}


def test_a_unit_planned_twice_has_one_row(staging: Staging) -> None:
    assert write_coverage(staging, [unit(1), unit(1)], DAY, RUN_ID).table.num_rows == 1


def test_a_retry_takes_the_failures_place(staging: Staging) -> None:
    staging.add_outcome(unit(1), "failed", "HTTP 500", NOON, RUN_ID)
    write_coverage(staging, [unit(1)], DAY, RUN_ID)
    stage(staging, unit(1), *records(1), minute=1)
    assert rows(write_coverage(staging, [unit(1)], DAY, RUN_ID)) == [("1", "fetched", 1, 1, None, at(1))]


def test_what_was_covered_stays_covered_after_staging_is_removed(staging: Staging) -> None:
    stage(staging, unit(1), *records(1))
    stage(staging, unit(2), *records(1))
    units = [unit(1), unit(2), unit(3)]
    write_coverage(staging, units, DAY, RUN_ID)
    staging.remove()
    stage(staging, unit(2), minute=5)
    assert [row[:2] for row in rows(write_coverage(staging, units, DAY, RUN_ID))] == [
        ("1", "fetched"),
        ("2", "empty"),
        ("3", "failed"),
    ]


def test_runs_of_a_day_have_coverage_of_their_own(root: Any, staging: Staging) -> None:
    write_coverage(staging, [unit(1)], DAY, RUN_ID)
    write_coverage(Staging(root, "run-2"), [unit(1)], DAY, "other")
    assert staging.store.names("coverage/snapshot_date=2026-01-02") == [
        "run-run-1.parquet",
        "run-run-2.parquet",
    ]


def test_a_day_knows_when_a_unit_was_last_found_empty(root: Any, staging: Staging) -> None:
    for minute, key in ((3, "a"), (9, "b"), (6, "c")):
        run = Staging(root, key)
        stage(run, unit(1), minute=minute)
        stage(run, unit(2), *records(1), minute=minute)
        write_coverage(run, [unit(1), unit(2)], DAY, RUN_ID)
    assert found_empty(staging.store, DAY) == {unit(1): at(9)}


def test_only_planned_units_count(staging: Staging) -> None:
    stage(staging, unit(1), *records(1))
    stage(staging, unit(2), *records(1))
    assert [done.learner_id for done in staging.finished(TESTS, COURSE)] == ["1", "2"]
    assert [row[0] for row in rows(write_coverage(staging, [unit(2)], DAY, RUN_ID))] == ["2"]


class TestPostponedUnits:
    def test_are_told_as_such_and_are_not_missing(self, staging: Staging) -> None:
        stage(staging, unit(1), *records(1))
        units = [unit(1), unit(2), unit(3)]
        coverage = write_coverage(staging, units, DAY, RUN_ID, postponed={unit(2), unit(3)})
        assert rows(coverage)[1:] == [
            ("2", "failed", 0, 0, POSTPONED, None),
            ("3", "failed", 0, 0, POSTPONED, None),
        ]
        assert (coverage.postponed, coverage.missing) == (2, [])

    def test_that_the_run_met_on_its_way_count_too(self, staging: Staging) -> None:
        staging.add_page(unit(1), ProgressPage(0, records(1), 1), NOON, RUN_ID)
        staging.add_outcome(unit(1), "failed", POSTPONED, at(5), RUN_ID)
        coverage = write_coverage(staging, [unit(1)], DAY, RUN_ID)
        assert (coverage.postponed, coverage.missing) == (1, [])

    def test_keep_what_is_known_of_them_nevertheless(self, staging: Staging) -> None:
        stage(staging, unit(1), *records(1))
        staging.add_outcome(unit(2), "forbidden", "HTTP 403", NOON, RUN_ID)
        staging.add_outcome(unit(3), "failed", "HTTP 500", NOON, RUN_ID)
        staging.add_page(unit(4), ProgressPage(0, records(1), 1), NOON, RUN_ID)
        units = [unit(learner) for learner in (1, 2, 3, 4)]
        coverage = write_coverage(staging, units, DAY, RUN_ID, postponed=set(units))
        assert [row[1:5:3] for row in rows(coverage)] == [
            ("fetched", None),
            ("forbidden", "HTTP 403"),
            ("failed", "HTTP 500"),
            ("failed", "not finished"),
        ]

    def test_stay_postponed_when_the_run_is_published_again(self, staging: Staging) -> None:
        write_coverage(staging, [unit(1), unit(2)], DAY, RUN_ID, postponed={unit(1)})
        stage(staging, unit(2))
        coverage = write_coverage(staging, [unit(1), unit(2)], DAY, RUN_ID, postponed={unit(1)})
        assert [row[4] for row in rows(coverage)] == [POSTPONED, None]

    def test_are_fetched_once_they_are(self, staging: Staging) -> None:
        write_coverage(staging, [unit(1)], DAY, RUN_ID, postponed={unit(1)})
        stage(staging, unit(1), *records(1))
        coverage = write_coverage(staging, [unit(1)], DAY, RUN_ID)
        assert (coverage.postponed, coverage.outcomes["fetched"]) == (0, 1)

    def test_that_were_to_be_fetched_after_all_and_were_not_are_missing(self, staging: Staging) -> None:
        write_coverage(staging, [unit(1)], DAY, RUN_ID, postponed={unit(1)})
        coverage = write_coverage(staging, [unit(1)], DAY, RUN_ID)
        assert coverage.missing == [(unit(1), "not fetched")]


class TestUnknownCourses:
    def test_are_those_of_which_no_learner_was_found(self, staging: Staging) -> None:
        known, unknown, batch = Course("1"), Course("2"), Course("2", "5")
        for course in (unknown, batch):
            for learner in (1, 2):
                staging.add_outcome(unit(learner, course), "not_found", "HTTP 404", NOON, RUN_ID)
        staging.add_outcome(unit(1, known), "not_found", "HTTP 404", NOON, RUN_ID)
        stage(staging, unit(2, known))
        units = [unit(learner, course) for course in (known, unknown, batch) for learner in (1, 2)]
        assert write_coverage(staging, units, DAY, RUN_ID).unknown_courses == [unknown, batch]

    def test_are_none_while_one_entity_type_is_known_or_open(self, staging: Staging) -> None:
        links = unit(1, entity_type=EntityType.LINKS)
        staging.add_outcome(unit(1), "not_found", "HTTP 404", NOON, RUN_ID)
        assert write_coverage(staging, [unit(1), links], DAY, RUN_ID).unknown_courses == []
        stage(staging, links)
        assert write_coverage(staging, [unit(1), links], DAY, RUN_ID).unknown_courses == []

    def test_are_none_of_an_empty_plan(self, staging: Staging) -> None:
        assert write_coverage(staging, [], DAY, RUN_ID).unknown_courses == []


class TestTheHistory:
    @staticmethod
    def covered(root: Any, key: str, day: date, *units: Any) -> None:
        write_coverage(Staging(root, key), units, day, RUN_ID)

    def test_of_nothing_is_empty(self, root: Any) -> None:
        assert history(Store(root)) == {}

    def test_says_when_each_unit_was_last_answered_and_in_how_many_pages(self, root: Any) -> None:
        first, second = Staging(root, "a"), Staging(root, "b")
        stage(first, unit(1), *records(1), minute=1)
        first.add_page(unit(2), ProgressPage(0, records(1), 1), NOON, RUN_ID)
        first.add_page(unit(2), ProgressPage(1, records(2), None), at(2), RUN_ID)
        stage(second, unit(1), *records(1), minute=9)
        self.covered(root, "b", DAY + timedelta(days=1), unit(1))
        self.covered(root, "a", DAY, unit(1), unit(2))
        assert history(Store(root)) == {unit(1): (at(9), 1), unit(2): (at(2), 2)}

    def test_counts_the_empty_and_those_not_found_as_answered(self, root: Any) -> None:
        staging = Staging(root, "a")
        stage(staging, unit(1), minute=1)
        staging.add_outcome(unit(2), "not_found", "HTTP 404", at(2), RUN_ID)
        self.covered(root, "a", DAY, unit(1), unit(2))
        assert history(Store(root)) == {unit(1): (at(1), 1), unit(2): (at(2), 1)}

    def test_leaves_out_who_was_never_answered(self, root: Any) -> None:
        staging = Staging(root, "a")
        staging.add_outcome(unit(1), "failed", "HTTP 500", at(1), RUN_ID)
        staging.add_outcome(unit(2), "forbidden", "HTTP 403", at(2), RUN_ID)
        self.covered(root, "a", DAY, unit(1), unit(2), unit(3))
        assert history(Store(root)) == {}

    def test_goes_back_no_further_than_the_days_it_is_told(self, root: Any) -> None:
        for days in range(4):
            staging = Staging(root, f"run-{days}")
            stage(staging, unit(days), minute=days)
            self.covered(root, f"run-{days}", DAY + timedelta(days=days), unit(days))
        assert set(history(Store(root), days=2)) == {unit(2), unit(3)}
        assert set(history(Store(root))) == {unit(0), unit(1), unit(2), unit(3)}

    def test_keeps_batches_and_entity_types_apart(self, root: Any) -> None:
        staging = Staging(root, "a")
        units = [unit(1, Course("1", "2")), unit(1, Course("1")), unit(1, entity_type=EntityType.LINKS)]
        for minute, each in enumerate(units):
            stage(staging, each, minute=minute)
        self.covered(root, "a", DAY, *units)
        assert history(Store(root)) == {each: (at(minute), 1) for minute, each in enumerate(units)}


def test_a_file_that_is_no_coverage_is_not_asked_for_empty_units(staging: Staging) -> None:
    stage(staging, unit(2))
    write_coverage(staging, [unit(2)], DAY, RUN_ID)
    staging.store.write(f"{coverage_folder(DAY)}/_SUCCESS", b"")
    assert list(found_empty(staging.store, DAY)) == [unit(2)]
