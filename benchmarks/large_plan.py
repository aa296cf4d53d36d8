"""How long planning and publishing a large organisation takes, and how much memory, by the size of its courses.

Every unit (course, learner, entity type) has ten rows in yesterday's snapshot; one learner in twenty has changed
since. Measured, each step in a process of its own: the plan, publishing, publishing once more with nothing new,
the coverage and the report. The same number of units comes in courses of different sizes, which shows what memory
depends on; the last size is a course with twice the learners, and a last line the plan alone of a million units.
What is fetched is staged without an emulator, and not measured.

    python benchmarks/large_plan.py                       # about five minutes
    python benchmarks/large_plan.py --sizes 2x1000        # courses x learners, in five entity types each

Exits with 1 when the last size takes more memory than the first by the bound, or than the one before by the lower
one: a file of 20,000 learners has filled its first row groups, so twice as many may not matter.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "plugins"))

import pyarrow as pa

from zoho_people.model.entity_type import EntityType
from zoho_people.model.known import Known
from zoho_people.model.policy import Policy
from zoho_people.model.unit import Course
from zoho_people.planning.known_units import KnownUnits, KnownWriter, write_state
from zoho_people.planning.plan import plan_units
from zoho_people.planning.plan_file import PlanFile
from zoho_people.publishing.course_file import write_rows
from zoho_people.publishing.coverage import Coverage, write_coverage
from zoho_people.publishing.publish import publish
from zoho_people.publishing.report_tables import summarize
from zoho_people.staging.progress_pages import Staging
from zoho_people.storage.arrow_memory import give_back_memory
from zoho_people.storage.layout import coverage_file, progress_file
from zoho_people.storage.schema import PROGRESS_SCHEMA
from zoho_people.storage.store import Store
from zoho_people.zoho.page import Page

RUN = "run"
TYPES = tuple(EntityType)[:5]
BEFORE, DAY = date(2026, 1, 1), date(2026, 1, 2)
THEN, NOW = datetime(2026, 1, 1, 6, tzinfo=UTC), datetime(2026, 1, 2, 6, tzinfo=UTC)
ENTITIES = 10
CHANGED = 20
"""One learner in so many."""
SIZES = ("20x1000", "2x10000", "1x20000", "1x40000")
PLAN_ONLY = "20x10000"
STEPS = ("plan", "publish", "again", "coverage", "report")
MOST_MORE_MB = 100
"""What a step may take in the last of the sizes more than in the first."""
MOST_MORE_OF_TWICE_MB = 30
"""What it may take there more than in the one before."""


def organisation(courses: int, learners: int) -> Iterator[tuple[Course, dict[str, str | None]]]:
    """Every course and its learners with today's fingerprints."""
    ids = [str(253200000000000000 + number) for number in range(learners)]
    for number in range(courses):
        course = Course(str(5727000000000000000 + number))
        yield course, {each: fingerprint(place, today=True) for place, each in enumerate(ids)}


def fingerprint(place: int, *, today: bool) -> str:
    """The fingerprint of the learner's record; one in :data:`CHANGED` has another one today."""
    return f"{place:030x}{'ff' if today and place % CHANGED == 0 else '00'}"


def prepare(root: str, courses: int, learners: int, *, with_rows: bool) -> None:
    """Yesterday: what is known of every unit, and its rows."""
    store = Store(root)
    for course, fingerprints in organisation(courses, learners):
        states = {
            each: Known("fetched", 1, ENTITIES, THEN, fingerprint(place, today=False), BEFORE)
            for place, each in enumerate(fingerprints)
        }
        write_state(store, course, {each: known_units(each, states) for each in TYPES})
        for entity_type in TYPES if with_rows else ():
            with store.replacing(progress_file(entity_type, course, BEFORE)) as temporary:
                write_rows(temporary, [rows(course, list(fingerprints))])


def known_units(entity_type: EntityType, states: Mapping[str, Known]) -> KnownUnits:
    """What is known of the units of a type, by learner in the order of their ids."""
    writer = KnownWriter(entity_type)
    for learner_id, known in states.items():
        writer.add(learner_id, known)
    return writer.finish()


