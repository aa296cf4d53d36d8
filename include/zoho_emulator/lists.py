"""The lists that the API sends: courses, batches, rosters and progress records, page by page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from zoho_emulator.draws import Draws
from zoho_emulator.kinds import KINDS
from zoho_emulator.organisation import Course, Learner, Organisation, Unit
from zoho_emulator.records import Record
from zoho_emulator.settings import Settings
from zoho_emulator.shapes import shaped

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Lists:
    """Everything that an authorised caller can read of *organisation* on *day*."""

    organisation: Organisation
    settings: Settings
    day: int = 0

    def courses(
        self,
        start: int,
        *,
        course_type: str | None = None,
        search: str | None = None,
        state: str | None = None,
    ) -> Json:
        """A page of the course list, of one type, in one state or with a text in the name as is asked for."""
        state = state if self.settings.heeds_state else None
        wanted = [
            course
            for course in self.organisation.all_courses()
            if course_type in (None, str(course.type))
            and state in (None, self.organisation.state_of(course))
            and (search or "").lower() in course.name.lower()
        ]
        return self._list("courses", wanted, start, self._course)

    def batches(self, course: Course, start: int) -> Json:
        """A page of the batches of *course*; empty unless it is blended."""

        def item(batch_id: int) -> Json:
            return {
                "batchId": str(batch_id),
                "courseId": str(course.course_id),
                "name": f"Batch {course.batch_ids.index(batch_id) + 1}",
                "learnersCount": len(self.organisation.learners_of(course, batch_id)),
                "publishStatus": "published",
            }

        return self._list("batches", course.batch_ids, start, item)

    def roster(self, course: Course, batch_id: int | None, start: int) -> Json:
        """A page of the learners of a course or batch, with how far each is."""

        def item(index: int) -> Json:
            learner = self.organisation.learner_at(index)
            names = {
                "learnerId": course.render_id(learner.learner_id),
                "learnerName": learner.name,
                "emailId": f"learner{index}@example.com",
            }
            return names | self._progress(course, learner)

        return self._list("courseProgress", self.organisation.learners_of(course, batch_id), start, item)

    def courses_of(self, learner: Learner, start: int) -> Json:
        """A page of the courses of one learner, with how far each is."""

        def item(index: int) -> Json:
            course = self.organisation.course_at(index)
            batch_id = self.organisation.batch_of(course, learner)
            batch = {} if batch_id is None else {"batchId": str(batch_id)}
            return self._course(course) | batch | self._progress(course, learner)

        page = self._list("courseProgress", range(self.organisation.courses), start, item)
        return {"learnerId": str(learner.learner_id)} | page

    def records(self, unit: Unit) -> list[Record]:
        """All records of *unit*, in the shape that is set."""
        shape = self.settings.record_shape
        return [shaped(record, unit.kind, shape) for record in self.organisation.records(unit, day=self.day)]

    def progress(self, unit: Unit, start: int) -> Json:
        """A page of the records of *unit*; now and then it is shorter than it could be."""
        records = self.records(unit)
        draws = Draws(
            "page", self.organisation.seed, unit.course.index, unit.learner.index, unit.kind.code, start
        )
        size = self.settings.page_size
        if draws.chance(0.25):
            size = max(1, size - draws.between(1, 4))
        return {
            "code": "200" if draws.chance(0.5) else 200,
            "learnerId": unit.course.render_id(unit.learner.learner_id),
            "entityType": unit.kind.code,
            "learnerProgress": records[start : start + size],
            "message": "success",
            "hasMoreRecords": start + size < len(records),
        }

    def _list(self, key: str, items: Sequence[Any], start: int, render: Callable[[Any], Json]) -> Json:
        end = start + self.settings.page_size
        page: Json = {key: [render(item) for item in items[start:end]], "code": "200", "message": "success"}
        if self.settings.lists_say_more:
            page["hasMoreRecords"] = end < len(items)
        return page

    def _course(self, course: Course) -> Json:
        return {
            "courseId": course.render_id(course.course_id),
            "courseName": course.name,
            "type": course.type,
            "publishStatus": self.organisation.state_of(course),
        }

    def _progress(self, course: Course, learner: Learner) -> Json:
        """How far the learner is in the course; changes exactly on the days when the records do."""
        unit_batch = self.organisation.batch_of(course, learner)
        statuses = [
            record.get("status")
            for kind in KINDS
            for record in self.organisation.records(Unit(course, unit_batch, learner, kind), day=self.day)
        ]
        done = statuses.count("completed")
        version = self.organisation.changed_on(course, learner, day=self.day)
        return {
            "status": "completed" if done == len(statuses) else "inprogress",
            "completionPercentage": round(100 * done / len(statuses), 2) if statuses else None,
            "lastActivityTime": 1_735_689_600_000 + version * 86_400_000,
        }
