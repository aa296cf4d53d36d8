"""What is held grows neither with a course's entity types nor with its learners: units are gone through."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from tests.helpers.samples import DAY, NOON, write_known
from zoho_people.model.entity_type import EntityType
from zoho_people.model.known import Known
from zoho_people.model.policy import Policy
from zoho_people.model.unit import Course
from zoho_people.planning.plan import plan_units
from zoho_people.planning.plan_file import PlanFile
from zoho_people.publishing.coverage import Coverage, write_coverage
from zoho_people.publishing.publish import publish
from zoho_people.publishing.report_tables import summarize
from zoho_people.staging.progress_pages import Staging
from zoho_people.storage.layout import coverage_file

pytestmark = pytest.mark.component

RUN = "run"
LEARNERS = [str(100002000000000000 + number) for number in range(3_500)]
TYPES = tuple(EntityType)[:3]
YESTERDAY = DAY - timedelta(days=1)

MOST_MORE_BYTES = 100
"""What a step may hold for a learner more: the id and the mark that the course lists, and no unit."""


@dataclass(frozen=True)
class Company:
    courses: int
    learners: int
    types: Sequence[EntityType]

    def listed(self) -> Iterator[tuple[Course, dict[str, str | None]]]:
        for number in range(1, self.courses + 1):
            yield Course(str(number)), dict.fromkeys(LEARNERS[: self.learners], "mark")


Step = Callable[[Staging, Company], object]


def plan(staging: Staging, company: Company) -> object:
    policy = Policy(skip_absent_types=False)
    return plan_units(staging.store, RUN, company.listed(), company.types, policy=policy, now=NOON)


def publish_plan(staging: Staging, _: Company) -> object:
    return publish(staging, PlanFile(staging.store, RUN), DAY, NOON)


def cover(staging: Staging, _: Company) -> object:
    return write_coverage(staging, PlanFile(staging.store, RUN), DAY, RUN)


def report(staging: Staging, _: Company) -> object:
    return summarize(Coverage(staging.store, coverage_file(DAY, RUN)), DAY)


STEPS: tuple[Step, ...] = (plan, publish_plan, cover, publish_plan, cover, report)


def peaks(root: Path, company: Company) -> list[int]:
    """The most bytes of Python's objects in each step of a run that carries all learners without rows forward."""
    staging = Staging(root, RUN)
    known = Known("empty", 1, 0, NOON - timedelta(days=1), "mark", YESTERDAY)
    for course, learners in company.listed():
        write_known(staging.store, course, dict.fromkeys(company.types, dict.fromkeys(learners, known)))
    found = []
    tracemalloc.start()  # only here: what is traced takes four times as long
    try:
        for step in STEPS:
            tracemalloc.reset_peak()
            before, _ = tracemalloc.get_traced_memory()
            step(staging, company)
            found.append(tracemalloc.get_traced_memory()[1] - before)
    finally:
        tracemalloc.stop()
    return found


@pytest.fixture(autouse=True, scope="module")
def _imports_are_paid(tmp_path_factory: pytest.TempPathFactory) -> None:
    peaks(tmp_path_factory.mktemp("first"), Company(1, 10, TYPES[:1]))


def test_a_course_of_three_entity_types_takes_no_more_than_courses_of_one(tmp_path: Path) -> None:
    apart = peaks(tmp_path / "apart", Company(len(TYPES), 1_000, TYPES[:1]))
    together = peaks(tmp_path / "together", Company(1, 1_000, TYPES))
    assert [
        round(one / other, 1) for one, other in zip(together, apart, strict=True) if one > 2 * other
    ] == []


def test_more_learners_take_no_more_than_their_ids_and_marks(tmp_path: Path) -> None:
    few, many = 2_000, 3_500  # fewer than 2,000 fill no batch of rows; a batch is no growth
    before = peaks(tmp_path / "few", Company(1, few, TYPES[:1]))
    after = peaks(tmp_path / "many", Company(1, many, TYPES[:1]))
    of_a_learner = [(more - less) / (many - few) for more, less in zip(after, before, strict=True)]
    assert max(of_a_learner) < MOST_MORE_BYTES
