"""Which courses of the organisation are meant: filters by id, name and type."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from zoho_people.api.listed_course import CourseType, ListedCourse
from zoho_people.api.unit import parse_id, shown

_FORMS = "an id in digits, 'name:<pattern>' with * and ?, or 'type:' and one of " + ", ".join(CourseType)


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of a filter: the *kind* of thing that it looks at (``id``, ``name``, ``type``) and its *value*."""

    kind: str
    value: str

    @classmethod
    def parse(cls, text: object) -> Rule:
        """The rule written as ``<digits>``, ``id:<digits>``, ``name:<pattern>`` or ``type:<course type>``.

        :raises ValueError: when *text* is anything else; the message tells the forms.
        """
        kind, colon, value = text.partition(":") if isinstance(text, str) else ("", "", "")
        if isinstance(text, str) and not colon:
            kind, value = "id", text
        if not _is_sound(kind, value):
            raise ValueError(f"filter {shown(text)} is none; write {_FORMS}")
        return cls(kind, value)

    def matches(self, course: ListedCourse) -> bool:
        """Whether it is about *course*; names are compared without regard to case."""
        if self.kind == "name":
            return fnmatchcase(course.name.casefold(), self.value.casefold())
        return self.value == (course.course_id if self.kind == "id" else course.type)


def _is_sound(kind: str, value: str) -> bool:
    try:
        if kind == "id":
            return bool(parse_id(value, field="course"))
        return bool(value) if kind == "name" else kind == "type" and value in set(CourseType)
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class CourseFilter:
    """A course is meant when a rule of *include* matches it, or there is none, and no rule of *exclude* does."""

    include: tuple[Rule, ...] = ()
    exclude: tuple[Rule, ...] = ()

    @classmethod
    def parse(cls, include: Iterable[object] | None, exclude: Iterable[object] | None) -> CourseFilter:
        """The filter of rules as :meth:`Rule.parse` reads them.

        :raises ValueError: when one of them is no rule.
        """
        return cls(tuple(map(Rule.parse, include or ())), tuple(map(Rule.parse, exclude or ())))

    def __call__(self, course: ListedCourse) -> bool:
        """Whether *course* is meant."""
        included = not self.include or any(rule.matches(course) for rule in self.include)
        return included and not any(rule.matches(course) for rule in self.exclude)
