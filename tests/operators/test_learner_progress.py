from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest
from airflow.sdk import DAG, Asset, BaseOperatorLink
from airflow.sdk.exceptions import (
    AirflowFailException,
    AirflowSkipException,
    AirflowTaskTimeout,
    TaskDeferralError,
    TaskDeferralTimeout,
    TaskDeferred,
)
from airflow.serialization.serialized_objects import DagSerialization

from tests.helpers.fakes import NOW, Clock, Variables, Zoho, context, fails, page
from tests.helpers.in_a_task import in_a_task
from tests.helpers.operators import within
from tests.notifications.notes import Notes
from zoho_people.fetching.pace import HANDOVER_S, LEAD_S
from zoho_people.model.entity_type import EntityType
from zoho_people.model.pool_names import API_POOL
from zoho_people.model.unit import Course, Unit
from zoho_people.notifications.alert import InvalidAlert
from zoho_people.operators.learner_progress import MAP_INDEX_TEMPLATE, ZohoLearnerProgressOperator
from zoho_people.operators.paced import DEFERRAL_GRACE
from zoho_people.staging.progress_pages import Staging
from zoho_people.triggers.instant import InstantTrigger
from zoho_people.zoho import errors
from zoho_people.zoho.errors import (
    CredentialsRejected,
    Forbidden,
    LearnerNotFound,
    Locked,
    QuotaExhausted,
    TemporaryFailure,
    TokenRejected,
    TokenThrottled,
    ZohoError,
)
from zoho_people.zoho.page import Page

TOOK_S = 0.5
STARTED_AGO_S = 0.2
RESUMED = {"not_before": 0.0, "rejections": 0, "position": 0, "of": 1, "failure": None}
COUNTS = {"outcome", "pages", "rows", "requests", "held_seconds", "first_at", "last_at", "by_day", "locked"}


class World:
    """A task, Zoho behind its hook, and a clock that both share."""

    def __init__(self, root: Path) -> None:
        self.clock = Clock()
        self.zoho = Zoho(self.clock, takes_s=TOOK_S)
        self.context = context()
        self.root = root

    def begin_process(self, *, age_s: float) -> None:
        self.clock.born_at = self.clock.now - age_s

    def task(self, **options: Any) -> ZohoLearnerProgressOperator:
        return within(ZohoLearnerProgressOperator, self.clock, self.zoho)(
            task_id="fetch",
            course="100002000000039001",
            learner_id="100002000000045011",
            entity_type="files",
            output_path=str(self.root),
            **options,
        )

    def execute(self, **options: Any) -> Any:
        return self.task(**options).execute(self.context)

    def begin_next_try(self) -> None:
        self.context["ti"].try_number += 1

    def deferral(self, **options: Any) -> TaskDeferred:
        with pytest.raises(TaskDeferred) as deferred:
            self.execute(**options)
        return deferred.value

    def resume(self, deferred: TaskDeferred, *, overslept_s: float = 0.3) -> Any:
        """Go on as Airflow does: in a new process, with what survived the way through its database."""
        self.clock.now = trigger_of(deferred).moment.timestamp() + overslept_s
        self.begin_process(age_s=STARTED_AGO_S)
        kwargs = {**json.loads(json.dumps(deferred.kwargs)), "event": "payload"}
        return self.task().resume_execution(deferred.method_name, kwargs, self.context)

    @property
    def xcom(self) -> Any:
        return self.context["ti"].xcoms.get("return_value")


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def trigger_of(deferred: TaskDeferred) -> InstantTrigger:
    assert isinstance(deferred.trigger, InstantTrigger)
    return deferred.trigger


def moment_of(deferred: TaskDeferred) -> float:
    return trigger_of(deferred).moment.timestamp()


