"""Some days of an emulated organisation below an output path: what the tests of questions read.

Zoho's records become rows by the project's own code, and the lists are published by it. The files of progress and
coverage are written here, in the contract's columns: so any outcome of a unit can be had, in milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.helpers.lists import COURSE_LIST, stage_list
from tests.helpers.samples import DAY, NOON
from zoho_emulator.lists import Lists
from zoho_emulator.organisation import Course as TrueCourse
from zoho_emulator.organisation import Organisation
from zoho_emulator.organisation import Unit as TrueUnit
from zoho_emulator.settings import Settings
from zoho_people.endpoints.course_learners import COURSE_LEARNERS
from zoho_people.endpoints.courses import BATCHES
from zoho_people.endpoints.progress import of_unit
from zoho_people.endpoints.rows import staged_page
from zoho_people.model.entity_type import EntityType
from zoho_people.model.outcome import Outcome
from zoho_people.model.unit import Course, Unit
from zoho_people.publishing.lists import publish_lists
from zoho_people.staging.list_pages import ListStaging
from zoho_people.storage.layout import coverage_file, progress_file
from zoho_people.storage.schema import COVERAGE_SCHEMA
from zoho_people.zoho.page import Page

ORGANISATION = Organisation(courses=3, learners=14, seed=5, max_entities=5, changed_share=0.15)
"""The second course has two batches, the others have none."""

DAYS = tuple(DAY + timedelta(days=number) for number in (0, 5, 9))
NEVER_ASKED, FAILED, STALE, LEFT = 2, 3, 4, 5
"""Four learners of the first course: listed and never asked for; asked in vain on the later days, without rows of
an earlier answer, or with those of the first day; and one who has left it on the last day."""

_EVERYTHING = Settings(page_size=10_000, record_shape="definition")


@dataclass(frozen=True)
class _Answer:
    """What is known of a unit on a day."""

    unit: Unit
    outcome: Outcome
    records: tuple[dict[str, Any], ...]
    at: datetime

    def rows(self) -> pa.Table:
        return staged_page(of_unit(self.unit), Page(0, self.records, None), self.at, "run")


def publish_days(folder: Path) -> None:
    """Everything of each of :data:`DAYS`."""
    for day in DAYS:
        _publish_lists(folder, day)
        files: dict[str, list[_Answer]] = {}
        answers = list(_answers(day))
        for answer in answers:
            files.setdefault(progress_file(answer.unit.entity_type, answer.unit.course, day), []).append(
                answer
            )
        for path, some in files.items():
            table = pa.concat_tables([answer.rows() for answer in some])
            if table.num_rows:
                _write(
                    folder / path, table.sort_by([("learner_id", "ascending"), ("entity_id", "ascending")])
                )
        _write(folder / coverage_file(day, "run-1"), _coverage(answers))


def courses() -> Iterator[tuple[TrueCourse, int | None]]:
    """Every course without batches, and every batch."""
    for course in ORGANISATION.all_courses():
        for batch_id in course.batch_ids or (None,):
            yield course, batch_id


def learner_id(number: int) -> str:
    return str(ORGANISATION.learner_id(number))


def course_of(course: TrueCourse, batch_id: int | None) -> Course:
    return Course(str(course.course_id), None if batch_id is None else str(batch_id))


def _answers(day: date) -> Iterator[_Answer]:
    """What the day's run knows of each unit that it set out to fetch."""
    for course, batch_id in courses():
        for true in ORGANISATION.units(course, batch_id):
            learner = true.learner.index if course.index == 0 else None
            if learner == NEVER_ASKED:
                continue
            if learner == LEFT and day == DAYS[-1]:
                yield _answer(true, day, Outcome.LEFT, is_known=False)
            elif learner in (FAILED, STALE) and day != DAYS[0]:
                yield _answer(true, DAYS[0], Outcome.FAILED, is_known=learner == STALE)
            else:
                yield _answer(true, day, None, is_known=True)


def _answer(true: TrueUnit, day: date, outcome: Outcome | None, *, is_known: bool) -> _Answer:
    unit = Unit(
        course_of(true.course, true.batch_id), str(true.learner.learner_id), EntityType(true.kind.code)
    )
    records = tuple(_lists(day).records(true)) if is_known else ()
    known = Outcome.FETCHED if records else Outcome.EMPTY
    return _Answer(unit, outcome or known, records, NOON + (day - DAY))


def _coverage(answers: list[_Answer]) -> pa.Table:
    rows = [
        {
            "course_id": answer.unit.course.course_id,
            "batch_id": answer.unit.course.batch_id,
            "learner_id": answer.unit.learner_id,
            "entity_type": answer.unit.entity_type.label,
            "outcome": answer.outcome.value,
            "pages": 1,
            "rows": len(answer.records),
            "error": "Zoho answered 500" if answer.outcome is Outcome.FAILED else None,
            "fetched_at": answer.at if answer.records or answer.outcome is Outcome.EMPTY else None,
            "dag_run_id": "run",
        }
        for answer in answers
    ]
    return pa.Table.from_pylist(rows, schema=COVERAGE_SCHEMA)


def _lists(day: date) -> Lists:
    return Lists(ORGANISATION, _EVERYTHING, (day - DAY).days)


def _publish_lists(folder: Path, day: date) -> None:
    staged, lists = ListStaging(folder, f"run-{day}"), _lists(day)
    stage_list(staged, COURSE_LIST, *lists.courses(0)["courses"])
    staged.choose([Course(str(course.course_id)) for course in ORGANISATION.all_courses()])
    for course in ORGANISATION.all_courses():
        if course.batch_ids:
            stage_list(
                staged, BATCHES.of(Course(str(course.course_id))), *lists.batches(course, 0)["batches"]
            )
    for course, batch_id in courses():
        learners = lists.roster(course, batch_id, 0)["courseProgress"]
        stage_list(staged, COURSE_LEARNERS.of(course_of(course, batch_id)), *learners)
    publish_lists(staged, day)


def _write(path: Path, table: pa.Table) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path, compression="zstd")