def rows(course: Course, learners: Sequence[str]) -> pa.Table:
    """The rows of yesterday: all learners have the same but for their ids."""
    same: dict[str, Any] = {
        "course_id": course.course_id,
        "learner_id": "",
        "status": "completed",
        "is_mandatory": True,
        "user_mark": 87.5,
        "max_mark": 100.0,
        "attributes": '{"attemptedTime": 1767225600000, "modifiedTime": 1767225600000}',
        "fetched_at": THEN,
        "dag_run_id": "yesterday",
    }
    entities = [
        {**same, "entity_id": str(200002000000000000 + number), "entity_name": f"Safety, part {number}"}
        for number in range(ENTITIES)
    ]
    table = pa.concat_tables([pa.Table.from_pylist(entities, schema=PROGRESS_SCHEMA)] * len(learners))
    place = PROGRESS_SCHEMA.get_field_index("learner_id")
    ids = pa.array([each for each in learners for _ in entities], pa.string())
    return table.set_column(place, PROGRESS_SCHEMA.field(place), ids).combine_chunks()


def fetch(root: str) -> None:
    """Stage what the plan asks for."""
    staging = Staging(root, RUN)
    for unit in PlanFile(staging.store, RUN).to_fetch(0, 10**9):
        records = tuple(
            {"id": 200002000000000000 + number, "testId": number, "status": "completed"}
            for number in range(ENTITIES)
        )
        staging.add_page(unit, Page(0, records, None), NOW, RUN)


def step(root: str, name: str, courses: int, learners: int) -> dict[str, float]:
    """Take one step; the processor's seconds (others share the machine), and the most memory of this process."""
    give_back_memory()
    staging = Staging(root, RUN)
    plan = PlanFile(staging.store, RUN)
    path = coverage_file(DAY, RUN)
    listed = organisation(courses, learners)
    steps: Mapping[str, Callable[[], Any]] = {
        "plan": lambda: plan_units(staging.store, RUN, listed, TYPES, policy=Policy(), now=NOW).fit(None),
        "publish": lambda: publish(staging, plan, DAY, NOW),
        "again": lambda: publish(staging, plan, DAY, NOW),
        "coverage": lambda: write_coverage(staging, plan, DAY, RUN),
        "report": lambda: summarize(Coverage(staging.store, path), DAY),
        "choose": lambda: plan.fit(courses * learners * 2 // 100),
        "nothing": lambda: None,
    }
    began = time.process_time()
    steps[name]()
    seconds = time.process_time() - began
    kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "darwin" else 1)
    return {"seconds": seconds, "memory_mb": kib / 1024}


def alone(function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """Call *function* in a new process; this one stays small, as the most memory of it counts as theirs."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(function, arguments, options)


def measure(size: str, steps: Sequence[str]) -> dict[str, dict[str, float]]:
    """Prepare an organisation and take *steps*."""
    courses, learners = map(int, size.split("x"))
    measured = {}
    with tempfile.TemporaryDirectory(prefix="bench-plan-") as root:
        alone(prepare, root, courses, learners, with_rows="publish" in steps)
        for name in steps:
            if name == "publish":
                alone(fetch, root)
            measured[name] = alone(step, root, name, courses, learners)
    return measured


def shown(size: str, measured: Mapping[str, Mapping[str, float]], steps: Sequence[str]) -> str:
    """A line of the table."""
    cells = [
        f"{measured[name]['seconds']:.1f} s, {measured[name]['memory_mb']:.0f} MB" if name in measured else ""
        for name in steps
    ]
    return (
        f"| {' × '.join(f'{int(part):,}' for part in size.split('x'))} × {len(TYPES)} | {' | '.join(cells)} |"
    )


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(
        description="Time and memory of planning and publishing, by course size."
    )
    parser.add_argument("--sizes", nargs="+", default=SIZES, help="courses x learners each")
    parser.add_argument("--plan-only", default=PLAN_ONLY, help="a size whose plan alone is made; '' for none")
    options = parser.parse_args(arguments)
    columns = (*STEPS, "choose")
    print(f"a bare process: {alone(step, '', 'nothing', 0, 0)['memory_mb']:.0f} MB")
    print(f"| courses × learners × entity types | {' | '.join(columns)} |")
    taken = []
    for size in options.sizes:
        taken.append(measure(size, STEPS))
        print(shown(size, taken[-1], columns), flush=True)
    if options.plan_only:
        print(shown(options.plan_only, measure(options.plan_only, ("plan", "choose")), columns), flush=True)
    last = taken[-1]
    kept = True
    for other, name, allowed in (
        (taken[0], "the first", MOST_MORE_MB),
        (taken[-2:][0], "the one before", MOST_MORE_OF_TWICE_MB),
    ):
        more = max(last[each]["memory_mb"] - other[each]["memory_mb"] for each in STEPS)
        print(f"the last size took at most {more:.0f} MB more than {name}; allowed: {allowed}")
        kept = kept and more <= allowed
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
