"""The ten entity types of a course, by the code that Zoho gives them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """One entity type: how its records name their fields."""

    code: int
    title: str
    prefix: str
    has_marks: bool = False
    has_duration: bool = False
    only_in_batches: bool = False

    @property
    def id_field(self) -> str:
        """The field that holds the entity's id, for example ``testId``."""
        return f"{self.prefix}Id"

    @property
    def name_field(self) -> str:
        """The field that holds the entity's name, for example ``testName``."""
        return f"{self.prefix}Name"

    @property
    def mark_field(self) -> str:
        """The field that holds the highest mark that can be had, for example ``testMark``."""
        return f"{self.prefix}Mark"


KINDS = (
    Kind(0, "Offline test", "test", has_marks=True, has_duration=True),
    Kind(1, "Online test", "test", has_marks=True, has_duration=True),
    Kind(2, "Assignment", "assignment", has_marks=True),
    Kind(3, "File", "file"),
    Kind(4, "Content", "content", has_duration=True),
    Kind(5, "Session", "session", has_duration=True, only_in_batches=True),
    Kind(6, "Link", "link"),
    Kind(7, "Pre-learning test", "test", has_marks=True, has_duration=True),
    Kind(8, "Post-learning test", "test", has_marks=True, has_duration=True),
    Kind(9, "Feedback", "feedback"),
)
