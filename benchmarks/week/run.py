"""What a run of the DAG does in a day, by the same code and over real HTTP, at a moment of one's choice.

Airflow can't be told that tomorrow has come, so the run is here without it: nothing paces the requests, and
processes of a pool stand in for tasks.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from multiprocessing import get_context
from pathlib import Path

from benchmarks.week.source import ClientSource
from zoho_people.endpoints.course_learners import COURSE_LEARNERS
from zoho_people.endpoints.courses import COURSES
from zoho_people.endpoints.endpoint import Endpoint
from zoho_people.fetching.lists_of_task import ListFetch, ListsOfTask, lists_of
from zoho_people.fetching.next_step import NextStep, Then
from zoho_people.fetching.pace import Pace
from zoho_people.fetching.units_of_task import UnitFetch, UnitsOfTask
from zoho_people.model.entity_type import EntityType
from zoho_people.model.policy import Policy
from zoho_people.model.unit import Course, Unit
from zoho_people.planning.course_choice import choose_courses
from zoho_people.planning.course_filter import CourseFilter
from zoho_people.planning.plan import plan_units
from zoho_people.planning.plan_file import PlanFile
from zoho_people.publishing.coverage import Coverage, write_coverage
from zoho_people.publishing.lists import publish_lists
from zoho_people.publishing.publish import publish
from zoho_people.staging.list_pages import ListStaging
from zoho_people.staging.progress_pages import Staging
from zoho_people.staging.staged_lists import listed_courses, missing_courses, staged_courses, staged_learners
from zoho_people.zoho.settings import ConnectionSettings
from zoho_people.zoho.token import read_token

ENDLESS = 10**9
"""More requests than there are to send."""

Place = tuple[str, str]
"""A course and one of its learners: what Zoho has a record of."""


@dataclass(frozen=True)
class DayClock:
    """Goes on from *start* while real time passes; instants are seconds since the epoch."""

    start: datetime
    began: float = field(default_factory=time.time)

    def __call__(self) -> float:
        return self.start.timestamp() + time.time() - self.began

    def now(self) -> datetime:
        """The same as a moment."""
        return datetime.fromtimestamp(self(), self.start.tzinfo)


@dataclass(frozen=True)
class DayRun:
    """One run at the *clock*'s moment into *output*; what it learnt stays there for the next one."""

    output: Path
    name: str
    settings: ConnectionSettings
    policy: Policy
    clock: DayClock

    @property
    def key(self) -> str:
        """The run's name in staging."""
        return Staging.run_key("week", self.name)

    @cached_property
    def lists(self) -> ListStaging:
        """The lists that the run has read."""
        return ListStaging(self.output, self.key)

    @cached_property
    def staging(self) -> Staging:
        """What the run has fetched."""
        return Staging(self.output, self.key)

    def run(self, processes: ProcessPoolExecutor, tasks: int) -> Coverage:
        """Read the lists, plan, fetch, publish; the run's coverage."""
        token = ClientSource(self.settings, "").client.post_token()
        access_token = read_token(token, asked_at=self.clock()).value
        self._read_lists(ClientSource(self.settings, access_token))
        plan = self._plan()
        units = plan.to_fetch(0, ENDLESS)
        shares = [tuple(units[number::tasks]) for number in range(tasks)]
        for _ in processes.map(Task(self, access_token).fetch, filter(None, shares)):
            pass
        coverage = self._publish(plan)
        self.staging.remove_fetched()
        return coverage

    def fingerprints(self) -> dict[Place, str]:
        """The fingerprint of Zoho's record of each learner in a course, as the lists have it."""
        return {
            (course.course_id, learner_id): fingerprint
            for course in staged_courses(self.lists)
            for learner_id, fingerprint in staged_learners(self.lists, course)
        }

    def _read_lists(self, source: ClientSource) -> None:
        """The courses, then the batches and learners of those that are published."""
        self._read(source, COURSES, ())
        courses = choose_courses(listed_courses(self.lists), (), CourseFilter())
        self.lists.choose(courses)
        self._read(source, COURSE_LEARNERS, courses)
        if unread := missing_courses(self.lists):
            raise RuntimeError(f"lists of learners could not be read: {unread}")

    def _read(self, source: ClientSource, endpoint: Endpoint, courses: Sequence[Course]) -> None:
        fetch = ListsOfTask(
            lambda: lists_of(endpoint, self.lists, courses=courses),
            lambda listed: ListFetch(
                listed,
                source=source,
                staging=self.lists,
                pace=Pace(self.settings.window_s),
                clock=self.clock,
                dag_run_id=self.name,
            ),
            staging=self.lists,
            count=_check,
        )
        while fetch.is_wanting():
            fetch.burst(ENDLESS, rejections=0)

    def _plan(self) -> PlanFile:
        courses = (
            (course, dict(staged_learners(self.lists, course))) for course in staged_courses(self.lists)
        )
        plan = plan_units(
            self.staging.store,
            self.key,
            courses,
            tuple(EntityType),
            policy=self.policy,
            now=self.clock.now(),
        )
        plan.fit(None)
        return plan

    def _publish(self, plan: PlanFile) -> Coverage:
        day = self.clock.start.date()
        unmerged = [file for file in publish_lists(self.lists, day) if file.error]
        published = publish(self.staging, plan, day, self.clock.now())
        if unmerged or published.failures:
            raise RuntimeError(f"files could not be merged: {(*unmerged, *published.failures)}")
        return write_coverage(self.staging, plan, day, self.name)


@dataclass(frozen=True)
class Task:
    """Fetches a share of a run's units, as one mapped task does, in a process of its own."""

    run: DayRun
    access_token: str

    def fetch(self, units: Sequence[Unit]) -> None:
        """Every page of *units*, one behind the other."""
        fetch_of = self._fetch_of(ClientSource(self.run.settings, self.access_token))
        group = UnitsOfTask(units, fetch_of, count=_check)
        while group.is_wanting():
            group.burst(1, rejections=0)

    def _fetch_of(self, source: ClientSource) -> Callable[[Unit], UnitFetch]:
        run = self.run
        return lambda unit: UnitFetch(
            unit,
            source=source,
            staging=run.staging,
            pace=Pace(run.settings.window_s),
            clock=run.clock,
            dag_run_id=run.name,
        )


def task_processes(count: int) -> ProcessPoolExecutor:
    """So many processes, for all runs."""
    return ProcessPoolExecutor(count, mp_context=get_context("spawn"))


def _check(move: NextStep) -> None:
    """Nothing hinders a request here; what does is a mistake of the benchmark or of what it measures."""
    if move.error is not None or move.then in (Then.FAIL, Then.SKIP):
        raise RuntimeError(f"a request failed: {move.error}")
