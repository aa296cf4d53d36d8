"""The tables at the end of a run's log: per course and entity type, no learner by name or number.

They are made for a screen of 100 columns, and for a log that a person reads to its end: where courses and their
entity types take more than :data:`MOST_LINES`, the run is summed up by entity type.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import astuple, dataclass
from datetime import date
from itertools import groupby
from operator import add, attrgetter
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from tabulate import tabulate

from zoho_people.model.completion import COMPLETED
from zoho_people.model.entity_type import EntityType
from zoho_people.model.outcome import ANSWERED, Outcome
from zoho_people.publishing.course_file import CourseFile, UnusableFile
from zoho_people.publishing.coverage import Coverage
from zoho_people.storage.arrow_columns import total, values
from zoho_people.storage.layout import progress_file
from zoho_people.storage.store import Store

_KNOWN = pa.array((*ANSWERED, Outcome.CARRIED_FORWARD), pa.string())
_HEADINGS = ("learners", "entities", "completed", "mean mark")
_ALL_COURSES = "all courses"

MOST_LINES = 12
"""So many lines a table has at the most: ten entity types, the courses above them, and little more."""


@dataclass(slots=True)
class Figures:
    """The figures of *learners* in one entity type; ``mark_sum`` adds percentages, of ``marked`` entities."""

    learners: int
    entities: int = 0
    completed: int = 0
    marked: int = 0
    mark_sum: float = 0.0

    def count(self, rows: pa.Table) -> None:
        """Count *rows* (status, user_mark, max_mark)."""
        self.entities += rows.num_rows
        status = pc.utf8_lower(pc.utf8_trim_whitespace(rows["status"]))
        self.completed += total(pc.equal(status, pa.scalar(COMPLETED)))
        marked = rows.filter(pc.field("max_mark") > 0)
        percent = pc.multiply(pc.divide(marked["user_mark"], marked["max_mark"]), pa.scalar(100.0))
        self.marked += len(percent) - percent.null_count
        self.mark_sum += total(percent)

    def __add__(self, other: Figures) -> Figures:
        """These, and the figures of another course."""
        return Figures(*map(add, astuple(self), astuple(other)))

    def cells(self) -> tuple[str, ...]:
        """The figures as cells of :data:`_HEADINGS`."""
        completed = f"{self.completed / self.entities:.0%}" if self.entities else "-"
        mark = f"{self.mark_sum / self.marked:.1f}%" if self.marked else "-"
        return f"{self.learners:,}", f"{self.entities:,}", completed, mark


@dataclass(frozen=True, slots=True)
class Line:
    """The figures of one entity type below a *heading*: a course, or all of them."""

    heading: str
    entity_type: EntityType
    figures: Figures


def summarize(coverage: Coverage, snapshot_date: date) -> str:
    """Two plain-text tables: what this run's learners have in the dataset now, and all of its units by outcome.

    ``learners`` are those whose rows are known, with or without any: fetched or carried forward; ``completed`` is
    the share of entities with that status; ``mean mark`` the mean of user mark by maximum mark. Reads the coverage
    course by course, the dataset row group by row group; of a file that can't be read no entities are counted:
    publishing, which tells of it, has failed.
    """
    lines: list[Line] = []
    parts = coverage.courses("learner_id", "entity_type", "outcome")
    for course, of_course in groupby(parts, key=attrgetter("course")):
        for entity_type, learners in _known_learners(part.table for part in of_course).items():
            path = progress_file(entity_type, course, snapshot_date)
            figures = _figures(coverage.store, path, learners)
            lines.append(Line(f"course {course}", entity_type, figures))
    courses = {line.heading for line in lines}
    told = lines if len(lines) + len(courses) <= MOST_LINES else _over_all_courses(lines)
    outcomes = [(name, f"{count:,}") for name, count in coverage.outcomes.items() if count]
    return f"{_by_course(told)}\n\n{_aligned(('outcome', 'units'), outcomes)}"


def _figures(store: Store, path: str, learners: pa.Array[Any]) -> Figures:
    """The figures of the *learners* in the file at *path*."""
    figures = Figures(len(learners))
    with suppress(UnusableFile), CourseFile.opened(store, path) as file:
        for _, rows in file.groups(["learner_id", "status", "user_mark", "max_mark"]):
            figures.count(rows.filter(pc.is_in(rows["learner_id"], value_set=learners)))
    return figures


def _over_all_courses(lines: Iterable[Line]) -> list[Line]:
    together: dict[EntityType, Figures] = defaultdict(lambda: Figures(0))
    for line in lines:
        together[line.entity_type] += line.figures
    return [Line(_ALL_COURSES, each, together[each]) for each in EntityType if each in together]


def _by_course(lines: Sequence[Line]) -> str:
    """A table of the *lines* in which a course stands once, above its entity types."""
    cells = [(f"  {line.entity_type.label}", *line.figures.cells()) for line in lines]
    headings, *texts = _aligned(("", *_HEADINGS), cells).splitlines()
    rows = iter(texts)
    told = [headings]
    for heading, same in groupby(lines, key=attrgetter("heading")):
        told += [heading, *(text for _, text in zip(same, rows, strict=False))]
    return "\n".join(told)


def _aligned(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Names to the left, figures to the right."""
    return str(
        tabulate(
            rows,
            headers=headings,
            tablefmt="plain",
            colalign=("left", *["right"] * (len(headings) - 1)),
            disable_numparse=True,
            preserve_whitespace=True,
        )
    )


def _known_learners(tables: Iterable[pa.Table]) -> dict[EntityType, pa.Array[Any]]:
    """The learners of one course's coverage *tables* whose rows are known, by entity type."""
    found: dict[EntityType, list[pa.Array[Any]]] = defaultdict(list)
    for table in tables:
        for label in values(table["entity_type"].unique()):
            of_type = table.filter(pc.equal(table["entity_type"], pa.scalar(label)))
            known = of_type.filter(pc.is_in(of_type["outcome"], value_set=_KNOWN))
            found[EntityType.parse(label)] += known["learner_id"].chunks
    return {
        entity_type: pa.chunked_array(chunks, pa.string()).combine_chunks()
        for entity_type, chunks in found.items()
    }
