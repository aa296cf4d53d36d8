from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.helpers.samples import (
    COURSE,
    DAY,
    NOON,
    RUN_ID,
    TESTS,
    at,
    cover,
    finished,
    publish_units,
    records,
    stage,
    unit,
)
from zoho_people.model.entity_type import EntityType
from zoho_people.model.outcome import POSTPONED, Outcome
from zoho_people.model.planned_unit import PlannedUnit, Reason
from zoho_people.model.unit import Course
from zoho_people.publishing.course_coverage import LOST
from zoho_people.publishing.coverage import Coverage
from zoho_people.publishing.found_empty import FoundEmpty
from zoho_people.staging.progress_pages import Staging
from zoho_people.storage.layout import coverage_file, coverage_folder, progress_file
from zoho_people.storage.schema import COVERAGE_SCHEMA
from zoho_people.storage.store import Store
from zoho_people.zoho.page import Page

NONE = {each.value: 0 for each in Outcome}


@pytest.fixture
def root(object_store: Any) -> Any:
    return object_store


def postponed(learner: int) -> PlannedUnit:
    return PlannedUnit(unit(learner), Reason.POSTPONED)


def found_empty(staging: Staging, day: date, course: Course) -> dict[EntityType, dict[str, datetime]]:
    found = FoundEmpty(staging.store, day).of(course)
    return {kind: dict(moments.items()) for kind, moments in found.items()}


def rows(coverage: Coverage) -> list[tuple[Any, ...]]:
    columns = ("learner_id", "outcome", "pages", "rows", "error", "fetched_at")
    return [tuple(row[column] for column in columns) for row in coverage.read().to_pylist()]


def test_every_planned_unit_has_a_row_with_its_outcome(staging: Staging) -> None:
    staging.add_page(unit(1), Page(0, records(1, 2), 2), NOON, RUN_ID)
    staging.add_page(unit(1), Page(2, records(3), None), at(1), RUN_ID)
    stage(staging, unit(2), minute=2)
    staging.add_outcome(unit(3), "not_found", "HTTP 404", at(3), RUN_ID)
    staging.add_outcome(unit(4), "forbidden", "HTTP 403", at(4), RUN_ID)
    staging.add_page(unit(5), Page(0, records(1), 1), NOON, RUN_ID)
    staging.add_outcome(unit(5), "failed", "HTTP 500", at(5), RUN_ID)
    staging.add_page(unit(6), Page(0, records(1), 1), NOON, RUN_ID)
    units = [unit(learner) for learner in range(1, 8)]
    coverage = cover(staging, *units)
    assert rows(coverage) == [
        ("1", "fetched", 2, 3, None, at(1)),
        ("2", "empty", 1, 0, None, at(2)),
        ("3", "not_found", 1, 0, "HTTP 404", at(3)),
        ("4", "forbidden", 1, 0, "HTTP 403", at(4)),
        ("5", "failed", 1, 0, "HTTP 500", at(5)),
        ("6", "failed", 1, 0, "not finished", None),
        ("7", "failed", 0, 0, "not fetched", None),
    ]
    assert coverage.outcomes == NONE | {"fetched": 1, "empty": 1, "not_found": 1, "forbidden": 1, "failed": 3}
    assert len(list(coverage.missing())) == 4
    assert list(coverage.missing()) == [
        (unit(4), "HTTP 403"),
        (unit(5), "HTTP 500"),
        (unit(6), "not finished"),
        (unit(7), "not fetched"),
    ]
    assert coverage.postponed == 0


def test_a_row_says_which_course_batch_entity_type_and_run(staging: Staging) -> None:
    units = [unit(1), unit(1, Course("1", "2"), EntityType.LINKS)]
    table = cover(staging, *units).read().select(["course_id", "batch_id", "entity_type", "dag_run_id"])
    assert [tuple(row.values()) for row in table.to_pylist()] == [
        (COURSE.course_id, None, "online_tests", RUN_ID),
        ("1", "2", "links", RUN_ID),
    ]


