"""An emulated organisation day by day, and what its runs write; learners come and go."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.helpers.samples import DAY, NOON
from zoho_emulator.kinds import KINDS
from zoho_emulator.lists import Lists
from zoho_emulator.organisation import Course as TrueCourse
from zoho_emulator.organisation import Organisation
from zoho_emulator.organisation import Unit as TrueUnit
from zoho_emulator.settings import Settings
from zoho_people.endpoints.progress import of_unit
from zoho_people.endpoints.rows import staged_page
from zoho_people.model.entity_type import EntityType
from zoho_people.model.policy import Policy
from zoho_people.model.unit import Course, Unit
from zoho_people.planning.plan import plan_units
from zoho_people.publishing.coverage import write_coverage
from zoho_people.publishing.publish import publish
from zoho_people.staging.progress_pages import Staging
from zoho_people.storage.layout import progress_file
from zoho_people.storage.store import Store
from zoho_people.zoho.page import Page

TYPES = (EntityType.ONLINE_TESTS, EntityType.FILES, EntityType.SESSIONS)
"""Three of the ten: each has its pages, its changes and its empty units, and the others would only take time."""
BY_RUN = ["fetched_at", "dag_run_id"]
LEAVES_ON, JOINS_ON = 3, 2


@dataclass
class Company:
    """An organisation in which the first learner leaves, the last one joins; counts what it is asked."""

    organisation: Organisation = field(default_factory=lambda: Organisation(courses=3, learners=30, seed=11))
    day: int = 0
    requests: int = 0

    @property
    def lists(self) -> Lists:
        return Lists(self.organisation, Settings(), self.day)

    def is_here(self, learner_id: str) -> bool:
        last = str(self.organisation.learner_id(self.organisation.learners - 1))
        if learner_id == last:
            return self.day >= JOINS_ON
        return learner_id != str(self.organisation.learner_id(0)) or self.day < LEAVES_ON

    def seen_on(self, learner_id: str) -> int:
        """The day whose progress of the learner is in today's dataset: on the first day without, that before."""
        is_missing = self.day == LEAVES_ON and not self.is_here(learner_id)
        return self.day - 1 if is_missing else self.day

    def pages(self, page: Callable[[int], dict[str, Any]], key: str) -> Iterator[dict[str, Any]]:
        """Every page of a list."""
        start, more = 0, True
        while more:
            self.requests += 1
            answer = page(start)
            yield answer
            start, more = start + len(answer[key]), answer["hasMoreRecords"]

    def parts(self) -> Iterator[tuple[TrueCourse, int | None]]:
        """Every course without batches, and every batch of the others."""
        for true in self.organisation.all_courses():
            for batch_id in true.batch_ids or (None,):
                yield true, batch_id

    def courses(self) -> Iterator[tuple[Course, dict[str, str | None]]]:
        """Every course and batch with its learners and the fingerprints of their records, as rosters tell them."""
        list(self.pages(self.lists.courses, "courses"))
        for true in self.organisation.all_courses():
            if true.batch_ids:
                list(self.pages(lambda start, true=true: self.lists.batches(true, start), "batches"))  # type: ignore[misc]
        for true, batch_id in self.parts():
            pages = self.pages(
                lambda start, true=true, batch_id=batch_id: self.lists.roster(true, batch_id, start),  # type: ignore[misc]
                "courseProgress",
            )
            records = [record for page in pages for record in page["courseProgress"]]
            fingerprints = {str(record["learnerId"]): fingerprint(record) for record in records}
            here = {each: fingerprints[each] for each in sorted(fingerprints) if self.is_here(each)}
            yield course_of(true.course_id, batch_id), here

    def fetch(self, unit: Unit) -> Iterator[Page]:
        start = 0
        for page in self.pages(
            lambda start: self.lists.progress(self.true_unit(unit), start), "learnerProgress"
        ):
            records = tuple(page["learnerProgress"])
            end = start + len(records)
            yield Page(start, records, end if page["hasMoreRecords"] else None)
            start = end

    def true_unit(self, unit: Unit) -> TrueUnit:
        course = self.organisation.find_course(int(unit.course.course_id))
        learner = self.organisation.find_learner(int(unit.learner_id))
        assert course is not None
        assert learner is not None
        return TrueUnit(
            course, self.organisation.batch_of(course, learner), learner, KINDS[unit.entity_type.value]
        )

    def truth(self, course: Course, entity_type: EntityType) -> pa.Table:
        """The rows that today's file must have, but for the columns that a run brings."""
        tables = []
        for learner in range(self.organisation.learners):
            learner_id = str(self.organisation.learner_id(learner))
            unit = Unit(course, learner_id, entity_type)
            true = self.true_unit(unit)
            day = self.seen_on(learner_id)
            if str(true.batch_id) == str(course.batch_id) and (day < self.day or self.is_here(learner_id)):
                records = tuple(self.organisation.records(true, day=day))
                tables.append(staged_page(of_unit(unit), Page(0, records, None), NOON, ""))
        return in_order(pa.concat_tables(tables))


