"""What a task that reads lists was asked for, checked before a single request is spent."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from zoho_people.model.unit import Course, parse_learner_id, shown
from zoho_people.planning.course_filter import CourseFilter
from zoho_people.planning.learner_share import LearnerShare
from zoho_people.storage.layout import COURSES, EXTRA_DATASETS, LEARNERS

ENDPOINTS = (COURSES, LEARNERS, *EXTRA_DATASETS)
"""The names of the endpoints that a task can read."""

_NO_FILTER = CourseFilter()


@dataclass(frozen=True, slots=True)
class ListRequest:
    """The *endpoint* to read, of which *courses* or learners, as *wanted* by the filters.

    Without courses it is about none in particular. *share* is that of the learners of a run's plan, where none are
    named.
    """

    endpoint: str
    courses: tuple[Course, ...] = ()
    learner_ids: tuple[str, ...] = ()
    share: LearnerShare | None = None
    wanted: CourseFilter = _NO_FILTER

    @classmethod
    def parse(
        cls,
        *,
        endpoint: object,
        courses: object = None,
        learner_ids: object = None,
        share: Mapping[str, int] | None = None,
        include: object = None,
        exclude: object = None,
    ) -> ListRequest:
        """The request of an operator's arguments, each list given as such, as JSON, or as None for an empty one.

        :raises ValueError: naming the argument that can't be, and the cure.
        """
        if endpoint not in ENDPOINTS:
            raise ValueError(f"endpoint {shown(endpoint)} is unknown; use one of: {', '.join(ENDPOINTS)}")
        request = cls(
            str(endpoint),
            tuple(map(Course.parse, _texts(courses, "courses"))),
            tuple(parse_learner_id(each, field="learner") for each in _texts(learner_ids, "learner_ids")),
            None if share is None else LearnerShare(**share),
            CourseFilter.parse(_texts(include, "include"), _texts(exclude, "exclude")),
        )
        if request.endpoint == LEARNERS and not request.courses:
            raise ValueError("courses is empty; name the courses whose learners to read")
        if request.endpoint in EXTRA_DATASETS and (request.share is None) == (not request.learner_ids):
            raise ValueError("name the learners by learner_ids, or those of the run's plan by share")
        return request


def _texts(value: object, name: str) -> Sequence[Any]:
    try:
        texts = json.loads(value or "[]") if isinstance(value, str) else value
    except ValueError:
        texts = value
    if texts is None:
        return ()
    if isinstance(texts, str) or not isinstance(texts, Sequence):
        raise ValueError(f'{name} {shown(value)} is not a list of texts; write ["…", "…"]')  # noqa: TRY004
    return texts