def test_what_is_written_is_read_back_with_its_types(root: Any, staging: Staging) -> None:
    written = cover(staging, unit(1))
    assert written.path == "coverage/snapshot_date=2026-01-02/run-run-1.parquet"
    table = Coverage(Store(root), written.path).read()
    assert table.equals(written.read())
    assert table.schema.equals(COVERAGE_SCHEMA)
    assert table.num_rows == 1


def test_a_plan_without_units_has_coverage_without_rows(staging: Staging) -> None:
    coverage = cover(staging)
    assert coverage.read().num_rows == 0
    assert set(coverage.outcomes.values()) == {0}


def test_a_retry_takes_the_failures_place(staging: Staging) -> None:
    staging.add_outcome(unit(1), "failed", "HTTP 500", NOON, RUN_ID)
    cover(staging, unit(1))
    stage(staging, unit(1), *records(1), minute=1)
    assert rows(cover(staging, unit(1))) == [("1", "fetched", 1, 1, None, at(1))]


def test_what_was_covered_stays_covered_after_staging_is_removed(staging: Staging) -> None:
    stage(staging, unit(1), *records(1))
    stage(staging, unit(2), *records(1))
    units = [unit(1), unit(2), unit(3)]
    cover(staging, *units)
    staging.remove()
    stage(staging, unit(2), minute=5)
    assert [row[:2] for row in rows(cover(staging, *units))] == [
        ("1", "fetched"),
        ("2", "empty"),
        ("3", "failed"),
    ]


def test_runs_of_a_day_have_coverage_of_their_own(root: Any, staging: Staging) -> None:
    cover(staging, unit(1))
    cover(Staging(root, "run-2"), unit(1), run_id="other")
    assert staging.store.names("coverage/snapshot_date=2026-01-02") == [
        "run-run-1.parquet",
        "run-run-2.parquet",
    ]


def test_a_day_knows_when_a_unit_was_last_found_empty(root: Any, staging: Staging) -> None:
    for minute, key in ((3, "a"), (9, "b"), (6, "c")):
        run = Staging(root, key)
        stage(run, unit(1), minute=minute)
        stage(run, unit(2), *records(1), minute=minute)
        cover(run, unit(1), unit(2))
    assert found_empty(staging, DAY, COURSE) == {TESTS: {"1": at(9)}}
    assert found_empty(staging, DAY, Course("1")) == {}
    assert found_empty(staging, DAY + timedelta(days=1), COURSE) == {}


def test_only_planned_units_count(staging: Staging) -> None:
    stage(staging, unit(1), *records(1))
    stage(staging, unit(2), *records(1))
    assert [done.learner_id for done in finished(staging)] == ["1", "2"]
    assert [row[0] for row in rows(cover(staging, unit(2)))] == ["2"]


class TestPostponedUnits:
    def test_are_told_as_such_and_are_not_missing(self, staging: Staging) -> None:
        stage(staging, unit(1), *records(1))
        coverage = cover(staging, unit(1), postponed(2), postponed(3))
        assert rows(coverage)[1:] == [
            ("2", "failed", 0, 0, POSTPONED, None),
            ("3", "failed", 0, 0, POSTPONED, None),
        ]
        assert (coverage.postponed, list(coverage.missing())) == (2, [])

    def test_that_the_run_met_on_its_way_count_too(self, staging: Staging) -> None:
        staging.add_page(unit(1), Page(0, records(1), 1), NOON, RUN_ID)
        staging.add_outcome(unit(1), "failed", POSTPONED, at(5), RUN_ID)
        coverage = cover(staging, unit(1))
        assert (coverage.postponed, list(coverage.missing())) == (1, [])

    def test_keep_what_is_known_of_them_nevertheless(self, staging: Staging) -> None:
        stage(staging, unit(1), *records(1))
        staging.add_outcome(unit(2), "forbidden", "HTTP 403", NOON, RUN_ID)
        staging.add_outcome(unit(3), "failed", "HTTP 500", NOON, RUN_ID)
        staging.add_page(unit(4), Page(0, records(1), 1), NOON, RUN_ID)
        coverage = cover(staging, *(postponed(learner) for learner in (1, 2, 3, 4)))
        assert [row[1:5:3] for row in rows(coverage)] == [
            ("fetched", None),
            ("forbidden", "HTTP 403"),
            ("failed", "HTTP 500"),
            ("failed", "not finished"),
        ]

    def test_stay_postponed_when_the_run_is_published_again(self, staging: Staging) -> None:
        cover(staging, postponed(1), unit(2))
        stage(staging, unit(2))
        coverage = cover(staging, postponed(1), unit(2))
        assert [row[4] for row in rows(coverage)] == [POSTPONED, None]

    def test_are_fetched_once_they_are(self, staging: Staging) -> None:
        cover(staging, postponed(1))
        stage(staging, unit(1), *records(1))
        coverage = cover(staging, unit(1))
        assert (coverage.postponed, coverage.outcomes["fetched"]) == (0, 1)

    def test_that_were_to_be_fetched_after_all_and_were_not_are_missing(self, staging: Staging) -> None:
        cover(staging, postponed(1))
        coverage = cover(staging, unit(1))
        assert list(coverage.missing()) == [(unit(1), "not fetched")]


