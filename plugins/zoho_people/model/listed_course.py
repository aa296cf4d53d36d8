"""A course as the course list tells of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from zoho_people.model.entity_type import EntityType
from zoho_people.model.unit import id_digits


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

PUBLISHED = "published"
"""Zoho's word for one of the three states of a course; the others are ``drafted`` and ``disabled``."""

_STATE_KEYS = ("publishStatus", "state", "courseState")
_PUBLISHED = {PUBLISHED, "publish", "active", "enabled", "live", "1", "true", "yes"}
_UNPUBLISHED = {"0", "false", "no"}
_UNPUBLISHED_BEGIN = (
    "draft",
    "disab",
    "unpubl",
    "notpubl",
    "inactiv",
    "deactiv",
    "archiv",
    "suspend",
    "retire",
    "delete",
    "trash",
)


class PublishState(StrEnum):
    """Whether a course or batch is published; ``unknown`` where Zoho does not say, or not in a known word."""

    PUBLISHED = PUBLISHED
    UNPUBLISHED = "unpublished"
    UNKNOWN = "unknown"

    @classmethod
    def read(cls, item: Mapping[str, Any]) -> PublishState:
        """The state that Zoho means in an *item* of a list, in a word of any case, a number or a boolean.

        The field is not documented, the states are. A word that is none of theirs may mean any.
        """
        value = next((item[key] for key in _STATE_KEYS if item.get(key) is not None), None)
        word = "".join(char for char in str(value).casefold() if char.isalnum())
        if not isinstance(value, (str, int)):
            return cls.UNKNOWN
        if word in _PUBLISHED:
            return cls.PUBLISHED
        is_unpublished = word in _UNPUBLISHED or word.startswith(_UNPUBLISHED_BEGIN)
        return cls.UNPUBLISHED if is_unpublished else cls.UNKNOWN


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
    def never_has(self) -> frozenset[EntityType]:
        """The entity types that it can't have: sessions exist only in batches of blended courses."""
        return frozenset() if self.may_have_batches else frozenset({EntityType.SESSIONS})

    @property
    def may_have_batches(self) -> bool:
        """Whether its batches have to be asked for: it is blended, or may be."""
        return self.type in (None, CourseType.BLENDED)


def is_published(item: Mapping[str, Any]) -> bool:
    """Whether a course or batch is published, as far as can be told.

    One without a state, or with an unknown word for it, is taken to be: fetched for nothing it costs requests,
    left out by mistake it would be missing every day.
    """
    return PublishState.read(item) is not PublishState.UNPUBLISHED
