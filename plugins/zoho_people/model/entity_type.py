"""The entity types of a course."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum


class EntityType(Enum):
    """One kind of thing that a course is made of; the value is Zoho's ``entityType`` code.

    The members' lower-case names are the names used in the dataset's paths, in the DAG's Params and in
    logs. Codes: Zoho People API, "Individual Learner, Individual Course All Entities Progress".
    """

    OFFLINE_TESTS = 0
    ONLINE_TESTS = 1
    ASSIGNMENTS = 2
    FILES = 3
    CONTENTS = 4
    SESSIONS = 5
    LINKS = 6
    PRE_LEARNING_TESTS = 7
    POST_LEARNING_TESTS = 8
    FEEDBACKS = 9

    @property
    def label(self) -> str:
        """The name in paths, Params and logs, for example ``offline_tests``."""
        return self.name.lower()

    @property
    def key_words(self) -> tuple[str, ...]:
        """How the names of its records' own fields begin (``testId``); what Zoho documents comes first."""
        return _KEY_WORDS[self]

    @classmethod
    def parse(cls, value: EntityType | str) -> EntityType:
        """The entity type called *value* (a member or its label).

        :raises ValueError: when there is none; the message lists the names.
        """
        if isinstance(value, cls):
            return value
        for member in cls:
            if member.label == value:
                return member
        raise ValueError(
            f"entity_type {repr(value)[:80]} is unknown; use one of: {', '.join(ENTITY_TYPE_NAMES)}"
        )


ENTITY_TYPE_NAMES: tuple[str, ...] = tuple(member.label for member in EntityType)

_KEY_WORDS: Mapping[EntityType, tuple[str, ...]] = {
    EntityType.OFFLINE_TESTS: ("test", "offlineTest"),
    EntityType.ONLINE_TESTS: ("test", "onlineTest"),
    EntityType.ASSIGNMENTS: ("assignment",),
    EntityType.FILES: ("file",),
    EntityType.CONTENTS: ("content",),
    EntityType.SESSIONS: ("session",),
    EntityType.LINKS: ("link",),
    EntityType.PRE_LEARNING_TESTS: ("test", "preLearningTest", "preTest"),
    EntityType.POST_LEARNING_TESTS: ("test", "postLearningTest", "postTest"),
    EntityType.FEEDBACKS: ("feedback", "feedbackForm"),
}