class TestUnknownCourses:
    def test_are_those_of_which_no_learner_was_found(self, staging: Staging) -> None:
        known, unknown, batch = Course("1"), Course("2"), Course("2", "5")
        for course in (unknown, batch):
            for learner in (1, 2):
                staging.add_outcome(unit(learner, course), "not_found", "HTTP 404", NOON, RUN_ID)
        staging.add_outcome(unit(1, known), "not_found", "HTTP 404", NOON, RUN_ID)
        stage(staging, unit(2, known))
        units = [unit(learner, course) for course in (known, unknown, batch) for learner in (1, 2)]
        assert cover(staging, *units).unknown_courses == [unknown, batch]

    def test_are_none_while_one_entity_type_is_known_or_open(self, staging: Staging) -> None:
        links = unit(1, entity_type=EntityType.LINKS)
        staging.add_outcome(unit(1), "not_found", "HTTP 404", NOON, RUN_ID)
        assert cover(staging, unit(1), links).unknown_courses == []
        stage(staging, links)
        assert cover(staging, unit(1), links).unknown_courses == []

    def test_are_none_of_an_empty_plan(self, staging: Staging) -> None:
        assert cover(staging).unknown_courses == []


def test_a_file_that_is_no_coverage_is_not_asked_for_empty_units(staging: Staging) -> None:
    stage(staging, unit(2))
    cover(staging, unit(2))
    staging.store.write(f"{coverage_folder(DAY)}/_SUCCESS", b"")
    assert found_empty(staging, DAY, COURSE) == {TESTS: {"2": NOON}}


