from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.fakes import NOW, Clock, Zoho, page
from zoho_people.fetching.next_step import NextStep, Then
from zoho_people.fetching.pace import HANDOVER_S, LEAD_S, Pace
from zoho_people.fetching.units_of_task import UnitFetch, UnitsOfTask
from zoho_people.model.entity_type import EntityType
from zoho_people.model.outcome import POSTPONED
from zoho_people.model.unit import Course, Unit
from zoho_people.staging.progress_pages import Staging
from zoho_people.zoho.errors import (
    CredentialsRejected,
    Forbidden,
    InvalidSettings,
    LearnerNotFound,
    Locked,
    QuotaExhausted,
    ServerNotTrusted,
    TemporaryFailure,
    UnexpectedAnswer,
    ZohoError,
)
from zoho_people.zoho.page import Page

LEARNERS = ("100002000000045011", "100002000000045012", "100002000000045013")
UNITS = [Unit(Course("100002000000039001"), learner, EntityType.FILES) for learner in LEARNERS]
SERVER_ERROR = TemporaryFailure("server error", http_status=500)
WRONG_ANSWER = UnexpectedAnswer("another learner's", http_status=200)


class Task:
    """A task of three units against a scripted Zoho and a real staging folder."""

    def __init__(self, root: Path, *answers: Page | BaseException, asks_refused: bool = True) -> None:
        self.asks_refused = asks_refused
        self.clock = Clock()
        self.zoho = Zoho(self.clock, list(answers))
        self.staging = Staging(str(root), "run-1")
        self.counted: list[NextStep] = []
        self.group = self.resumed()

    def resumed(self, *, position: int = 0, failure: ZohoError | None = None) -> UnitsOfTask:
        return UnitsOfTask(
            UNITS, self.fetch_of, count=self.counted.append, position=position, failure=failure
        )

    def fetch_of(self, unit: Unit) -> UnitFetch:
        return UnitFetch(
            unit,
            source=self.zoho,
            staging=self.staging,
            pace=Pace(60.0),
            clock=self.clock.time,
            dag_run_id="manual",
            asks_refused=self.asks_refused,
        )

    def ask(self) -> NextStep:
        assert self.group.is_wanting()
        return self.group.burst(1, rejections=0)

    def asked(self) -> list[tuple[str, int]]:
        return [(learner, start) for _, _, learner, _, start in self.zoho.asked]

    def outcomes(self) -> list[str | None]:
        return [self.staging.progress(unit).outcome for unit in UNITS]


def test_units_are_fetched_one_behind_the_other_page_by_page(tmp_path: Path) -> None:
    task = Task(tmp_path, page(0, 1), page(0, 2, more=True), page(2, 1), page(0, 0))
    moves = [task.ask() for _ in range(4)]
    first, second, third = LEARNERS
    assert task.asked() == [(first, 0), (second, 0), (second, 2), (third, 0)]
    assert [move.then for move in moves] == [Then.ASK_AGAIN] * 3 + [Then.END]
    assert not task.group.is_wanting()
    assert task.outcomes() == ["fetched", "fetched", "empty"]


def test_every_request_holds_the_slot_as_that_of_a_single_unit(tmp_path: Path) -> None:
    task = Task(tmp_path, page(0, 1), SERVER_ERROR, page(0, 1))
    for answered in (0.5, 1.0, 1.5):
        move = task.ask()
        assert (move.answered_at, move.until) == (NOW + answered, NOW + answered + 60.0 - LEAD_S - HANDOVER_S)


def test_what_is_done_already_is_passed_over(tmp_path: Path) -> None:
    Task(tmp_path, page(0, 1)).ask()
    again = Task(tmp_path, page(0, 1))
    again.ask()
    assert again.asked() == [(LEARNERS[1], 0)]


def test_another_process_goes_on_where_one_ended(tmp_path: Path) -> None:
    task = Task(tmp_path, page(0, 1), SERVER_ERROR, page(0, 1))
    task.ask()
    task.ask()
    task.group = task.resumed(position=task.group.position, failure=task.group.failure)
    move = task.ask()
    assert (move.then, move.error) == (Then.FAIL, SERVER_ERROR)
    assert task.asked() == [(learner, 0) for learner in LEARNERS]


