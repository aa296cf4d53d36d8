"""Which of the listed courses a run is about, and how they are shared out among tasks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from zoho_people.model.listed_course import CourseType, ListedCourse
from zoho_people.model.unit import Course
from zoho_people.planning.course_filter import CourseFilter

_NAMED = 5
"""How many courses an error names."""


class NoSuchCourse(ValueError):
    """A course that was named is not listed, or none is left; the message says which and the cure."""


def choose_courses(
    listed: Mapping[str, ListedCourse], named: Sequence[Course], wanted: CourseFilter
) -> list[Course]:
    """The *named* courses and batches, or every published course of *listed* where none is named; as *wanted*.

    A course stands for all its batches, so a batch beside its own course is left out.

    :raises NoSuchCourse: when a named one is not listed or has no batches, or when none is left.
    """
    _check(listed, named)
    everything = _published(listed)
    chosen = [course for course in named or everything if wanted(listed[course.course_id])]
    if not chosen:
        idle = idle_rules(listed, named, wanted)
        raise NoSuchCourse(
            f"no course is left: Zoho lists {len(listed)}, {len(everything)} of them published, and the "
            "filters let none of those that were asked for pass; correct include and exclude"
            + (f" ({some(idle)} match{'es' if len(idle) == 1 else ''} none of them)" if idle else "")
        )
    whole = {course.course_id for course in chosen if course.batch_id is None}
    return [
        course for course in dict.fromkeys(chosen) if course.batch_id is None or course.course_id not in whole
    ]


def idle_rules(
    listed: Mapping[str, ListedCourse], named: Sequence[Course], wanted: CourseFilter
) -> list[str]:
    """The rules of *wanted* that match none of the courses among which :func:`choose_courses` chooses."""
    candidates = named or _published(listed)
    return wanted.idle(listed[course.course_id] for course in candidates if course.course_id in listed)


def _published(listed: Mapping[str, ListedCourse]) -> list[Course]:
    return [Course(course.course_id) for course in listed.values() if course.is_published]


def _check(listed: Mapping[str, ListedCourse], named: Sequence[Course]) -> None:
    unknown = [course for course in named if course.course_id not in listed]
    if unknown:
        raise NoSuchCourse(f"Zoho lists no course {some(unknown)}; correct the Param or Variable courses")
    without = [
        course
        for course in named
        if course.batch_id and listed[course.course_id].type not in (None, CourseType.BLENDED)
    ]
    if without:
        raise NoSuchCourse(
            f"{some(without)}: the course is not blended, so it has no batches; name the course alone"
        )


def some(things: Sequence[object]) -> str:
    """The first few of *things*, and how many more there are."""
    more = f" and {len(things) - _NAMED} more" if len(things) > _NAMED else ""
    return ", ".join(map(str, things[:_NAMED])) + more


def share_out(courses: Iterable[Course], shards: int) -> list[list[str]]:
    """*courses* as texts in at most *shards* lists of about equal length; those of one course stay together."""
    by_id: dict[str, list[str]] = {}
    for course in courses:
        by_id.setdefault(course.course_id, []).append(str(course))
    together = list(by_id.values())
    shares = (together[number::shards] for number in range(shards))
    return [[text for texts in share for text in texts] for share in shares if share]