class TestUnitsThatAreNotAskedFor:
    def test_have_outcomes_of_their_own(self, staging: Staging) -> None:
        carried = PlannedUnit(unit(1), Reason.CARRIED, pages=2, last_at=at(-99), snapshot_date=DAY)
        coverage = cover(
            staging,
            carried,
            PlannedUnit(unit(2), Reason.ABSENT, last_at=at(-50)),
            PlannedUnit(unit(3), Reason.ABSENT),
            PlannedUnit(unit(4), Reason.LEFT, last_at=at(-50)),
        )
        assert rows(coverage) == [
            ("1", "carried_forward", 2, 0, None, at(-99)),
            ("2", "type_absent", 0, 0, None, at(-50)),
            ("3", "type_absent", 0, 0, None, None),
            ("4", "left", 0, 0, None, None),
        ]
        assert coverage.outcomes == NONE | {"carried_forward": 1, "type_absent": 2, "left": 1}
        assert (len(list(coverage.missing())), coverage.postponed, coverage.unknown_courses) == (0, 0, [])

    @staticmethod
    def carried(learner: int, rows: int, reason: Reason = Reason.CARRIED, minute: int = 0) -> PlannedUnit:
        return PlannedUnit(unit(learner), reason, "mark", 2, at(minute), rows, DAY - timedelta(days=1))

    def test_are_carried_forward_where_the_rows_are_in_the_days_file(self, staging: Staging) -> None:
        stage(staging, unit(1), *records(1, 2))
        stage(staging, unit(2), *records(1, 2, 3), minute=1)
        publish_units(staging, unit(1), unit(2))
        other = Staging(staging.root, "other")
        coverage = cover(other, *(self.carried(learner, 2) for learner in (1, 2, 3)))
        assert [row[:4] for row in rows(coverage)] == [
            ("1", "carried_forward", 2, 2),
            ("2", "carried_forward", 2, 3),
            ("3", "failed", 0, 0),
        ]
        assert list(coverage.missing()) == [(unit(3), LOST)]

    def test_are_carried_forward_without_rows_where_another_run_found_none_since(
        self, staging: Staging
    ) -> None:
        stage(staging, unit(1), minute=1)
        cover(staging, unit(1))
        other = Staging(staging.root, "other")
        for minute, outcome in ((0, "carried_forward"), (2, "failed")):
            assert rows(cover(other, self.carried(1, 2, minute=minute)))[0][1:4:2] == (outcome, 0)

    def test_are_carried_forward_where_they_had_to_be_postponed(self, staging: Staging) -> None:
        stage(staging, unit(1), *records(1))
        publish_units(staging, unit(1))
        units = [self.carried(learner, 1, Reason.POSTPONED) for learner in (1, 2)]
        coverage = cover(Staging(staging.root, "other"), *units)
        assert [row[1:5:3] for row in rows(coverage)] == [("carried_forward", None), ("failed", POSTPONED)]
        assert (coverage.postponed, len(list(coverage.missing()))) == (1, 0)

    def test_do_not_keep_a_course_from_being_unknown(self, staging: Staging) -> None:
        staging.add_outcome(unit(1), "not_found", "HTTP 404", NOON, RUN_ID)
        assert cover(staging, unit(1), PlannedUnit(unit(2), Reason.LEFT)).unknown_courses == [COURSE]
        assert cover(staging, unit(1), PlannedUnit(unit(2), Reason.ABSENT)).unknown_courses == []
        assert cover(staging, PlannedUnit(unit(2), Reason.LEFT)).unknown_courses == []


def test_what_is_fetched_for_a_file_that_can_not_be_read_is_not_published(staging: Staging) -> None:
    path = progress_file(TESTS, COURSE, DAY)
    staging.store.write(path, b"no parquet")
    stage(staging, unit(1), *records(1))
    stage(staging, unit(2))
    carried = TestUnitsThatAreNotAskedFor.carried(3, 1)
    links = unit(1, entity_type=EntityType.LINKS)
    stage(staging, links, {"id": 1})
    publish_units(staging, unit(1), unit(2), carried, links)
    coverage = cover(staging, unit(1), unit(2), carried, links)
    assert [row[1] for row in rows(coverage)] == ["failed", "empty", "failed", "fetched"]
    (_, first), (_, second) = coverage.missing()
    assert first == second
    assert first.startswith(f"not published: {path}")


def test_its_own_file_that_is_no_coverage_is_replaced(
    staging: Staging, caplog: pytest.LogCaptureFixture
) -> None:
    staging.store.write(coverage_file(DAY, staging.key), b"no parquet")
    stage(staging, unit(1))
    assert cover(staging, unit(1)).outcomes["empty"] == 1
    assert "is no coverage" in caplog.text


def test_a_row_group_is_about_one_course(root: Any, staging: Staging) -> None:
    units = [
        unit(learner, course) for course in (COURSE, Course("1", "2"), Course("1")) for learner in (1, 2)
    ]
    path = cover(staging, *units).path
    with staging.store.open(path) as source, pq.ParquetFile(source) as file:
        assert file.num_row_groups == 3


def test_what_was_written_in_one_piece_is_read_course_by_course(staging: Staging) -> None:
    courses = (COURSE, Course("1", "2"), Course("1"))
    for course in courses:
        stage(staging, unit(1, course))
    coverage = cover(staging, *(unit(1, course) for course in courses))
    table = coverage.read()
    with staging.store.replacing(coverage.path) as temporary:
        pq.write_table(table, temporary)
    staging.remove()
    assert [course for course, _ in coverage.courses("outcome")] == list(courses)
    assert found_empty(staging, DAY, Course("1", "2")) == {TESTS: {"1": NOON}}
    assert cover(staging, *(unit(1, course) for course in courses)).read().equals(table)