class TestAUnitThatFails:
    def test_keeps_no_other_from_being_fetched_and_fails_the_task_at_the_end(self, tmp_path: Path) -> None:
        task = Task(tmp_path, SERVER_ERROR, page(0, 1), page(0, 1))
        moves = [task.ask() for _ in range(3)]
        assert [(move.then, move.error) for move in moves] == [
            (Then.ASK_AGAIN, None),
            (Then.ASK_AGAIN, None),
            (Then.FAIL, SERVER_ERROR),
        ]
        assert task.outcomes() == ["failed", "fetched", "fetched"]

    def test_is_all_that_is_asked_for_when_the_task_is_tried_again(self, tmp_path: Path) -> None:
        task = Task(tmp_path, SERVER_ERROR, page(0, 1), page(0, 1), page(0, 1))
        for _ in range(3):
            task.ask()
        task.group = task.resumed()
        assert task.ask().then is Then.ASK_AGAIN
        assert task.asked()[-1] == (LEARNERS[0], 0)
        assert not task.group.is_wanting()
        assert task.group.failure is None

    @pytest.mark.parametrize(
        ("errors", "told"),
        [
            ((WRONG_ANSWER, SERVER_ERROR), SERVER_ERROR),
            ((SERVER_ERROR, WRONG_ANSWER), SERVER_ERROR),
        ],
    )
    def test_for_good_does_not_hide_one_that_may_pass(
        self, tmp_path: Path, errors: tuple[ZohoError, ...], told: ZohoError
    ) -> None:
        task = Task(tmp_path, *errors, page(0, 1))
        moves = [task.ask() for _ in range(3)]
        assert moves[-1].error is told

    def test_since_it_is_not_there_is_a_fact(self, tmp_path: Path) -> None:
        task = Task(tmp_path, LearnerNotFound("gone", http_status=404), page(0, 1), page(0, 1))
        assert [task.ask().then for _ in range(3)] == [Then.ASK_AGAIN, Then.ASK_AGAIN, Then.END]

    def test_since_it_may_not_be_seen_is_noted_as_such(self, tmp_path: Path) -> None:
        task = Task(tmp_path, page(0, 1), page(0, 1), Forbidden("no", http_status=403))
        moves = [task.ask() for _ in range(3)]
        assert isinstance(moves[-1].error, Forbidden)
        assert task.outcomes() == ["fetched", "fetched", "forbidden"]


def test_a_lock_leaves_the_unit_in_turn(tmp_path: Path) -> None:
    lock = Locked("locked", http_status=429, retry_after_s=300.0)
    task = Task(tmp_path, page(0, 1), lock, page(0, 1))
    task.ask()
    move = task.ask()
    assert (move.then, move.until) == (Then.ASK_AGAIN, task.clock.now + 300.0)
    task.ask()
    assert task.asked()[1:] == [(LEARNERS[1], 0), (LEARNERS[1], 0)]


@pytest.mark.parametrize(
    "error", [CredentialsRejected("no", http_status=401), InvalidSettings("no"), ServerNotTrusted("no")]
)
def test_what_is_the_same_for_every_unit_ends_the_task(tmp_path: Path, error: ZohoError) -> None:
    task = Task(tmp_path, error)
    move = task.ask()
    assert (move.then, move.error) == (Then.FAIL, error)


class TestASpentQuota:
    SPENT = QuotaExhausted("spent", http_status=429)

    def test_leaves_all_that_remains_for_another_day(self, tmp_path: Path) -> None:
        task = Task(tmp_path, page(0, 1), self.SPENT)
        task.ask()
        move = task.ask()
        assert (move.then, move.error) == (Then.SKIP, self.SPENT)
        assert task.outcomes() == ["fetched", "failed", "failed"]
        noted = [task.staging.unit(unit) for unit in UNITS[1:]]
        assert [unit and unit.error for unit in noted] == [POSTPONED, POSTPONED]
        assert not task.group.is_wanting()

    def test_does_not_hide_an_earlier_failure(self, tmp_path: Path) -> None:
        task = Task(tmp_path, SERVER_ERROR, self.SPENT)
        task.ask()
        move = task.ask()
        assert (move.then, move.error) == (Then.FAIL, SERVER_ERROR)


class TestARefusedUnit:
    @pytest.fixture(autouse=True)
    def first_try(self, tmp_path: Path) -> None:
        task = Task(tmp_path, Forbidden("not authorized", http_status=403), SERVER_ERROR, page(0, 1))
        moves = [task.ask() for _ in UNITS]
        assert moves[-1].error is SERVER_ERROR
        assert task.outcomes() == ["forbidden", "failed", "fetched"]

    def test_is_left_at_that_when_the_task_is_tried_again_and_stays_its_failure(self, tmp_path: Path) -> None:
        task = Task(tmp_path, page(0, 1), asks_refused=False)
        move = task.ask()
        assert task.asked() == [(LEARNERS[1], 0)]
        assert (move.then, task.outcomes()[0]) == (Then.ASK_AGAIN, "forbidden")
        assert not task.group.is_wanting()
        assert type(task.group.failure) is Forbidden
        assert task.group.failure.message == "not authorized"

    def test_is_asked_for_again_when_a_person_may_have_mended_it(self, tmp_path: Path) -> None:
        task = Task(tmp_path, page(0, 1), page(0, 1))
        task.ask()
        task.ask()
        assert task.asked() == [(LEARNERS[0], 0), (LEARNERS[1], 0)]
        assert task.outcomes() == ["fetched"] * 3
