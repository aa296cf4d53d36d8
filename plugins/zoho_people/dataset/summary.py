"""The table at the end of a run's log: per course and entity type, no learner by name or number."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from zoho_people.api.entity_type import EntityType
from zoho_people.dataset.course_file import CourseFile, UnusableFile
from zoho_people.dataset.coverage import Coverage
from zoho_people.dataset.layout import progress_file
from zoho_people.dataset.staged_unit import ALL_OUTCOMES, ANSWERED, CARRIED_FORWARD

_KNOWN = pa.array((*ANSWERED, CARRIED_FORWARD), pa.string())
_HEADINGS = ("course", "entity type", "learners", "entities", "completed", "mean mark", *ALL_OUTCOMES[1:])


@dataclass(slots=True)
class Figures:
    """The figures of one course and entity type; ``mark_sum`` adds percentages, of ``marked`` entities."""

    learners: list[pa.ChunkedArray[Any]] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    entities: int = 0
    completed: int = 0
    marked: int = 0
    mark_sum: float = 0.0

    def cover(self, table: pa.Table) -> None:
        """Count the units of *table* (learner_id, outcome)."""
        outcomes: list[Any] = table["outcome"].to_pylist()
        self.outcomes.update(outcomes)
        known = table.filter(pc.is_in(table["outcome"], value_set=_KNOWN))
        self.learners.append(known["learner_id"])

    def add(self, table: pa.Table) -> None:
        """Count the rows of *table* (learner_id, status, user_mark, max_mark) that are of the learners."""
        learners = pa.chunked_array([chunk for part in self.learners for chunk in part.chunks], pa.string())
        rows = table.filter(pc.is_in(table["learner_id"], value_set=learners.combine_chunks()))
        self.entities += rows.num_rows
        self.completed += _sum(pc.equal(pc.utf8_lower(rows["status"]), pa.scalar("completed")))
        marked = rows.filter(pc.field("max_mark") > 0)
        percent = pc.multiply(pc.divide(marked["user_mark"], marked["max_mark"]), pa.scalar(100.0))
        self.marked += len(percent) - percent.null_count
        self.mark_sum += _sum(percent)

    def cells(self) -> tuple[str, ...]:
        """The figures as the table's columns behind course and entity type."""
        completed = f"{self.completed / self.entities:.0%}" if self.entities else "-"
        mark = f"{self.mark_sum / self.marked:.1f}%" if self.marked else "-"
        counts = (str(self.outcomes[outcome]) for outcome in ALL_OUTCOMES[1:])
        return str(sum(map(len, self.learners))), str(self.entities), completed, mark, *counts


def summarize(coverage: Coverage, snapshot_date: date) -> str:
    """A plain-text table of what this run's learners have in the dataset now, and of the outcomes.

    ``learners`` are those whose rows are known, with or without any: fetched or carried forward; ``completed`` is
    the share of entities with that status; ``mean mark`` the mean of user mark by maximum mark. Reads the coverage
    course by course, the dataset row group by row group; of a file that can't be read no entities are counted:
    publishing, which tells of it, has failed.
    """
    lines = []
    parts = coverage.courses("learner_id", "entity_type", "outcome")
    for course, tables in groupby(parts, key=itemgetter(0)):
        by_type = _by_type(table for _, table in tables)
        for entity_type, figures in by_type.items():
            path = progress_file(entity_type, course, snapshot_date)
            with suppress(UnusableFile), CourseFile.opened(coverage.store, path) as file:
                for _, rows in file.groups(["learner_id", "status", "user_mark", "max_mark"]):
                    figures.add(rows)
            lines.append((str(course), entity_type.label, *figures.cells()))
    return _aligned([_HEADINGS, *lines])


def _by_type(tables: Iterable[pa.Table]) -> dict[EntityType, Figures]:
    found: dict[EntityType, Figures] = defaultdict(Figures)
    for table in tables:
        labels: list[Any] = table["entity_type"].unique().to_pylist()
        for label in labels:
            rows = table.filter(pc.equal(table["entity_type"], pa.scalar(label)))
            found[EntityType.parse(label)].cover(rows)
    return found


def _sum(values: Any) -> Any:
    return pc.sum(values).as_py() or 0


def _aligned(lines: Sequence[Sequence[str]]) -> str:
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join(_line(line, widths) for line in lines)


def _line(cells: Sequence[str], widths: Iterable[int]) -> str:
    """Names to the left, figures to the right."""
    padded = [
        cell.ljust(width) if column < 2 else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return "  ".join(padded).rstrip()
