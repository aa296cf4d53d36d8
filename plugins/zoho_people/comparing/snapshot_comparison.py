"""What changed in all courses from earlier snapshots to that of a day, written course by course."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from zoho_people.comparing.changes_file import replace_changes
from zoho_people.comparing.course_comparison import CourseComparison
from zoho_people.comparing.covered_units import CoveredUnits, count_units, known_units
from zoho_people.comparing.earlier_units import EarlierUnits
from zoho_people.comparing.snapshot_days import earlier_days, snapshot_days
from zoho_people.model.unit import Course
from zoho_people.publishing.course_file import UnusableFile
from zoho_people.storage.layout import changes_file
from zoho_people.storage.store import Store

log = logging.getLogger(__name__)


@dataclass(slots=True)
class DayChanges:
    """What a comparison found on *day*, in counts.

    ``by_course``: number of changes of each kind, of the courses that have any; ``compared``: number of units by
    the day they were compared with; ``first_seen``: number of units that no snapshot before knew; ``lost``:
    number of units whose earlier rows are not kept any more; ``unknown``: number of units that the day's runs set
    out to fetch and could not; ``learners``: ids of those who have changes; ``files_changed``: number of files
    whose changes differ from those before; ``failures``: why courses were left as they were.
    """

    day: date
    by_course: dict[Course, Counter[str]] = field(default_factory=dict)
    compared: Counter[date] = field(default_factory=Counter)
    first_seen: int = 0
    lost: int = 0
    unknown: int = 0
    learners: set[str] = field(default_factory=set)
    files_changed: int = 0
    failures: list[str] = field(default_factory=list)

    @property
    def by_change(self) -> Counter[str]:
        """Number of changes of each kind, in all courses."""
        return sum(self.by_course.values(), Counter())

    def add(self, done: CourseComparison, units: EarlierUnits) -> None:
        """Count a course that is compared and written."""
        if done.changes:
            self.by_course[done.course] = done.changes
        self.compared.update(done.compared)
        self.first_seen += units.first_seen
        self.lost += done.lost
        self.learners |= done.learners


class SnapshotComparison:
    """Compares snapshots below the output path of *store*; *dag_run_id* is noted with what it finds."""

    def __init__(self, store: Store, dag_run_id: str) -> None:
        self._store = store
        self._dag_run_id = dag_run_id
        self._days = snapshot_days(store)
        self._covered: dict[date, CoveredUnits] = {}

    def compare(self, day: date) -> DayChanges:
        """Write the changes of *day*, course by course, each file in place of the one before.

        A course of which a file can't be read is left as it was, and is among the failures; the others go on.
        """
        found = DayChanges(day)
        try:
            courses = self._on(day).courses()
        except UnusableFile as error:
            self._note(found, error)
            return found
        for course in courses:
            try:
                self._compare(course, found)
            except UnusableFile as error:
                self._note(found, error)
        return found

    def _compare(self, course: Course, found: DayChanges) -> None:
        covered = self._on(found.day).of(course)
        units = EarlierUnits.among(
            known_units(covered),
            earlier_days(self._days, found.day),
            lambda day: known_units(self._on(day).of(course)),
        )
        done = CourseComparison(self._store, course, found.day, self._dag_run_id)
        found.files_changed += replace_changes(
            self._store, changes_file(course, found.day), done.tables(units)
        )
        found.add(done, units)
        found.unknown += count_units(covered) - units.known.num_rows

    def _on(self, day: date) -> CoveredUnits:
        if day not in self._covered:
            self._covered[day] = CoveredUnits(self._store, day)
        return self._covered[day]

    @staticmethod
    def _note(found: DayChanges, error: UnusableFile) -> None:
        log.error("%s", error)
        found.failures.append(str(error))
