"""Stand-ins with behaviour: a clock that jumps, Zoho behind the hook, a task's context."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from tests.helpers.counts import MemoryCounts
from zoho_people.endpoints.endpoint import Resource
from zoho_people.endpoints.progress import unit_of
from zoho_people.shared.ledger import DailyLedger
from zoho_people.shared.process import Process
from zoho_people.zoho.errors import ZohoError
from zoho_people.zoho.page import Page

NOW = 1_764_000_000.0
CONNECTION_TO_NOBODY = json.dumps(
    {
        "conn_type": "zoho_people",
        "host": "http://127.0.0.1:9",
        "login": "client-id",
        "password": "client-secret",
        "extra": {"refresh_token": "refresh-token", "accounts_url": "http://127.0.0.1:9"},
    }
)
"""As an environment variable has a connection. Nobody listens there: a request would be a failure of its own."""


class Clock:
    """``time``, ``monotonic`` and ``sleep`` without waiting; ``slept`` has the naps.

    ``process`` goes by it, born at ``born_at``. Others do ``meanwhile`` whenever it sleeps.
    """

    def __init__(self, now: float = NOW, *, age_s: float = 100.0) -> None:
        self.now = now
        self.born_at = now - age_s
        self.slept: list[float] = []
        self.meanwhile: Callable[[], None] = lambda: None
        self.process = Process(self.time, self.monotonic, self.sleep, lambda: self.now - self.born_at)

    def time(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0.0
        self.slept.append(seconds)
        self.now += seconds
        self.meanwhile()


@dataclass
class Zoho:
    """Zoho as the hook shows it: answers each request with the next of ``answers``, after ``takes_s``.

    After an answer the hook tells other tasks what it taught, which takes ``tells_for_s`` more.

    An error without HTTP status comes at once. ``asked`` has the ids and start index of each request,
    ``asked_at`` its instant, ``prepared_at`` when the hook was to have everything at hand. Other tasks'
    requests leave room from ``room_at`` on. ``meanwhile`` happens while a request is on its way.
    """

    clock: Clock
    answers: list[Page | BaseException] = field(default_factory=list)
    takes_s: float = 0.5
    takes_to_prepare_s: float = 0.0
    tells_for_s: float = 0.0
    answered_at: float | None = None
    window_s: float = 60.0
    asked: list[tuple[str, str | None, str, str, int]] = field(default_factory=list)
    asked_at: list[float] = field(default_factory=list)
    room_at: float = 0.0
    stopped: list[str] = field(default_factory=list)
    prepared_at: list[float] = field(default_factory=list)
    ledger: DailyLedger = field(default_factory=lambda: DailyLedger(MemoryCounts()))
    meanwhile: Callable[[], None] = lambda: None

    def prepare(self) -> None:
        self.prepared_at.append(self.clock.now)
        self.clock.now += self.takes_to_prepare_s

    def read_page(self, resource: Resource, start_index: int) -> Page:
        unit = unit_of(resource)
        course, label = unit.course, unit.entity_type.label
        self.asked.append((course.course_id, course.batch_id, unit.learner_id, label, start_index))
        self.asked_at.append(self.clock.now)
        answer = self.answers.pop(0)
        self.meanwhile()
        self.answered_at = None
        if not isinstance(answer, ZohoError) or answer.http_status is not None:
            self.clock.now += self.takes_s
            self.answered_at = self.clock.now
            self.clock.now += self.tells_for_s
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def reserve(self, at: float) -> float:
        return max(at, self.room_at)

    def stop(self, why: str) -> None:
        self.stopped.append(why)

    @property
    def settings(self) -> Any:
        return SimpleNamespace(window_s=self.window_s, people_url="https://people.zoho.eu")


class StateStore:
    """The task state store: JSON values that outlive tries and deferrals."""

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}

    def get(self, key: str, default: Any = None) -> Any:
        return self.kept.get(key, default)

    def set(self, key: str, value: Any) -> None:
        self.kept[key] = value


class TaskInstance:
    """What a task may ask of its instance; ``xcoms`` has what it pushed, ``others`` what other tasks did.

    ``others`` is by task id and key. As in a DAG, only what is upstream is there to be asked for.
    """

    dag_id = "zoho_learner_progress"
    task_id = "fetch"
    map_index = 0
    try_number = 1
    max_tries = 0

    def __init__(self, others: dict[tuple[str, str], Any] | None = None) -> None:
        self.xcoms: dict[str, Any] = {}
        self.others = {} if others is None else others

    def xcom_push(self, key: str, value: Any) -> None:
        self.xcoms[key] = value

    def xcom_pull(self, *, task_ids: str, key: str) -> Any:
        upstream = {"check_request", "list_courses", "read_rosters", "plan", "fetch", "publish"}
        assert task_ids in upstream | {"share_learner_courses", "read_learner_courses"}
        return self.others.get((task_ids, key))


class Variables:
    """Airflow's Variables, in memory. Those whose key contains one of ``broken`` can't be had, nor listed.

    Those of ``hidden`` are listed and can't be had; ``read`` has the keys that were asked for.
    """

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.broken: tuple[str, ...] = ()
        self.hidden: tuple[str, ...] = ()
        self.read: list[str] = []

    def get(self, key: str, default: Any = None) -> Any:
        self.read.append(key)
        self._check(key)
        return default if key in self.hidden else self.kept.get(key, default)

    def set(self, key: str, value: str, description: str | None = None) -> None:
        assert description
        self._check(key)
        self.kept[key] = value

    def _check(self, key: str) -> None:
        if any(word in key for word in self.broken):
            raise ConnectionError("no API server")

    def keys(self, *, prefix: str) -> list[str]:
        self._check(prefix)
        return [key for key in self.kept if key.startswith(prefix)]

    def delete(self, key: str) -> None:
        self.kept.pop(key, None)


def context(**more: Any) -> Any:
    """A task's context."""
    return {
        "ti": TaskInstance(),
        "run_id": "manual__2026-11-23T10:00:00+00:00",
        "task_state_store": StateStore(),
        **more,
    }


def fails(error: BaseException) -> Callable[..., Any]:
    """A function that raises *error* whatever it is called with."""

    def function(*args: Any, **kwargs: Any) -> Any:
        raise error

    return function


def page(start: int, count: int, *, more: bool = False) -> Page:
    """A page of *count* records of files, their ids from 1000 + *start* on."""
    ids = range(1000 + start, 1000 + start + count)
    records = tuple({"fileId": str(number), "fileName": f"file {number}"} for number in ids)
    return Page(start, records, start + count if more else None)
