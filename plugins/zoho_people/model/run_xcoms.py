"""What a run's tasks tell each other by XComs: what each of them holds, and how it is written and read.

An XCom is plain JSON in Airflow's database, for everybody with access to the run to see. So it has counts,
paths, and ids where a task needs them; no name, e-mail address or progress of a learner.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any, Generic, NamedTuple, Self, TypeVar

from pydantic import TypeAdapter

from zoho_people.model.entity_type import EntityType
from zoho_people.model.pool_names import PUBLISH_POOL
from zoho_people.model.run_tasks import (
    CHECK_TASK_ID,
    NEW_FIELDS_KEY,
    PLAN_KEY,
    PLAN_TASK_ID,
    PUBLISH_TASK_ID,
    PUBLISHED_KEY,
    RESULT_KEY,
)


class Told:
    """A value of an XCom; its subclasses are dataclasses."""

    __slots__ = ()

    def to_json(self) -> dict[str, Any]:
        """The value as JSON values."""
        kind: Any = type(self)
        return dict(_adapter(kind).dump_python(self, mode="json"))

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """The value that :meth:`to_json` wrote.

        :raises ValueError: when it is another one.
        """
        kind: Any = cls
        read: Self = _adapter(kind).validate_python(value)
        return read


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request(Told):
    """What a run is asked for, as ``check_request`` found it good.

    ``courses`` empty: every published course, or those of the roster file. ``learner_ids`` empty: all
    learners of each course. ``snapshot_date`` is the UTC day on which the run began to fetch.
    ``units_per_task`` None: as many as the size of the plan asks for. ``may_defer``: whether the pool counts
    deferred tasks; ``slots``: how many requests a window it lets through, as far as Zoho does. ``privacy``:
    how little of learners the deployer wants kept, see :class:`~zoho_people.configuration.privacy.Privacy`.
    ``publish_pool``: where the DAG's runs plan and publish, one at a time.
    """

    courses: tuple[str, ...] = ()
    learner_ids: tuple[str, ...] = ()
    roster_file: str | None = None
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    entity_types: tuple[str, ...]
    output_path: str
    snapshot_date: date
    refresh: str = "changed"
    full_every_days: int = 7
    skip_absent_types: bool = True
    units_per_task: int | None = None
    dry_run: bool = False
    may_defer: bool = True
    slots: int
    privacy: Mapping[str, str] = field(default_factory=dict)
    publish_pool: str = PUBLISH_POOL

    @property
    def names_everybody(self) -> bool:
        """Whether courses and learners are all named, so that no roster is asked for."""
        return bool(self.learner_ids or self.roster_file)

    @property
    def types(self) -> tuple[EntityType, ...]:
        """The entity types."""
        return tuple(EntityType.parse(name) for name in self.entity_types)


class Span(NamedTuple):
    """From one instant to another, in seconds since the epoch."""

    begin: float
    end: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent(Told):
    """What a task that sends requests has spent, or all those of a run together.

    ``held_seconds`` is how long slots were held; ``first_at`` and ``last_at`` are when the first and the last
    request ended, in seconds since the epoch; ``by_day`` counts the requests by UTC day; ``locked`` is when
    the API was found locked.
    """

    requests: int = 0
    held_seconds: float = 0.0
    first_at: float | None = None
    last_at: float | None = None
    by_day: Mapping[date, int] = field(default_factory=dict)
    locked: Sequence[Span] = ()

    @property
    def seconds(self) -> float:
        """From the first to the last answer."""
        return (self.last_at or 0.0) - (self.first_at or 0.0)

    @property
    def locked_seconds(self) -> float:
        """How long the API was locked."""
        return round(sum(span.end - span.begin for span in self.locked), 3)

    @classmethod
    def total(cls, several: Iterable[Spent]) -> Spent:
        """What *several* tasks have spent together."""
        tasks = list(several)
        by_day: Counter[date] = Counter()
        for task in tasks:
            by_day.update(task.by_day)
        return cls(
            requests=sum(task.requests for task in tasks),
            held_seconds=round(sum(task.held_seconds for task in tasks), 3),
            first_at=min((task.first_at for task in tasks if task.first_at), default=None),
            last_at=max((task.last_at for task in tasks if task.last_at), default=None),
            by_day=dict(by_day),
            locked=union(span for task in tasks for span in task.locked),
        )


def union(spans: Iterable[Span]) -> list[Span]:
    """The *spans* in their order, those that overlap or touch as one."""
    found: list[Span] = []
    for span in sorted(spans):
        if found and span.begin <= found[-1].end:
            found[-1] = Span(found[-1].begin, max(found[-1].end, span.end))
        else:
            found.append(span)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFigures(Told):
    """The plan in figures.

    ``units`` and ``requests`` are those to be fetched, ``minutes`` the least that they take; ``postponed``
    units are left for another day. ``daily_budget`` is None where the connection names no daily limit;
    ``spent_today`` has what others booked, ``quota_left`` what is left after this run, None where nobody
    knows. ``filters_without_match`` are rules that match no course, ``impossible`` counts units of types that
    their course can't have (``absent`` among others), ``forgotten`` the learners left out, course by course.
    """

    units: int = 0
    by_reason: Mapping[str, int] = field(default_factory=dict)
    requests: int = 0
    minutes: float = 0.0
    postponed: int = 0
    daily_budget: int | None = None
    spent_today: int = 0
    quota_left: int | None = None
    filters_without_match: Sequence[str] = ()
    impossible: int = 0
    forgotten: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitsOfPlan:
    """*count* units of the plan, from position *first* on."""

    first: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchItem(Told):
    """What one task of ``fetch`` does, by the names of the operator's parameters: a unit, or some ``planned``."""

    course: str | None = None
    learner_id: str | None = None
    entity_type: str | None = None
    planned: UnitsOfPlan | None = None
    course_name: str | None = None
    output_path: str
    requests_per_window: int | None = None
    deferrable: bool | None = None

    def to_json(self) -> dict[str, Any]:
        """What is said of it; each task reads the items of all, so they are kept small."""
        return {name: value for name, value in Told.to_json(self).items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitCounts(Told):
    """The units ``asked`` for are ``answered`` or ``missing``; some of the latter are ``postponed``."""

    asked: int
    answered: int
    missing: int
    postponed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Published(Told):
    """What was published.

    ``rows`` were fetched by this run, ``rows_carried`` carried forward; ``failures`` says by path why a file
    could not be merged. ``coverage`` is the coverage's path. ``problem`` is what a person has to look at,
    empty where nothing is; ``complete`` says that all is there that Zoho told. ``clear_number`` tells how
    often tasks of the run had been cleared by then, ``folder_url`` where a browser shows the output.
    """

    files: int = 0
    files_changed: int = 0
    rows: int = 0
    rows_carried: int = 0
    rows_by_entity_type: Mapping[str, int] = field(default_factory=dict)
    failures: Mapping[str, str] = field(default_factory=dict)
    coverage: str = ""
    answers: UnitCounts
    quota_left: int | None = None
    spent: Spent
    problem: str = ""
    complete: bool = False
    clear_number: int = 0
    folder_url: str = ""


Value = TypeVar("Value", bound=Told)


@dataclass(frozen=True, slots=True)
class RunXCom(Generic[Value]):
    """The XCom *key* of the task *task_id*, which holds a *kind*."""

    task_id: str
    key: str
    kind: type[Value]

    def pull(self, ti: Any) -> Value | None:
        """What the task has told, by the task instance *ti*; None where it has not (yet)."""
        value = ti.xcom_pull(task_ids=self.task_id, key=self.key)
        return None if value is None else self.kind.from_json(value)

    def push(self, ti: Any, value: Value) -> None:
        """Tell *value*, as the task instance *ti*."""
        ti.xcom_push(key=self.key, value=value.to_json())


REQUEST = RunXCom(CHECK_TASK_ID, RESULT_KEY, Request)
PLAN = RunXCom(PLAN_TASK_ID, PLAN_KEY, PlanFigures)
PUBLISHED = RunXCom(PUBLISH_TASK_ID, PUBLISHED_KEY, Published)


def push_new_fields(ti: Any, names: Mapping[str, Sequence[str]]) -> None:
    """Tell the *names* of fields that no run has seen before, by entity type."""
    ti.xcom_push(key=NEW_FIELDS_KEY, value={label: list(fields) for label, fields in names.items()})
