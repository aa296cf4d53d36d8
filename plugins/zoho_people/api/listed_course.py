"""A course as the course list tells of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from zoho_people.api.unit import id_digits


class CourseType(StrEnum):
    """What kind of course it is; the value is its name in filters and in the dataset."""

    SELF_PACED = "self_paced"
    BLENDED = "blended"
    E_MATERIAL = "e_material"

    @classmethod
    def read(cls, value: object) -> CourseType | None:
        """The type that Zoho means by *value*: 1, 2, 3 or a word, however written; None for anything else."""
        if isinstance(value, bool) or not isinstance(value, (int, str)):
            return None
        word = "".join(char for char in str(value).lower() if char.isalnum())
        return _TYPES.get(word.removesuffix("course"))


_TYPES = {
    "1": CourseType.SELF_PACED,
    "selfpaced": CourseType.SELF_PACED,
    "2": CourseType.BLENDED,
    "blended": CourseType.BLENDED,
    "3": CourseType.E_MATERIAL,
    "ematerial": CourseType.E_MATERIAL,
}

_UNPUBLISHED = {"unpublished", "notpublished", "draft", "drafted", "archived", "inactive", "0", "false"}


@dataclass(frozen=True, slots=True)
class ListedCourse:
    """A course of the organisation; *type* is None where Zoho's word for it is not known."""

    course_id: str
    name: str
    type: CourseType | None
    is_published: bool

    @classmethod
    def read(cls, item: Mapping[str, Any]) -> ListedCourse:
        """The course in an *item* of the list; a field that is missing or odd leaves its place empty."""
        names = (item.get(key) for key in ("courseName", "name"))
        return cls(
            course_id=id_digits(item.get("courseId")),
            name=next((name for name in names if isinstance(name, str)), ""),
            type=CourseType.read(item.get("type", item.get("courseType"))),
            is_published=is_published(item),
        )

    @property
    def may_have_batches(self) -> bool:
        """Whether its batches have to be asked for: it is blended, or may be."""
        return self.type in (None, CourseType.BLENDED)


def is_published(item: Mapping[str, Any]) -> bool:
    """Whether a course or batch is published: unless Zoho says in a word known here that it is not."""
    status = item.get("publishStatus")
    if not isinstance(status, (str, int)):
        return True
    return "".join(char for char in str(status).lower() if char.isalnum()) not in _UNPUBLISHED
