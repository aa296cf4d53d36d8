"""A large organisation's month below an output path: every dataset of every day, made up in a few minutes.

    python -m benchmarks.answers.month /tmp/month                         # 1,000,000 rows a day over 30 days
    python -m benchmarks.answers.month /tmp/month --rows 10000 --days 5

Below the folder are ``data`` (the output path), ``people.csv`` and ``deadlines.csv``. A day has 40 courses and
batches (24 self-paced courses, 8 blended ones with two batches), all ten entity types with 45 or 50 entities in
each course, and everybody is in four courses on average. From a day to the next some 2 rows of 100 change; the
rows of whoever is unchanged are carried forward, with the time and the run of their last change.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from zoho_people.model.entity_type import EntityType
from zoho_people.model.unit import Course
from zoho_people.storage.layout import courses_file, coverage_file, learners_file, progress_file
from zoho_people.storage.schema import COURSES_SCHEMA, COVERAGE_SCHEMA, LEARNERS_SCHEMA, PROGRESS_SCHEMA

SELF_PACED_COURSES, BLENDED_COURSES, BATCHES = 24, 8, 2
PLACES = SELF_PACED_COURSES + BLENDED_COURSES * BATCHES
COURSES_OF_A_LEARNER = 4
LAST_DAY = date(2026, 11, 25)
FIRST_COURSE, FIRST_BATCH, FIRST_LEARNER, FIRST_ENTITY = (
    100002000000039001,
    100002000000041383,
    100002000000500011,
    100002000001000017,
)
STEP = 22
ENTITIES = {
    EntityType.OFFLINE_TESTS: 3,
    EntityType.ONLINE_TESTS: 6,
    EntityType.ASSIGNMENTS: 4,
    EntityType.FILES: 9,
    EntityType.CONTENTS: 14,
    EntityType.SESSIONS: 5,
    EntityType.LINKS: 4,
    EntityType.PRE_LEARNING_TESTS: 2,
    EntityType.POST_LEARNING_TESTS: 2,
    EntityType.FEEDBACKS: 1,
}
WITH_MARKS = frozenset(
    {
        EntityType.OFFLINE_TESTS,
        EntityType.ONLINE_TESTS,
        EntityType.ASSIGNMENTS,
        EntityType.PRE_LEARNING_TESTS,
        EntityType.POST_LEARNING_TESTS,
    }
)
STATUSES = np.array(["notstarted", "inprogress", "completed"])
DEPARTMENTS = ("Sales", "Production", "Logistics", "Finance", "Research", "Service", "People", "IT")
LOCATIONS = ("Pune", "Stockholm", "Austin", "München")
ROW_GROUP_ROWS = 32_768
Array = Any


@dataclass(frozen=True)
class Month:
    """What is made: *learners* in each course or batch, day by day up to the *last_day*."""

    output: Path
    learners: int
    days: int
    last_day: date = LAST_DAY
    seed: int = 7

    @property
    def dates(self) -> list[date]:
        """The days, the first one first."""
        return [self.last_day - timedelta(days=self.days - 1 - number) for number in range(self.days)]

    @property
    def all_learners(self) -> int:
        """How many people there are: each is in some courses."""
        return max(1, self.learners * PLACES // COURSES_OF_A_LEARNER)


@dataclass(frozen=True)
class Place:
    """One course or batch, and who is in it: the numbers of the learners."""

    number: int
    course: Course
    kind: int
    members: Array

    @property
    def entities(self) -> dict[EntityType, int]:
        """How many entities of each type it has: sessions exist only in batches."""
        is_batch = self.course.batch_id is not None
        return {
            kind: count for kind, count in ENTITIES.items() if is_batch or kind is not EntityType.SESSIONS
        }


def places(month: Month) -> Iterator[Place]:
    """Every course without batches, and every batch."""
    for number in range(PLACES):
        blended, batch = divmod(number - SELF_PACED_COURSES, BATCHES)
        is_batch = number >= SELF_PACED_COURSES
        index = SELF_PACED_COURSES + blended if is_batch else number
        batch_id = str(FIRST_BATCH + (blended * BATCHES + batch) * STEP) if is_batch else None
        course = Course(str(FIRST_COURSE + index * STEP), batch_id)
        draws = np.random.default_rng((month.seed, number))
        members = np.sort(
            draws.choice(month.all_learners, size=min(month.learners, month.all_learners), replace=False)
        )
        yield Place(number, course, 2 if is_batch else 1, members)


@dataclass(frozen=True)
class Doings:
    """When the learners of a place start and complete each entity of one type, by day, and with which marks."""

    kind: EntityType
    started: Array
    done: Array
    marks: Array
    max_marks: Array
    is_mandatory: Array
    attempts: Array

    @classmethod
    def of(cls, month: Month, place: Place, kind: EntityType) -> Doings:
        """Drawn from the seed. Who is quick in one type is so in all."""
        learners, entities = len(place.members), place.entities[kind]
        pace = np.random.default_rng((month.seed, place.number, 99)).gamma(2.0, 0.6, learners)[:, None]
        begun = np.random.default_rng((month.seed, place.number, 98)).integers(
            -40, month.days + 10, learners
        )[:, None]
        skill = np.random.default_rng((month.seed, place.number, 97)).normal(0, 1, learners)[:, None]
        draws = np.random.default_rng((month.seed, place.number, kind.value))
        started = begun + draws.exponential(12, (learners, entities)) * pace
        done = started + draws.exponential(10, (learners, entities)) * pace + 0.3
        done[draws.random((learners, entities)) < 0.08] = 10_000  # never
        ease = draws.normal(0.9, 0.7, entities) - (0.9 if kind is EntityType.PRE_LEARNING_TESTS else 0.0)
        noise = draws.normal(0, 0.8, (learners, entities))
        max_marks = draws.choice([100.0, 50.0, 10.0], entities)
        share = 1 / (1 + np.exp(-(skill + ease + noise)))
        return cls(
            kind,
            np.floor(started),
            np.floor(done),
            np.round(share * max_marks * 2) / 2,
            max_marks,
            draws.random(entities) < 0.5,
            draws.integers(1, 4, (learners, entities)),
        )

    def last_change(self, day: int) -> Array:
        """The last day up to *day* on which each row changed; 0 for none."""
        changed = np.where(self.done <= day, self.done, np.where(self.started <= day, self.started, 0))
        return np.clip(changed, 0, day)


def write_place(month: Month, number: int) -> int:
    """All files of one course or batch; how many rows of progress they have."""
    place = next(each for each in places(month) if each.number == number)
    doings = [Doings.of(month, place, kind) for kind in place.entities]
    rows = 0
    for day, name in enumerate(month.dates):
        fetched_on = np.max([each.last_change(day).max(axis=1) for each in doings], axis=0).astype(int)
        for each in doings:
            table = _progress(month, place, each, day, fetched_on)
            _write(month, progress_file(each.kind, place.course, name), table)
            rows += table.num_rows
        _write(month, learners_file(place.course, name), _learners(month, place, doings, day, fetched_on))
    return rows


def _progress(month: Month, place: Place, doings: Doings, day: int, fetched_on: Array) -> pa.Table:
    learners, entities = doings.done.shape
    rows = learners * entities
    is_done = doings.done <= day
    state = np.where(is_done, 2, np.where(doings.started <= day, 1, 0)).ravel()
    marks = doings.kind in WITH_MARKS
    entity = np.tile(np.arange(entities), learners)
    label = doings.kind.label.replace("_", " ").capitalize().removesuffix("s")
    first = FIRST_ENTITY + (place.number * 10 + doings.kind.value) * 100 * STEP
    modified = 1_760_000_000_000 + doings.last_change(day).ravel().astype(np.int64) * 86_400_000
    fetched = np.repeat(fetched_on, entities)
    limit = 3 if doings.kind is EntityType.ONLINE_TESTS else None
    return _table(
        PROGRESS_SCHEMA,
        rows,
        course_id=place.course.course_id,
        batch_id=place.course.batch_id,
        learner_id=_words(
            np.repeat(np.arange(learners), entities), _ids(FIRST_LEARNER + place.members * STEP)
        ),
        entity_id=_words(entity, _ids(first + np.arange(entities) * STEP)),
        entity_name=_words(entity, [f"{label} {number + 1}" for number in range(entities)]),
        status=_words(state, STATUSES),
        is_mandatory=pa.array(np.tile(doings.is_mandatory, learners)),
        user_mark=_marks(doings.marks, is_done) if marks else None,
        max_mark=pa.array(np.tile(doings.max_marks, learners)) if marks else None,
        maximum_attempts_allowed=limit,
        duration="20 minutes" if marks else None,
        duration_seconds=1200 if marks else None,
        attributes=_attributes(modified, doings.attempts.ravel() if limit else None),
        fetched_at=_words(fetched, _moments(month)),
        dag_run_id=_words(fetched, _run_ids(month)),
    )


def _marks(marks: Array, is_done: Array) -> pa.Array:
    return pa.array(marks.ravel(), mask=~is_done.ravel())


def _attributes(modified: Array, attempts: Array | None) -> list[str]:
    if attempts is None:
        return [f'{{"modifiedTime": {moment}}}' for moment in modified.tolist()]
    both = zip(modified.tolist(), attempts.tolist(), strict=True)
    return [f'{{"modifiedTime": {moment}, "attempts": {count}}}' for moment, count in both]


def _learners(month: Month, place: Place, doings: list[Doings], day: int, fetched_on: Array) -> pa.Table:
    done = np.concatenate([each.done <= day for each in doings], axis=1).mean(axis=1)
    members, rows = place.members.tolist(), len(place.members)
    return _table(
        LEARNERS_SCHEMA,
        rows,
        course_id=place.course.course_id,
        batch_id=place.course.batch_id,
        learner_id=_ids(FIRST_LEARNER + place.members * STEP),
        learner_name=[f"Learner {number}" for number in members],
        email=[f"learner{number}@example.com" for number in members],
        status=["completed" if share == 1 else "inprogress" for share in done.tolist()],
        completion_percentage=np.round(done * 100, 2),
        attributes="{}",
        mark=[
            f"{number:016x}{fetched:016x}"
            for number, fetched in zip(members, fetched_on.tolist(), strict=True)
        ],
        fetched_at=_moments(month)[day],
        dag_run_id=_run_ids(month)[day],
    )


def write_coverage(month: Month) -> int:
    """A file a day: who was asked, who is carried forward, and a few who could not be read; how many rows."""
    everywhere = list(places(month))
    changes = [_last_changes(month, place) for place in everywhere]
    rows = 0
    for day, name in enumerate(month.dates):
        parts = [
            _coverage(month, place, last[day], day) for place, last in zip(everywhere, changes, strict=True)
        ]
        _write(month, coverage_file(name, f"scheduled-{name}"), pa.concat_tables(parts))
        rows += sum(part.num_rows for part in parts)
    return rows


def _last_changes(month: Month, place: Place) -> list[Array]:
    """By day: the last day on which anything of each learner changed."""
    doings = [Doings.of(month, place, kind) for kind in place.entities]
    return [
        np.max([each.last_change(day).max(axis=1) for each in doings], axis=0).astype(int)
        for day in range(month.days)
    ]


def _coverage(month: Month, place: Place, fetched_on: Array, day: int) -> pa.Table:
    learners, kinds = len(place.members), list(EntityType)
    rows = learners * len(kinds)
    draws = np.random.default_rng((month.seed, place.number, 1000 + day))
    counts = np.array([place.entities.get(kind, 0) for kind in kinds])
    when = np.repeat(fetched_on, len(kinds))
    count = np.tile(counts, learners)
    outcome = np.where(count == 0, 2, np.where(when == day, 0, 1))
    outcome[draws.random(rows) < 0.002] = 3
    return _table(
        COVERAGE_SCHEMA,
        rows,
        course_id=place.course.course_id,
        batch_id=place.course.batch_id,
        learner_id=_words(
            np.repeat(np.arange(learners), len(kinds)), _ids(FIRST_LEARNER + place.members * STEP)
        ),
        entity_type=_words(np.tile(np.arange(len(kinds)), learners), [kind.label for kind in kinds]),
        outcome=_words(outcome, ["fetched", "carried_forward", "type_absent", "failed"]),
        pages=(outcome == 0).astype(np.int32),
        rows_=count,
        error=_words(outcome, [None, None, None, "Zoho answered 500"]),
        fetched_at=_words(when, _moments(month)),
        dag_run_id=_run_ids(month)[day],
    )


def write_courses(month: Month) -> None:
    """A file a day: each course, and each batch."""
    everywhere = list(places(month))
    courses = sorted({place.course.course_id: place.kind for place in everywhere}.items())
    listed = [
        (course_id, None, f"Course {number + 1}", kind) for number, (course_id, kind) in enumerate(courses)
    ]
    batches = [place.course for place in everywhere if place.course.batch_id]
    listed += [
        (each.course_id, each.batch_id, f"Batch {number % BATCHES + 1}", None)
        for number, each in enumerate(batches)
    ]
    ids, batch_ids, names, kinds = zip(*listed, strict=True)
    for day, name in enumerate(month.dates):
        table = _table(
            COURSES_SCHEMA,
            len(listed),
            course_id=list(ids),
            batch_id=list(batch_ids),
            name=list(names),
            type=[{1: "self_paced", 2: "blended", None: None}[kind] for kind in kinds],
            publish_status="published",
            attributes="{}",
            fetched_at=_moments(month)[day],
            dag_run_id=_run_ids(month)[day],
        )
        _write(month, courses_file(name), table)


def write_people(month: Month, path: Path) -> None:
    """Where everybody works; one of a hundred is in no list."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["learner_id", "department", "manager", "location", "cost_centre"])
        for number in range(month.all_learners):
            if number % 100 != 99:
                department = DEPARTMENTS[number % len(DEPARTMENTS)]
                manager = f"{department} lead {number // len(DEPARTMENTS) % 6 + 1}"
                place = LOCATIONS[number // 7 % len(LOCATIONS)]
                rows.writerow([FIRST_LEARNER + number * STEP, department, manager, place, 4000 + number % 40])


def write_deadlines(month: Month, path: Path) -> None:
    """Every second course is due on a day, of the others every second some days after a learner is first seen."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["course_id", "batch_id", "due_date", "due_days"])
        for place in places(month):
            due_date = month.last_day + timedelta(days=place.number - PLACES // 2)
            ids = [place.course.course_id, place.course.batch_id or ""]
            if place.number % 2 == 0:
                rows.writerow([*ids, due_date, ""])
            elif place.number % 4 == 1:
                rows.writerow([*ids, "", 14])


def _table(schema: pa.Schema, rows: int, **values: Any) -> pa.Table:
    """A table of *rows* rows; what is one value stands in each of them."""
    arrays = [
        _array(values[f"{field.name}_" if field.name == "rows" else field.name], field, rows)
        for field in schema
    ]
    return pa.Table.from_arrays(arrays, schema=schema)


def _array(values: Any, field: Any, rows: int) -> pa.Array:
    if isinstance(values, (list, np.ndarray)):
        return pa.array(values, field.type)
    if isinstance(values, pa.Array):
        return values.cast(field.type)
    return pa.repeat(pa.scalar(values, field.type), rows)


def _words(places: Array, words: Any) -> pa.Array:
    """The word at each of *places*."""
    array = words if isinstance(words, pa.Array) else pa.array(list(words))
    return array.take(pa.array(places))


def _ids(numbers: Array) -> list[str]:
    return [str(number) for number in numbers.tolist()]


def _moments(month: Month) -> list[datetime]:
    return [datetime(day.year, day.month, day.day, 6, tzinfo=UTC) for day in month.dates]


def _run_ids(month: Month) -> list[str]:
    return [f"scheduled__{day}T05:00:00+00:00" for day in month.dates]


def _write(month: Month, path: str, table: pa.Table) -> None:
    target = month.output / path
    target.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, target, compression="zstd", row_group_size=ROW_GROUP_ROWS)


def write(folder: Path, *, rows_a_day: int, days: int, processes: int) -> int:
    """The whole month below *folder*; how many rows of progress it has."""
    a_learner = sum(sum(place.entities.values()) for place in places(Month(folder, 1, 1))) / PLACES
    month = Month(folder / "data", max(1, round(rows_a_day / PLACES / a_learner)), days)
    folder.mkdir(parents=True, exist_ok=True)
    write_people(month, folder / "people.csv")
    write_deadlines(month, folder / "deadlines.csv")
    write_courses(month)
    if processes == 1:
        write_coverage(month)
        return sum(write_place(month, number) for number in range(PLACES))
    with ProcessPoolExecutor(processes) as pool:
        coverage = pool.submit(write_coverage, month)
        rows = sum(pool.map(partial(write_place, month), range(PLACES)))
        coverage.result()
        return rows


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of progress a day")
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    began = time.monotonic()
    rows = write(options.folder, rows_a_day=options.rows, days=options.days, processes=options.processes)
    files = [path for path in options.folder.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files) / 2**20
    print(
        f"{rows:,} rows of progress in {len(files):,} files, {size:,.0f} MiB, {time.monotonic() - began:.0f} s"
    )


if __name__ == "__main__":
    main()
