"""What is held does not grow with a course's entity types: each step has one file of the dataset in hand."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from tests.dataset.samples import DAY, NOON
from zoho_people.api.entity_type import EntityType
from zoho_people.api.unit import Course
from zoho_people.dataset.coverage import Coverage, write_coverage
from zoho_people.dataset.layout import coverage_file
from zoho_people.dataset.plan_file import PlanFile
from zoho_people.dataset.publish import publish
from zoho_people.dataset.staging import Staging
from zoho_people.dataset.state import write_state
from zoho_people.dataset.summary import summarize
from zoho_people.planning import plan_units
from zoho_people.refresh import Known, Policy

RUN = "run"
LEARNERS = [str(100002000000000000 + number) for number in range(1_000)]
TYPES = tuple(EntityType)[:5]
YESTERDAY = DAY - timedelta(days=1)

Step = Callable[[Staging, int, Sequence[EntityType]], object]


def plan(staging: Staging, courses: int, types: Sequence[EntityType]) -> object:
    listed = ((Course(str(number)), dict.fromkeys(LEARNERS, "mark")) for number in range(1, courses + 1))
    return plan_units(staging.store, RUN, listed, types, policy=Policy(skip_absent_types=False), now=NOON)


def publish_plan(staging: Staging, courses: int, types: Sequence[EntityType]) -> object:
    return publish(staging, PlanFile(staging.store, RUN), DAY, NOON)


def cover(staging: Staging, courses: int, types: Sequence[EntityType]) -> object:
    return write_coverage(staging, PlanFile(staging.store, RUN), DAY, RUN)


def report(staging: Staging, courses: int, types: Sequence[EntityType]) -> object:
    return summarize(Coverage(staging.store, coverage_file(DAY, RUN)), DAY)


STEPS: tuple[Step, ...] = (plan, publish_plan, cover, publish_plan, cover, report)


@pytest.fixture(autouse=True)
def traced() -> Iterator[None]:
    tracemalloc.start()
    yield
    tracemalloc.stop()


def peaks(root: Path, courses: int, types: Sequence[EntityType]) -> list[int]:
    """The most bytes of Python's objects in each step of a run that carries all learners without rows forward."""
    staging = Staging(root, RUN)
    known = dict.fromkeys(LEARNERS, Known("empty", 1, 0, NOON - timedelta(days=1), "mark", YESTERDAY))
    for number in range(1, courses + 1):
        write_state(staging.store, Course(str(number)), dict.fromkeys(types, known))
    found = []
    for step in STEPS:
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        step(staging, courses, types)
        found.append(tracemalloc.get_traced_memory()[1] - before)
    return found


def test_a_course_of_five_entity_types_takes_no_more_than_courses_of_one(tmp_path: Path) -> None:
    peaks(tmp_path / "first", 1, TYPES[:1])  # pays for imports
    apart = peaks(tmp_path / "apart", len(TYPES), TYPES[:1])
    together = peaks(tmp_path / "together", 1, TYPES)
    assert [
        round(one / other, 1) for one, other in zip(together, apart, strict=True) if one > 2 * other
    ] == []
