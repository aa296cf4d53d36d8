"""One description for each of Zoho's endpoints. All that is done with its pages follows from it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from operator import attrgetter
from typing import Any

import pyarrow as pa

from zoho_people.endpoints.attribute_choice import AttributeChoice
from zoho_people.model.entity_type import EntityType
from zoho_people.model.unit import Course, parse_id, parse_learner_id
from zoho_people.storage import layout
from zoho_people.zoho.bounds import LIST_PAGES
from zoho_people.zoho.errors import LearnerNotFound, RequestFailed, ZohoError
from zoho_people.zoho.page import PageRequest, Record


class Whose(Enum):
    """Whose records an answer has."""

    ORGANISATION = "organisation"
    COURSE = "course"
    LEARNER = "learner"
    UNIT = "unit"


@dataclass(frozen=True, slots=True)
class Table:
    """The dataset that an endpoint's records are published in.

    ``row`` gives the columns that come from a record of a resource with an id. ``key`` are the columns that tell
    rows apart, in the order that rows are sorted by. Rows that are alike in ``replaced_by`` are replaced together.
    ``file`` is where those of a resource are published on a day.
    """

    schema: pa.Schema
    row: Callable[[Resource, str, Record, AttributeChoice], dict[str, Any]]
    key: tuple[str, ...]
    replaced_by: tuple[str, ...]
    file: Callable[[Resource, date], str]


@dataclass(frozen=True, slots=True, eq=False)
class Endpoint:
    """An endpoint: what is asked for, what its answers look like, and what becomes of their records.

    ``title`` (as logs and errors call it), ``path`` and ``staged`` (the name under which a run stages it) are
    format strings, in which ``of`` is the resource. ``params``, ``repeats`` and ``answer_repeats`` have an
    attribute of the resource for each of Zoho's keys; see :class:`~zoho_people.zoho.page.PageRequest` for these
    and for ``records_key`` and ``id_keys``. ``skipped`` are the errors that say that a resource can't be had: they
    are noted and the run goes on without it. ``pages_option`` is the option that says how many pages there may be.
    ``keeps_rows``: whether records are staged as rows at once, or as they are until they are published.
    ``staged_below`` gives the folder in which a run (by its key) stages a resource.
    """

    name: str
    whose: Whose
    title: str
    path: str
    staged: str
    table: Table
    params: Mapping[str, str] = field(default_factory=dict)
    records_key: str = ""
    id_keys: tuple[str, ...] = ()
    repeats: Mapping[str, str] = field(default_factory=dict)
    answer_repeats: Mapping[str, str] = field(default_factory=dict)
    skipped: tuple[type[ZohoError], ...] = (RequestFailed, LearnerNotFound)
    pages_option: str = LIST_PAGES
    keeps_rows: bool = False
    staged_below: Callable[[Resource, str], str] = lambda _, run_key: layout.staged_rosters_folder(run_key)

    def __repr__(self) -> str:
        return self.name

    @property
    def lists_learners(self) -> bool:
        """Whether each record is about a learner."""
        return self.id_keys == ("learnerId",)

    @property
    def staged_before_id(self) -> str:
        """How the staged name of each resource begins; a learner's id follows, where it is a learner's."""
        return self.staged.partition("{")[0]

    def of(
        self,
        course: Course | None = None,
        learner_id: str | None = None,
        entity_type: EntityType | None = None,
        *,
        state: str | None = None,
    ) -> Resource:
        """What the endpoint has of a course, a learner or both; narrowed to a *state*, as far as Zoho heeds it.

        :raises ValueError: when *learner_id* is no id.
        """
        return Resource(self, course, learner_id, entity_type, state)


@dataclass(frozen=True, slots=True)
class Resource:
    """What an :class:`Endpoint` has of one course, learner or both, page by page; see :meth:`Endpoint.of`."""

    endpoint: Endpoint
    course: Course | None = None
    learner_id: str | None = None
    entity_type: EntityType | None = None
    state: str | None = None

    def __post_init__(self) -> None:
        if self.learner_id is not None:
            parse_learner_id(self.learner_id, field="learner_id")

    def __str__(self) -> str:
        return self.endpoint.title.format(of=self)

    def request(self, start_index: int) -> PageRequest:
        """The request for the page that begins at *start_index*.

        :raises ValueError: when the learner is a pseudonym, which only its key makes an id again.
        """
        if self.learner_id is not None:
            parse_id(self.learner_id, field="learner_id")  # no pseudonym is sent
        endpoint = self.endpoint
        return PageRequest(
            path=endpoint.path.format(of=self),
            start_index=start_index,
            params=self._values(endpoint.params),
            records_key=endpoint.records_key,
            id_keys=endpoint.id_keys,
            repeats=self._values(endpoint.repeats),
            answer_repeats=self._values(endpoint.answer_repeats),
        )

    def file(self, snapshot_date: date) -> str:
        """Where its rows are published on a day."""
        return self.endpoint.table.file(self, snapshot_date)

    def staged_in(self, run_key: str) -> str:
        """Where a run keeps it, without the ending."""
        return f"{self.endpoint.staged_below(self, run_key)}/{self.endpoint.staged.format(of=self)}"

    def _values(self, attributes: Mapping[str, str]) -> dict[str, str]:
        """Each key with the value of its attribute, but for those that the resource has none of."""
        values = {key: attrgetter(attribute)(self) for key, attribute in attributes.items()}
        return {key: str(value) for key, value in values.items() if value is not None}

    @property
    def course_id(self) -> str | None:
        """The id of the course, or of that which the batch is of."""
        return None if self.course is None else self.course.course_id

    @property
    def batch_id(self) -> str | None:
        """The id of the batch, where it is about one."""
        return None if self.course is None else self.course.batch_id

    @property
    def course_path(self) -> str:
        """The course or batch in a URL."""
        return f"courses/{self.course_id}" + (f"/batches/{self.batch_id}" if self.batch_id else "")

    @property
    def course_name(self) -> str:
        """The course or batch in the name of a file.

        :raises ValueError: when it is about none.
        """
        return layout.course_name(self.some_course)

    @property
    def some_course(self) -> Course:
        """The course or batch.

        :raises ValueError: when it is about none.
        """
        if self.course is None:
            raise ValueError(f"{self.endpoint.name} is asked for a course, and none is named")
        return self.course


def without_ids(record: Record, keys: Collection[str]) -> dict[str, Any]:
    """*record* without the *keys* of ids that have a column already."""
    return {key: value for key, value in record.items() if key not in keys}