def test_fields_that_the_deployer_drops_are_not_even_staged(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW__ZOHO_PEOPLE__ATTRIBUTES_DROP", "evaluator")
    world.zoho.answers = [Page(0, ({"fileId": 1, "Evaluator": "Ada", "size": 3},), None)]
    world.deferral()
    [path] = world.root.rglob("100002000000045011.arrow")
    with pa.ipc.open_file(path) as reader:
        assert reader.read_all()["attributes"].to_pylist() == ['{"size": 3}']


class Planned(ZohoLearnerProgressOperator):
    """A task of the plan's units of *learners*."""

    learners: tuple[str, ...] = ()

    def _units(self, staging: Staging) -> list[Unit]:
        return [Unit(Course("1"), learner_id, EntityType.FILES) for learner_id in self.learners]


@pytest.mark.parametrize(("left", "next_learner"), [("234", "3"), ("34", "3"), ("134", "3")])
def test_nobody_is_passed_over_where_a_learner_of_the_task_is_forgotten_while_it_waits(
    world: World, left: str, next_learner: str
) -> None:
    task = within(Planned, world.clock, world.zoho)(task_id="fetch", output_path=str(world.root))
    task.learners = tuple("1234")
    world.zoho.answers = [Page(0, (), None)] * 4
    for position in (0, 1):
        with pytest.raises(TaskDeferred):
            task.execute(world.context, position=position, of=4)
    task.learners = tuple(left)
    with pytest.raises(TaskDeferred):
        task.execute(world.context, position=2, of=4)
    assert world.zoho.asked[-1][2] == next_learner


def test_of_many_units_of_a_task_a_few_are_told(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    task = within(Planned, world.clock, world.zoho)(task_id="fetch", output_path=str(world.root))
    task.learners = tuple(map(str, range(1000, 1120)))
    world.zoho.answers = [Page(0, (), None)] * 120
    for position in range(120):
        with pytest.raises(TaskDeferred):
            task.execute(world.context, position=position, of=120)
    told = [line for line in caplog.messages if "complete" in line]
    assert [line.split()[3] for line in told] == ["1000,", "1001,", "1002,", "1009,", "1099,"]
    assert len(caplog.messages) < 30


class TestARefusedUnit:
    @pytest.fixture(autouse=True)
    def first_try(self, world: World) -> None:
        world.zoho.answers = [Forbidden("not authorized", http_status=403)]
        self.try_as(world, number=1, most=8)
        deferred = world.deferral(retries=8)
        with pytest.raises(Forbidden):
            world.resume(deferred)

    @staticmethod
    def try_as(world: World, *, number: int, most: int) -> None:
        world.context["ti"].try_number, world.context["ti"].max_tries = number, most

    def test_is_not_asked_for_again_by_a_retry(self, world: World) -> None:
        self.try_as(world, number=2, most=8)
        with pytest.raises(Forbidden, match="not authorized"):
            world.execute(retries=8)
        assert len(world.zoho.asked) == 1

    def test_is_asked_for_again_once_the_task_is_cleared(self, world: World) -> None:
        # As Airflow counts: one try was made, and the task may be retried eight times more.
        self.try_as(world, number=2, most=1 + 8)
        world.zoho.answers = [page(0, 3)]
        world.deferral(retries=8)
        assert len(world.zoho.asked) == 2


class OwnLink(BaseOperatorLink):
    name = "Mine"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        return "https://example.com"


class TestTheDeferral:
    def test_of_a_complete_unit_ends_the_task_when_its_slot_is_free(self, world: World) -> None:
        world.zoho.answers = [page(0, 3)]
        deferred = world.deferral()
        assert trigger_of(deferred).resume is False
        assert moment_of(deferred) == pytest.approx(world.clock.now + 60.0 - LEAD_S - HANDOVER_S, abs=1e-3)
        assert trigger_of(deferred).moment.tzinfo is UTC

    @pytest.mark.parametrize(
        "options",
        [
            {"outlets": [Asset("learners_fetched")]},
            {"on_success_callback": lambda context: None},
            {"on_success_callback": [lambda context: None]},
            {"pre_execute": lambda context: None},
            {"post_execute": lambda context, result: None},
        ],
        ids=lambda options: next(iter(options)),
    )
    def test_of_a_complete_unit_resumes_a_task_whose_end_a_worker_has_to_see(
        self, world: World, options: dict[str, Any]
    ) -> None:
        world.zoho.answers = [page(0, 3)]
        deferred = world.deferral(**options)
        assert trigger_of(deferred).resume is True
        assert moment_of(deferred) == pytest.approx(world.clock.now + 60.0 - LEAD_S - HANDOVER_S, abs=1e-3)
        assert world.resume(deferred) == world.xcom
        assert len(world.zoho.asked) == 1

    @pytest.mark.parametrize("own", ["post_execute", "operator_extra_links"])
    def test_of_a_complete_unit_resumes_a_subclass_that_does_something_at_its_end(
        self, world: World, own: str
    ) -> None:
        members = {
            "post_execute": lambda self, context, result=None: None,
            "operator_extra_links": [OwnLink()],
        }
        kind = within(ZohoLearnerProgressOperator, world.clock, world.zoho)
        counted = type("Counted", (kind,), {own: members[own]})
        world.zoho.answers = [page(0, 3)]
        ids = {"course": "100002000000039001", "learner_id": "100002000000045011", "entity_type": "files"}
        with pytest.raises(TaskDeferred) as deferred:
            counted(task_id="fetch", output_path=str(world.root), **ids).execute(world.context)
        assert trigger_of(deferred.value).resume is True

    def test_with_another_page_to_come_resumes_the_task(self, world: World) -> None:
        world.zoho.answers = [page(0, 3, more=True)]
        deferred = world.deferral()
        assert trigger_of(deferred).resume is True
        assert deferred.method_name == "execute"
        assert deferred.kwargs == RESUMED | {"not_before": world.clock.now + 60.0}

    def test_of_a_failure_resumes_the_task_to_fail(self, world: World) -> None:
        error = TemporaryFailure("server error", http_status=503, code="X")
        world.zoho.answers = [error]
        deferred = world.deferral()
        assert trigger_of(deferred).resume is True
        assert deferred.method_name == "fail"
        assert deferred.kwargs == {"failure": error.facts()}
        assert moment_of(deferred) == pytest.approx(world.clock.now + 60.0 - LEAD_S - HANDOVER_S, abs=1e-3)

    def test_has_a_timeout_a_little_beyond_its_wait(self, world: World) -> None:
        world.zoho.answers = [page(0, 3)]
        timeout = world.deferral().timeout
        assert isinstance(timeout, timedelta)
        assert 57.0 + 60.0 <= timeout.total_seconds() <= 57.0 + 600.0
        assert timeout == timedelta(seconds=60.0 - LEAD_S - HANDOVER_S) + DEFERRAL_GRACE

    def test_of_a_lock_lasts_until_its_end_and_so_does_its_timeout(self, world: World) -> None:
        world.zoho.answers = [Locked("locked", http_status=429, retry_after_s=3000.0)]
        deferred = world.deferral()
        assert trigger_of(deferred).resume is True
        assert moment_of(deferred) == pytest.approx(world.clock.now + 3000.0, abs=1e-3)
        assert isinstance(deferred.timeout, timedelta)
        assert 3000.0 + 60.0 <= deferred.timeout.total_seconds() <= 3000.0 + 600.0

    def test_carries_the_refusal_of_a_token_to_the_next_request(self, world: World) -> None:
        world.zoho.answers = [TokenRejected("expired", http_status=401)] * 4
        deferred = world.deferral()
        for rejections in (1, 2, 3):
            assert deferred.kwargs is not None
            assert deferred.kwargs["rejections"] == rejections
            with pytest.raises(TaskDeferred) as resumed:
                world.resume(deferred)
            deferred = resumed.value
        assert deferred.method_name == "fail"
        assert deferred.kwargs is not None
        assert deferred.kwargs["failure"]["error"] == "CredentialsRejected"

    def test_carries_json_values_only(self, world: World) -> None:
        for answer in (page(0, 1, more=True), TemporaryFailure("x"), Forbidden("x", http_status=403)):
            world.zoho.answers = [answer]
            deferred = world.deferral()
            assert json.loads(json.dumps(deferred.kwargs)) == deferred.kwargs

    def test_that_times_out_fails_the_task(self, world: World) -> None:
        with pytest.raises(TaskDeferralTimeout):
            world.task().resume_execution("__fail__", {"error": "Trigger timeout"}, world.context)


class TestAResumedTask:
    def test_sends_nothing_within_the_window_of_its_last_request(self, world: World) -> None:
        world.zoho.answers = [page(0, 2, more=True)]
        deferred = world.deferral()
        answered_at = world.clock.now
        world.zoho.answers = [page(2, 1)]
        with pytest.raises(TaskDeferred) as last:
            world.resume(deferred)
        assert world.zoho.asked_at[1] >= answered_at + 60.0 - 1e-3
        assert world.zoho.asked[1][-1] == 2
        assert trigger_of(last.value).resume is False
        assert (world.xcom["pages"], world.xcom["rows"], world.xcom["requests"]) == (2, 3, 2)

    def test_that_overslept_asks_at_once_but_for_its_lead(self, world: World) -> None:
        world.zoho.answers = [page(0, 2, more=True)]
        deferred = world.deferral()
        world.zoho.answers = [page(2, 1)]
        with pytest.raises(TaskDeferred):
            world.resume(deferred, overslept_s=500.0)
        assert world.clock.slept == [pytest.approx(LEAD_S - STARTED_AGO_S)]

    def test_after_a_known_lock_waits_for_its_lead_only(self, world: World) -> None:
        world.zoho.answers = [Locked("known", retry_after_s=100.0)]
        deferred = world.deferral()
        assert deferred.kwargs == RESUMED
        assert moment_of(deferred) == pytest.approx(world.clock.now + 100.0, abs=1e-3)
        assert world.xcom["requests"] == 0
        world.zoho.answers = [page(0, 1)]
        with pytest.raises(TaskDeferred):
            world.resume(deferred)
        assert world.clock.slept == [pytest.approx(LEAD_S - STARTED_AGO_S)]

    def test_whose_unit_is_done_sends_nothing(self, world: World) -> None:
        world.zoho.answers = [page(0, 2)]
        deferred = world.deferral()
        world.begin_next_try()
        result = world.task().execute(world.context)
        assert len(world.zoho.asked) == 1
        assert result == world.xcom
        assert trigger_of(deferred).resume is False

    def test_goes_on_at_the_first_page_it_does_not_have_even_as_a_new_try(self, world: World) -> None:
        world.zoho.answers = [page(0, 2, more=True), TemporaryFailure("reset"), page(2, 1)]
        for _ in range(3):
            world.deferral()
            world.begin_next_try()
        assert [asked[-1] for asked in world.zoho.asked] == [0, 2, 2]
        assert (world.xcom["outcome"], world.xcom["rows"], world.xcom["requests"]) == ("fetched", 3, 3)


class TestANewProcess:
    @pytest.mark.parametrize("age_s", [0.0, 0.5, 1.9])
    def test_sends_nothing_before_it_is_as_old_as_the_lead(self, world: World, age_s: float) -> None:
        world.begin_process(age_s=age_s)
        began_at = world.clock.now
        world.zoho.answers = [page(0, 1)]
        world.deferral()
        assert world.zoho.asked_at[0] == pytest.approx(began_at + LEAD_S - age_s, abs=1e-3)

    def test_that_is_old_enough_asks_at_once(self, world: World) -> None:
        world.zoho.answers = [page(0, 1)]
        world.deferral()
        assert world.clock.slept == []


class TestWaitingInTheWorker:
    def test_holds_the_slot_by_running_and_returns_the_counts(self, world: World) -> None:
        world.zoho.answers = [page(0, 2, more=True), page(2, 1)]
        result = world.execute(deferrable=False)
        assert world.zoho.asked_at[1] - world.zoho.asked_at[0] >= 60.0 + TOOK_S - 1e-3
        assert world.clock.now - world.zoho.asked_at[1] >= TOOK_S + 60.0 - LEAD_S - HANDOVER_S - 1e-3
        assert (result["outcome"], result["pages"], result["rows"]) == ("fetched", 2, 3)

    def test_raises_a_failure_only_after_the_wait(self, world: World) -> None:
        error = Forbidden("not authorized", http_status=403)
        world.zoho.answers = [error]
        with pytest.raises(Forbidden) as raised:
            world.execute(deferrable=False)
        assert raised.value is error
        assert world.clock.now - world.zoho.asked_at[0] >= TOOK_S + 60.0 - LEAD_S - HANDOVER_S - 1e-3
        assert (world.xcom["outcome"], world.xcom["requests"]) == ("forbidden", 1)

    def test_waits_a_lock_out(self, world: World) -> None:
        world.zoho.answers = [Locked("locked", http_status=429, retry_after_s=300.0), page(0, 1)]
        locked_until = world.clock.now + TOOK_S + 300.0
        world.execute(deferrable=False)
        assert world.zoho.asked_at[1] >= locked_until - 1e-3

    def test_is_what_a_short_wait_does_anyway(self, world: World) -> None:
        world.zoho.window_s = 10.0
        world.zoho.answers = [page(0, 2, more=True), page(2, 1)]
        result = world.execute()
        assert result["pages"] == 2
        assert world.zoho.asked_at[1] - world.zoho.asked_at[0] >= 10.0 + TOOK_S - 1e-3

    def test_is_what_a_short_throttle_does_without_counting_a_request(self, world: World) -> None:
        world.zoho.answers = [TokenThrottled("nearly", retry_after_s=4.0), page(0, 1)]
        deferred = world.deferral()
        assert world.zoho.asked_at[1] - world.zoho.asked_at[0] == pytest.approx(4.0)
        assert trigger_of(deferred).resume is False
        assert world.xcom["requests"] == 1

    def test_raises_a_failure_after_a_short_wait_too(self, world: World) -> None:
        world.zoho.window_s = 10.0
        world.zoho.answers = [TemporaryFailure("reset", http_status=500)]
        with pytest.raises(TemporaryFailure):
            world.execute()
        assert world.clock.now - world.zoho.asked_at[0] >= 10.0 - LEAD_S - HANDOVER_S


class TestFailing:
    @pytest.mark.parametrize(
        "cls",
        [
            value
            for value in vars(errors).values()
            if isinstance(value, type) and issubclass(value, ZohoError) and value is not QuotaExhausted
        ],
    )
    def test_raises_the_same_error_with_the_same_facts(self, world: World, cls: type[ZohoError]) -> None:
        error = cls("what Zoho said", http_status=418, code="X", retry_after_s=2.5)
        with pytest.raises(ZohoError) as raised:
            world.task().resume_execution(
                "fail", {"failure": json.loads(json.dumps(error.facts())), "event": "payload"}, world.context
            )
        assert type(raised.value) is cls
        assert raised.value.facts() == error.facts()


class TestASpentQuota:
    """No failure: a later run goes on from there, so the task is skipped."""

    def test_met_by_the_request_skips_the_task_when_its_slot_is_free(self, world: World) -> None:
        world.zoho.answers = [QuotaExhausted("daily quota", http_status=400)]
        deferred = world.deferral()
        assert deferred.method_name == "fail"
        assert moment_of(deferred) == pytest.approx(world.clock.now + 60.0 - LEAD_S - HANDOVER_S, abs=1e-3)
        with pytest.raises(AirflowSkipException, match="daily quota"):
            world.resume(deferred)
        assert (world.xcom["outcome"], world.xcom["requests"]) == ("failed", 1)

    def test_met_while_waiting_in_the_worker_skips_only_after_the_wait(self, world: World) -> None:
        world.zoho.answers = [QuotaExhausted("daily quota", http_status=400)]
        with pytest.raises(AirflowSkipException):
            world.execute(deferrable=False)
        assert world.clock.now - world.zoho.asked_at[0] >= TOOK_S + 60.0 - LEAD_S - HANDOVER_S - 1e-3

    @pytest.mark.parametrize("deferrable", [True, False])
    def test_known_before_the_request_skips_at_once(self, world: World, deferrable: object) -> None:
        began_at = world.clock.now
        world.zoho.answers = [QuotaExhausted("the daily quota is spent; nothing was sent", retry_after_s=9e3)]
        with pytest.raises(AirflowSkipException, match="nothing was sent"):
            world.execute(deferrable=deferrable)
        assert world.clock.now == began_at
        assert world.xcom["requests"] == 0


class TestAFailureBeforeAnyRequest:
    @pytest.mark.parametrize("deferrable", [True, False])
    def test_is_raised_at_once_since_it_has_no_slot_to_hold(self, world: World, deferrable: object) -> None:
        began_at = world.clock.now
        world.zoho.answers = [CredentialsRejected("the client id is wrong")]
        with pytest.raises(CredentialsRejected):
            world.execute(deferrable=deferrable)
        assert world.clock.now == began_at
        assert world.xcom["requests"] == 0


class TestGettingReady:
    def test_is_done_before_the_wait_so_that_the_request_comes_at_its_instant(self, world: World) -> None:
        world.begin_process(age_s=0.5)
        began_at = world.clock.now
        world.zoho.answers = [page(0, 1)]
        world.deferral()
        assert world.zoho.prepared_at == [began_at]
        assert world.zoho.asked_at == [pytest.approx(began_at + LEAD_S - 0.5, abs=1e-3)]

    def test_waits_until_the_requests_of_tasks_that_are_gone_leave_room(self, world: World) -> None:
        world.zoho.room_at = world.clock.now + 17.0
        world.zoho.answers = [page(0, 1)]
        world.deferral()
        assert world.zoho.asked_at == [NOW + 17.0]

    def test_is_done_for_every_request(self, world: World) -> None:
        world.zoho.answers = [page(0, 2, more=True), page(2, 1)]
        world.execute(deferrable=False)
        assert len(world.zoho.prepared_at) == 2

    def test_that_takes_its_time_does_not_make_the_request_late(self, world: World) -> None:
        world.begin_process(age_s=0.0)
        began_at = world.clock.now
        world.zoho.takes_to_prepare_s = 2.0
        world.zoho.answers = [page(0, 1)]
        world.deferral()
        assert world.zoho.asked_at == [pytest.approx(began_at + LEAD_S, abs=1e-3)]

    def test_is_not_done_for_a_unit_that_is_complete(self, world: World) -> None:
        world.zoho.answers = [page(0, 1)]
        world.deferral()
        world.execute()
        assert len(world.zoho.prepared_at) == 1


def test_a_learner_who_was_forbidden_is_asked_for_again_when_the_task_is_cleared(world: World) -> None:
    world.zoho.answers = [Forbidden("not authorized", http_status=403)]
    world.deferral()
    world.zoho.answers = [page(0, 2, more=True)]
    deferred = world.deferral()
    assert trigger_of(deferred).resume is True
    world.zoho.answers = [page(2, 1)]
    with pytest.raises(TaskDeferred) as last:
        world.resume(deferred)
    assert trigger_of(last.value).resume is False
    assert (world.xcom["outcome"], world.xcom["rows"]) == ("fetched", 3)


class TestALockThatIsTold:
    @pytest.fixture(autouse=True)
    def in_a_dag(self, world: World) -> Iterator[None]:
        world.context["dag"] = DAG("zoho_learner_progress", schedule=None)
        with in_a_task(Variables()):
            yield

    @pytest.mark.parametrize("http_status", [429, None], ids=["by an answer", "by what another task met"])
    def test_is_told_once_and_waited_out_all_the_same(self, world: World, http_status: int | None) -> None:
        notes = Notes()
        locked_until = world.clock.now + 300.0 + (TOOK_S if http_status else 0.0)
        world.zoho.answers = [Locked("locked", http_status=http_status, retry_after_s=300.0)]
        assert moment_of(world.deferral(on_lock=notes)) == pytest.approx(locked_until, abs=1e-3)
        world.context["task_state_store"].kept.clear()  # another task
        world.zoho.answers = [Locked("locked", retry_after_s=200.0)]
        world.deferral(on_lock=[notes])
        assert notes.sent == ["lock"]

    def test_is_waited_out_where_it_cannot_be_told(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        world.zoho.answers = [Locked("locked", http_status=429, retry_after_s=300.0)]
        locked_until = world.clock.now + TOOK_S + 300.0
        deferred = world.deferral(on_lock=Notes(fails=OSError("no mail today")))
        assert moment_of(deferred) == pytest.approx(locked_until, abs=1e-3)
        assert "no mail today" in caplog.text

    @pytest.mark.parametrize("end", [SystemExit(1), AirflowTaskTimeout("10 s"), TaskDeferred])
    def test_holds_its_slot_however_a_notifier_ends(self, world: World, end: Any) -> None:
        world.zoho.answers = [Locked("locked", http_status=429, retry_after_s=300.0)]
        locked_until = world.clock.now + TOOK_S + 300.0
        error = end(trigger=None, method_name="x") if end is TaskDeferred else end
        deferred = world.deferral(on_lock=Notes(fails=error))
        assert moment_of(deferred) == pytest.approx(locked_until, abs=1e-3)

    def test_is_refused_before_a_request_where_it_names_no_notifier(self, world: World) -> None:
        with pytest.raises(
            InvalidAlert, match=r"^on_lock: a value of type function can't be; use a notifier"
        ):
            world.task(on_lock=lambda context: None)

    def test_is_refused_among_default_args_too(self) -> None:
        with DAG("mine", schedule=None, default_args={"on_lock": 5}), pytest.raises(InvalidAlert):
            ZohoLearnerProgressOperator(task_id="fetch", output_path="/data")


def test_notifiers_of_a_mapped_task_are_stored_by_name_and_not_as_code() -> None:
    with DAG("mine", schedule=None) as dag:
        fetch = ZohoLearnerProgressOperator.partial(task_id="fetch", output_path="/data", on_lock=Notes())
        fetch.expand(course=["1", "2"])
    (task,) = DagSerialization.to_dict(dag)["dag"]["tasks"]
    assert task["__var"]["partial_kwargs"]["on_lock"] == "on_lock: Notes"


class TestTheXCom:
    @pytest.mark.parametrize(
        "answer",
        [page(0, 3), page(0, 3, more=True), TemporaryFailure("x"), LearnerNotFound("x", http_status=404)],
        ids=["last page", "page", "failure", "not found"],
    )
    def test_has_counts_only(self, world: World, answer: Any) -> None:
        world.zoho.answers = [answer]
        world.deferral()
        assert set(world.context["ti"].xcoms) == {"return_value"}
        assert set(world.xcom) == COUNTS
        by_day = world.xcom["by_day"]
        assert all(isinstance(value, int) for value in by_day.values())
        values = [*by_day, *(value for name, value in world.xcom.items() if name not in {"by_day", "locked"})]
        assert all(value is None or isinstance(value, (str, int, float)) for value in values)
        assert "100002000000045011" not in json.dumps(world.xcom)

    def test_says_when_the_requests_were(self, world: World) -> None:
        world.zoho.answers = [page(0, 3)]
        world.deferral()
        assert world.xcom["first_at"] == world.xcom["last_at"] == world.clock.now
        assert world.xcom["held_seconds"] == pytest.approx(60.0 - LEAD_S - HANDOVER_S)


class TestTroubleStraightAfterARequest:
    """A task that fails right after a request frees its slot too early; so it must hold it first."""

    def test_of_the_storage_holds_the_slot(self, world: World) -> None:
        def breaks() -> None:
            (world.root / "_staging").write_text("where a folder has to be")

        world.zoho.meanwhile = breaks
        world.zoho.answers = [page(0, 1)]
        deferred = world.deferral()
        assert deferred.method_name == "fail"
        assert moment_of(deferred) >= world.clock.now + 60.0 - LEAD_S - HANDOVER_S - 1e-3

    def test_of_the_task_state_store_holds_the_slot(self, world: World) -> None:
        world.context["task_state_store"].set = fails(OSError("no API server"))
        world.zoho.answers = [page(0, 1)]
        assert moment_of(world.deferral()) >= world.clock.now + 60.0 - LEAD_S - HANDOVER_S - 1e-3
        assert (world.xcom["outcome"], world.xcom["rows"], world.xcom["requests"]) == ("fetched", 1, 1)

    def test_of_the_xcoms_holds_the_slot(self, world: World) -> None:
        world.context["ti"].xcom_push = fails(OSError("no API server"))
        world.zoho.answers = [page(0, 1)]
        assert moment_of(world.deferral()) >= world.clock.now + 60.0 - LEAD_S - HANDOVER_S - 1e-3

    def test_of_the_xcoms_in_the_worker_does_not_hide_the_failure(self, world: World) -> None:
        world.context["ti"].xcom_push = fails(OSError("no API server"))
        world.zoho.answers = [TemporaryFailure("reset", http_status=500)]
        with pytest.raises(TemporaryFailure):
            world.execute(deferrable=False)
        assert world.clock.now - world.zoho.asked_at[0] >= TOOK_S + 60.0 - LEAD_S - HANDOVER_S - 1e-3


class TestTheTask:
    def test_links_to_zoho_people_once_it_has_read_its_connection(self, world: World) -> None:
        task = world.task()
        [link] = task.operator_extra_links
        assert link.get_link(task, ti_key=None) == ""
        world.zoho.answers = [page(0, 3)]
        with pytest.raises(TaskDeferred):
            task.execute(world.context)
        assert link.get_link(task, ti_key=None) == "https://people.zoho.eu"

    def test_is_in_the_pool_of_requests_by_itself_and_when_mapped(self) -> None:
        with DAG("a_dag", schedule=None):
            mapped = ZohoLearnerProgressOperator.partial(task_id="mapped", output_path="/data").expand_kwargs(
                [{"course": "1", "learner_id": "2", "entity_type": "files"}]
            )
        single = ZohoLearnerProgressOperator(
            task_id="single", course="1", learner_id="2", entity_type="files", output_path="/data"
        )
        assert mapped.pool == single.pool == API_POOL
        assert mapped.map_index_template == single.map_index_template == MAP_INDEX_TEMPLATE

    def test_may_be_told_another_pool_and_label(self) -> None:
        with DAG("a_dag", schedule=None):
            mapped = ZohoLearnerProgressOperator.partial(
                task_id="mapped", output_path="/data", pool="mine", map_index_template="x"
            ).expand(course=["1"], learner_id=["2"], entity_type=["files"])
        assert (mapped.pool, mapped.map_index_template) == ("mine", "x")

    def test_says_course_learner_and_type_in_the_grid(self) -> None:
        task = ZohoLearnerProgressOperator(
            task_id="t", course="1/5", learner_id="2", entity_type="files", output_path="/data"
        )
        rendered = task.get_template_env().from_string(MAP_INDEX_TEMPLATE).render(task=task)
        assert rendered == "1/5 · files · 2"

    @pytest.mark.parametrize(
        ("options", "label"),
        [
            ({"course_name": "Safety · Batch One"}, "Safety · Batch One · files · 2"),
            ({"course_name": "{{ 1/0 }}\n{% raw"}, "{{ 1/0 }} {% raw · files · 2"),
            ({"course_name": "x" * 900}, "x" * 249 + "…"),
        ],
    )
    def test_says_the_name_of_the_course_to_the_letter_in_the_grid(
        self, options: dict[str, str], label: str
    ) -> None:
        with DAG("a_dag", schedule=None) as dag:
            task = ZohoLearnerProgressOperator(
                task_id="t", course="1", learner_id="2", entity_type="files", output_path="/data", **options
            )
        task.render_template_fields({})
        assert dag.get_template_env().from_string(MAP_INDEX_TEMPLATE).render(task=task) == label

    @pytest.mark.parametrize(
        ("name", "label"),
        [
            ("", "1,200 units (2,401 to 3,600)"),
            (
                "Safety … Fire · 12 courses",
                "Safety … Fire · 12 courses · 1,200 units (2,401 to 3,600)",
            ),
        ],
    )
    def test_says_what_several_units_are_in_the_grid(self, name: str, label: str) -> None:
        planned = {"first": 2400, "count": 1200}
        task = ZohoLearnerProgressOperator(
            task_id="t", planned=planned, course_name=name, output_path="/data"
        )
        assert task.label == label

    def test_takes_templates_for_what_it_fetches_and_where(self) -> None:
        task = ZohoLearnerProgressOperator(
            task_id="t",
            course="{{ c }}",
            learner_id="{{ l }}",
            entity_type="{{ e }}",
            output_path="{{ o }}",
            zoho_people_conn_id="{{ z }}",
        )
        values: Any = {"c": "1", "l": "2", "e": "files", "o": "/data", "z": "my_conn"}
        task.render_template_fields(values)
        assert [getattr(task, name) for name in task.template_fields] == [
            "1",
            "2",
            "files",
            "/data",
            "my_conn",
        ]

    @pytest.mark.parametrize(
        ("wrong", "message"),
        [
            ({"course": "x"}, "is not a course"),
            ({"learner_id": "x"}, "is not an id"),
            ({"entity_type": "x"}, "is unknown"),
        ],
    )
    def test_with_impossible_ids_sends_nothing(
        self, world: World, wrong: dict[str, str], message: str
    ) -> None:
        task = world.task()
        for name, value in wrong.items():
            setattr(task, name, value)
        with pytest.raises(AirflowFailException, match=message):
            task.execute(world.context)
        assert world.zoho.asked == []


def test_a_try_after_one_that_was_killed_waits_a_window_after_its_request(world: World) -> None:
    world.zoho.answers = [page(0, 3, more=True), page(3, 2)]
    world.deferral()
    answered_at = world.clock.now
    world.begin_next_try()
    world.deferral()
    assert world.zoho.asked_at[1] >= answered_at + 60.0


def test_nobody_is_asked_what_a_task_has_spent_that_has_not_run_yet(world: World) -> None:
    store = world.context["task_state_store"]
    world.context["task_state_store"] = SimpleNamespace(set=store.set)
    world.zoho.answers = [page(0, 3)]
    world.deferral()
    assert len(world.zoho.asked) == 1


def test_a_failed_trigger_fails_the_task_only_when_its_slot_is_free(world: World) -> None:
    world.zoho.answers = [page(0, 3, more=True)]
    world.deferral()
    answered_at = world.clock.now
    with pytest.raises(TaskDeferralError):
        world.task().resume_execution("__fail__", {"error": "Trigger failure"}, world.context)
    assert world.clock.now == pytest.approx(answered_at + 60.0 - LEAD_S - HANDOVER_S, abs=1e-3)


class TestTheDaysCount:
    TODAY = datetime.fromtimestamp(NOW, UTC).date()

    def spent(self, world: World) -> int:
        return world.zoho.ledger.spent(self.TODAY)

    def test_has_a_tasks_requests_when_it_ends(self, world: World) -> None:
        world.zoho.answers = [page(0, 2, more=True), page(2, 1)]
        deferred = world.deferral()
        with pytest.raises(TaskDeferred):
            world.resume(deferred)
        assert self.spent(world) == 2

    @pytest.mark.parametrize(
        "error", [Forbidden("no", http_status=403), QuotaExhausted("spent", http_status=429)]
    )
    def test_has_those_of_a_task_that_fails_or_is_skipped(self, world: World, error: ZohoError) -> None:
        world.zoho.answers = [error]
        world.deferral()
        assert self.spent(world) == 1

    def test_has_each_once_however_often_the_task_is_tried(self, world: World) -> None:
        world.zoho.answers = [TemporaryFailure("x", http_status=503), page(0, 1)]
        world.deferral()
        world.clock.now += 120.0
        world.begin_next_try()
        world.deferral()
        assert self.spent(world) == 2

    def test_is_left_to_a_run_that_counts_for_its_tasks(self, world: World) -> None:
        world.zoho.answers = [page(0, 1)]
        world.deferral(counted_by_run=True)
        assert self.spent(world) == 0
