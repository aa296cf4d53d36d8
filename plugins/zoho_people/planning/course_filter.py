"""Which courses of the organisation are meant: filters by id, name and type."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from zoho_people.model.listed_course import CourseType, ListedCourse
from zoho_people.model.typed_text import folded, matches
from zoho_people.model.unit import id_digits, shown

_FORMS = "an id in digits, 'name:<pattern>' with * and ?, or 'type:' and one of " + ", ".join(CourseType)


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of a filter: the *kind* of thing that it looks at (``id``, ``name``, ``type``) and its *value*."""

    kind: str
    value: str

    @classmethod
    def parse(cls, text: object) -> Rule:
        """The rule written as ``<digits>``, ``id:<digits>``, ``name:<pattern>`` or ``type:<course type>``.

        Kind and type in any case; blanks around a part don't count.

        :raises ValueError: when *text* is anything else; the message tells the forms.
        """
        kind, colon, value = text.partition(":") if isinstance(text, str) else ("", "", "")
        if isinstance(text, str) and not colon:
            kind, value = "id", text
        kind, value = folded(kind.strip()), value.strip()
        value = folded(value) if kind == "type" else value
        if not _is_sound(kind, value):
            raise ValueError(f"{shown(text)} is not a filter; write {_FORMS}")
        return cls(kind, value)

    def __str__(self) -> str:
        return f"{self.kind}:{self.value}"

    def matches(self, course: ListedCourse) -> bool:
        """Whether it is about *course*; how names are compared: :mod:`zoho_people.model.typed_text`."""
        if self.kind == "name":
            return matches(course.name.strip(), self.value)
        return self.value == (course.course_id if self.kind == "id" else course.type)


def _is_sound(kind: str, value: str) -> bool:
    if kind == "id":
        return bool(id_digits(value))
    return bool(value) if kind == "name" else kind == "type" and value in set(CourseType)


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

    def idle(self, courses: Iterable[ListedCourse]) -> list[str]:
        """The rules that match none of *courses*, such as ``exclude name:Safty*``: nearly always a slip."""
        everything = list(courses)
        rules = [("include", rule) for rule in self.include] + [("exclude", rule) for rule in self.exclude]
        return [f"{name} {rule}" for name, rule in rules if not any(map(rule.matches, everything))]
