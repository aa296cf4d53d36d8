"""What Zoho's list of courses says about a plan: types that a course can't have, filters that match nothing."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from zoho_people.model.entity_type import EntityType
from zoho_people.model.listed_course import ListedCourse
from zoho_people.model.planned_unit import Reason
from zoho_people.model.unit import Course
from zoho_people.planning.course_choice import idle_rules
from zoho_people.planning.course_filter import CourseFilter
from zoho_people.planning.plan_file import PlanFile

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ListedFacts:
    """The organisation's courses by id; none where a run names everybody, since it reads no list."""

    listed: Mapping[str, ListedCourse]

    def never_has(self, course: Course) -> frozenset[EntityType]:
        """The entity types that *course* can't have; none for one of unknown type, and for a batch."""
        entry = self.listed.get(course.course_id)
        return frozenset() if entry is None or course.batch_id else entry.never_has

    def idle_rules(self, named: Sequence[Course], course_filter: CourseFilter) -> list[str]:
        """The rules of *course_filter* that match no course; each is in the log, too.

        The run is about the courses *named*, or else about those that *course_filter* lets through.
        """
        idle = idle_rules(self.listed, named, course_filter)
        for rule in idle:
            log.warning("The filter %s matches none of the courses; most likely it is misspelt", rule)
        return idle

    def impossible(self, plan: PlanFile) -> int:
        """How many units are of a type that their course can't have; the reason ``absent`` counts them, too."""
        if not self.listed:
            return 0
        impossible = sum(
            planned.reason is Reason.ABSENT
            for course, files in plan.courses()
            for entity_type, units in files
            if entity_type in self.never_has(course)
            for planned in units
        )
        if impossible:
            log.info(
                "%d units are sessions of courses without batches: absent, and not asked for", impossible
            )
        return impossible