def course_of(course_id: int, batch_id: int | None) -> Course:
    return Course(str(course_id), None if batch_id is None else str(batch_id))


def fingerprint(record: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()[:32]


def in_order(table: pa.Table) -> pa.Table:
    sorted_ = table.sort_by([("learner_id", "ascending"), ("entity_id", "ascending")])
    return sorted_.drop_columns(BY_RUN).combine_chunks()


@dataclass
class Week:
    company: Company
    root: str
    policy: Policy = field(default_factory=Policy)

    @property
    def today(self) -> date:
        return DAY + timedelta(days=self.company.day)

    @property
    def now(self) -> datetime:
        return NOON + timedelta(days=self.company.day, minutes=-self.company.day)

    def run(self, day: int, failing: Unit | None = None) -> int:
        """A run on *day*; the requests that it took."""
        company = self.company
        company.day, company.requests = day, 0
        staging = Staging(self.root, f"run-{day}")
        plan = plan_units(
            staging.store, staging.key, company.courses(), TYPES, policy=self.policy, now=self.now
        )
        expected, _ = plan.fit(None)
        before = company.requests
        for unit in plan.to_fetch(0, 10**6):
            if unit == failing:
                staging.add_outcome(unit, "failed", "HTTP 500", self.now, "run")
                continue
            for page in company.fetch(unit):
                staging.add_page(unit, page, self.now, "run")
        if day:
            assert company.requests - before == pytest.approx(expected, abs=len(TYPES) + expected / 4)
        assert publish(staging, plan, self.today, self.now, row_group_rows=50).failures == {}
        self.coverage = write_coverage(staging, plan, self.today, "run")
        staging.remove()
        return company.requests

    def check_truth(self, *, but: Unit | None = None) -> None:
        """That today's snapshot is the truth of today, to the last value."""
        for true, batch_id in self.company.parts():
            course = course_of(true.course_id, batch_id)
            for entity_type in TYPES:
                truth = self.company.truth(course, entity_type)
                if but is not None and (course, entity_type) == (but.course, but.entity_type):
                    truth = truth.filter(pa.compute.not_equal(truth["learner_id"], but.learner_id))
                assert self.rows(course, entity_type).equals(truth), (self.today, course, entity_type)

    def rows(self, course: Course, entity_type: EntityType) -> pa.Table:
        try:
            with Store(self.root).open(progress_file(entity_type, course, self.today)) as source:
                table = pq.ParquetFile(source).read()
        except FileNotFoundError:
            table = staged_page(of_unit(Unit(course, "1", entity_type)), Page(0, (), None), NOON, "")
        assert table.equals(table.sort_by([("learner_id", "ascending"), ("entity_id", "ascending")]))
        return in_order(table)


def small() -> Company:
    return Company(Organisation(courses=2, learners=8, seed=11))
