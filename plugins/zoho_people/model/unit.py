"""What is asked for: a course, and one learner's progress in one entity type of it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from zoho_people.model.entity_type import EntityType

PSEUDONYM_DIGITS = 39
"""How long a pseudonym is, always; see :mod:`zoho_people.model.pseudonyms`. No id of Zoho's is."""

_DIGITS = re.compile(r"[0-9]{1,32}", re.ASCII)
_PSEUDONYM = re.compile(rf"[0-9]{{{PSEUDONYM_DIGITS}}}", re.ASCII)


def parse_id(value: object, *, field: str) -> str:
    """*value* as an id: a string of ASCII digits. Nothing else ever enters a URL or a path.

    :raises ValueError: for anything else, a JSON number included (it may have been a float on its way).
    """
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        return value
    raise ValueError(f"{field} {shown(value)} is not an id; write Zoho's id as a string of digits")


def parse_learner_id(value: object, *, field: str) -> str:
    """*value* as a learner's id, or as the pseudonym that stands for one.

    :raises ValueError: for anything else, as :func:`parse_id`.
    """
    return str(value) if is_pseudonym(value) else parse_id(value, field=field)


def is_pseudonym(value: object) -> bool:
    """Whether *value* is long enough to stand for an id; it is none itself."""
    return isinstance(value, str) and _PSEUDONYM.fullmatch(value) is not None


def id_digits(value: object) -> str:
    """The digits of an id in an answer, a JSON number or string; none if it is no id.

    Never those of a float: it may be another number already.
    """
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**32:
        return str(value)
    return value if isinstance(value, str) and _DIGITS.fullmatch(value) else ""


def shown(value: object) -> str:
    """*value* as an error message quotes it: the first 80 characters of its ``repr``."""
    text = repr(value)
    return text if len(text) <= 80 else text[:80] + "…"


@dataclass(frozen=True, slots=True)
class Course:
    """A self-paced course (``batch_id`` None) or one batch of a blended course."""

    course_id: str
    batch_id: str | None = None

    def __post_init__(self) -> None:
        parse_id(self.course_id, field="course_id")
        if self.batch_id is not None:
            parse_id(self.batch_id, field="batch_id")

    def __str__(self) -> str:
        return self.course_id if self.batch_id is None else f"{self.course_id}/{self.batch_id}"

    @classmethod
    def parse(cls, text: object) -> Course:
        """The course written as ``courseId`` or ``courseId/batchId``.

        :raises ValueError: when *text* is anything else.
        """
        course_id, slash, batch_id = text.partition("/") if isinstance(text, str) else ("", "", "")
        if not _DIGITS.fullmatch(course_id) or (slash and not _DIGITS.fullmatch(batch_id)):
            raise ValueError(
                f"course {shown(text)} is not a course; write 'courseId' or 'courseId/batchId' in digits"
            )
        return cls(course_id, batch_id or None)


@dataclass(frozen=True, slots=True)
class Unit:
    """One learner's progress in one entity type of one course: what one task fetches, page by page.

    ``learner_id`` is Zoho's, or a pseudonym where the deployer wants those.
    """

    course: Course
    learner_id: str
    entity_type: EntityType

    def __post_init__(self) -> None:
        parse_learner_id(self.learner_id, field="learner_id")

    def __str__(self) -> str:
        return f"course {self.course}, learner {self.learner_id}, {self.entity_type.label}"
