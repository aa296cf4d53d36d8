from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.helpers.fakes import NOW, Clock, Zoho, fails, page
from zoho_people.fetching.next_step import NextStep, Then
from zoho_people.fetching.pace import Pace
from zoho_people.fetching.units_of_task import UnitFetch
from zoho_people.model.entity_type import EntityType
from zoho_people.model.outcome import POSTPONED
from zoho_people.model.unit import Course, Unit
from zoho_people.staging.page_files import StagedProgress
from zoho_people.staging.progress_pages import StagedUnit, Staging
from zoho_people.zoho.bounds import Bounds
from zoho_people.zoho.errors import (
    CourseNotFound,
    CredentialsRejected,
    Forbidden,
    InvalidSettings,
    LearnerNotFound,
    Locked,
    QuotaExhausted,
    RequestFailed,
    ServerNotTrusted,
    TemporaryFailure,
    TokenRejected,
    TokenThrottled,
    UnexpectedAnswer,
    ZohoError,
)
from zoho_people.zoho.page import Page

UNIT = Unit(Course("100002000000039001", "100002000000040002"), "100002000000045011", EntityType.FILES)
ANSWERED_AT = NOW + 0.5
_USUAL_BOUNDS = Bounds()
SLOT_FREE_AT = ANSWERED_AT + 56.5


class Fetching:
    """One unit's fetch against a scripted Zoho and a real staging folder."""

    def __init__(self, root: Path, *answers: Page | BaseException, bounds: Bounds = _USUAL_BOUNDS) -> None:
        self.bounds = bounds
        self.clock = Clock()
        self.zoho = Zoho(self.clock, list(answers), takes_s=ANSWERED_AT - NOW)
        self.staging = Staging(str(root), "run-1")

    def ask(self, start_index: int = 0, *, rejections: int = 0) -> NextStep:
        return self.fetch().ask(start_index, rejections=rejections)

    def fetch(self) -> UnitFetch:
        return UnitFetch(
            UNIT,
            source=self.zoho,
            staging=self.staging,
            pace=Pace(60.0, lead_s=3.0, handover_s=0.5),
            clock=self.clock.time,
            dag_run_id="manual",
            bounds=self.bounds,
        )

    def noted(self) -> StagedUnit:
        noted = self.staging.unit(UNIT)
        assert noted is not None
        return noted


def test_a_unit_of_ever_more_pages_fails_and_keeps_what_came(tmp_path: Path) -> None:
    pages = [page(start, 2, more=True) for start in (0, 2, 4)]
    fetching = Fetching(tmp_path, *pages, page(6, 1), bounds=Bounds(unit_pages=3))
    assert [fetching.ask(start).then for start in (0, 2)] == [Then.ASK_AGAIN] * 2
    error = failure(fetching.ask(4), ended_at=NOW + 3 * (ANSWERED_AT - NOW))
    assert type(error) is UnexpectedAnswer
    assert "after 3 pages; where that is right, raise max_pages_of_a_unit" in error.message
    assert (fetching.noted().outcome, fetching.noted().error) == ("failed", error.message)
    fetching.bounds = Bounds(unit_pages=4)
    assert fetching.ask(6).then is Then.END
    assert (fetching.noted().outcome, fetching.noted().rows) == ("fetched", 7)


def test_a_unit_of_as_many_pages_as_it_may_have_is_complete(tmp_path: Path) -> None:
    fetching = Fetching(tmp_path, page(0, 2, more=True), page(2, 1), bounds=Bounds(unit_pages=2))
    fetching.ask(0)
    assert fetching.ask(2).then is Then.END


def failure(move: NextStep, *, ended_at: float = ANSWERED_AT) -> ZohoError:
    """The error of a move that fails; its slot is held as after any request."""
    assert (move.then, move.answered_at, move.until) == (Then.FAIL, ended_at, ended_at + 56.5)
    assert move.error is not None
    return move.error


def failure_before_a_request(move: NextStep) -> ZohoError:
    """The error of a move that fails at once: nothing was sent, so nothing is held."""
    assert (move.then, move.answered_at, move.until) == (Then.FAIL, None, NOW)
    assert move.error is not None
    return move.error


def test_the_last_page_ends_the_unit_when_its_slot_is_free(tmp_path: Path) -> None:
    fetching = Fetching(tmp_path, page(0, 3))
    move = fetching.ask()
    progress = fetching.fetch().progress()
    assert move == NextStep(Then.END, SLOT_FREE_AT, ANSWERED_AT, kept=progress)
    assert (progress.done, progress.rows, progress.pages, progress.outcome) == (True, 3, 1, "fetched")


def test_an_empty_page_ends_the_unit_too(tmp_path: Path) -> None:
    fetching = Fetching(tmp_path, page(0, 0))
    assert fetching.ask().then is Then.END
    assert fetching.fetch().progress().outcome == "empty"


def test_a_page_with_more_behind_it_asks_again(tmp_path: Path) -> None:
    fetching = Fetching(tmp_path, page(0, 3, more=True))
    move = fetching.ask()
    progress = fetching.fetch().progress()
    assert move == NextStep(Then.ASK_AGAIN, SLOT_FREE_AT, ANSWERED_AT, kept=progress)
    assert (progress.done, progress.next_start_index, progress.rows) == (False, 3, 3)


def test_page_by_page_the_unit_becomes_complete(tmp_path: Path) -> None:
    fetching = Fetching(tmp_path, page(0, 2, more=True), page(2, 2, more=True), page(4, 0))
    moves = []
    while not (progress := fetching.fetch().progress()).done:
        moves.append(fetching.ask(progress.next_start_index or 0).then)
    assert moves == [Then.ASK_AGAIN, Then.ASK_AGAIN, Then.END]
    assert [asked[-1] for asked in fetching.zoho.asked] == [0, 2, 4]
    assert fetching.staging.table(UNIT)["entity_id"].to_pylist() == ["1000", "1001", "1002", "1003"]


def test_what_is_asked_for_is_the_unit(tmp_path: Path) -> None:
    fetching = Fetching(tmp_path, page(25, 0))
    fetching.ask(25)
    assert fetching.zoho.asked == [
        (UNIT.course.course_id, UNIT.course.batch_id, UNIT.learner_id, "files", 25)
    ]


def test_the_rows_say_when_and_by_which_run_they_came(tmp_path: Path) -> None:
    fetching = Fetching(tmp_path, page(0, 1))
    fetching.ask()
    [row] = fetching.staging.table(UNIT).to_pylist()
    assert (row["fetched_at"].timestamp(), row["dag_run_id"]) == (ANSWERED_AT, "manual")


@pytest.mark.parametrize(
    "error",
    [
        CredentialsRejected("wrong scope", http_status=401),
        TemporaryFailure("server error", http_status=503),
        RequestFailed("bad input", http_status=400),
        CourseNotFound("no such course", http_status=404),
        UnexpectedAnswer("another learner", http_status=200),
        TemporaryFailure("the connection failed: ConnectionError"),
        RequestFailed("no safe connection to the server: SSLError"),
        ZohoError("nobody knows"),
    ],
    ids=lambda error: f"{type(error).__name__} {error.http_status}",
)
def test_a_failure_is_noted_and_fails_when_its_slot_is_free(tmp_path: Path, error: ZohoError) -> None:
    fetching = Fetching(tmp_path, error)
    ended_at = NOW if error.http_status is None else ANSWERED_AT
    assert failure(fetching.ask(), ended_at=ended_at) is error
    assert (fetching.noted().outcome, fetching.noted().error) == ("failed", error.message)
    assert not fetching.fetch().progress().done


@pytest.mark.parametrize(
    "error",
    [
        CredentialsRejected("the client id is wrong"),
        InvalidSettings("connection extra.data_center"),
        ServerNotTrusted("self-signed"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_failure_before_anything_was_sent_is_noted_and_holds_nothing(
    tmp_path: Path, error: ZohoError
) -> None:
    fetching = Fetching(tmp_path, error)
    assert failure_before_a_request(fetching.ask()) is error
    assert (fetching.noted().outcome, fetching.noted().error) == ("failed", error.message)


@pytest.mark.parametrize("answer", [page(0, 3), page(0, 3, more=True), page(0, 0)])
def test_a_move_has_what_is_staged_behind_it(tmp_path: Path, answer: Page) -> None:
    fetching = Fetching(tmp_path, answer)
    assert fetching.ask().kept == fetching.staging.progress(UNIT)


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (TemporaryFailure("server error", http_status=503), "failed"),
        (Forbidden("not authorized", http_status=403), "forbidden"),
        (LearnerNotFound("no such learner", http_status=404), "not_found"),
        (QuotaExhausted("daily quota", http_status=400), "failed"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_move_that_noted_an_outcome_has_it_with_the_pages_before(
    tmp_path: Path, error: ZohoError, outcome: str
) -> None:
    fetching = Fetching(tmp_path, page(0, 3, more=True), error)
    fetching.ask()
    kept = fetching.ask(3).kept
    assert kept == fetching.staging.progress(UNIT)
    assert kept is not None
    assert kept.outcome == outcome


class TestASpentQuota:
    def test_met_by_the_request_holds_the_slot_and_leaves_the_unit_for_another_day(
        self, tmp_path: Path
    ) -> None:
        error = QuotaExhausted("daily quota", http_status=400)
        fetching = Fetching(tmp_path, error)
        move = fetching.ask()
        assert (move.then, move.until, move.answered_at) == (Then.SKIP, SLOT_FREE_AT, ANSWERED_AT)
        assert move.error is error
        assert (fetching.noted().outcome, fetching.noted().error) == ("failed", POSTPONED)

    def test_known_before_the_request_holds_nothing(self, tmp_path: Path) -> None:
        error = QuotaExhausted("the daily quota is spent; nothing was sent", retry_after_s=3600.0)
        fetching = Fetching(tmp_path, error)
        move = fetching.ask()
        assert (move.then, move.until, move.answered_at, move.error) == (Then.SKIP, NOW, None, error)
        assert fetching.noted().error == POSTPONED

    def test_keeps_the_pages_for_the_run_that_goes_on(self, tmp_path: Path) -> None:
        fetching = Fetching(
            tmp_path, page(0, 3, more=True), QuotaExhausted("daily quota", http_status=400), page(3, 1)
        )
        fetching.ask()
        fetching.ask(3)
        progress = fetching.fetch().progress()
        assert (progress.done, progress.next_start_index, progress.rows) == (False, 3, 3)
        assert fetching.ask(3).then is Then.END
        assert fetching.noted().outcome == "fetched"

    def test_that_cannot_be_noted_still_skips(self, tmp_path: Path) -> None:
        fetching = Fetching(tmp_path, QuotaExhausted("daily quota", http_status=400))
        fetching.staging = BrokenStaging(tmp_path, "add_outcome")
        move = fetching.ask()
        assert (move.then, move.until, move.kept) == (Then.SKIP, SLOT_FREE_AT, None)


class TestAForbiddenLearner:
    """A person may have mended it since, so a task that is cleared asks again."""

    @pytest.fixture
    def fetching(self, tmp_path: Path) -> Fetching:
        fetching = Fetching(tmp_path, Forbidden("not authorized", http_status=403))
        fetching.ask()
        return fetching

    def test_is_asked_for_again_from_the_beginning(self, fetching: Fetching) -> None:
        assert fetching.fetch().progress() == StagedProgress()
        fetching.zoho.answers = [page(0, 3)]
        assert fetching.ask().then is Then.END
        assert fetching.fetch().progress().outcome == "fetched"

    def test_who_may_be_seen_now_comes_page_by_page_to_the_last(self, fetching: Fetching) -> None:
        fetching.zoho.answers = [page(0, 2, more=True), page(2, 1)]
        assert fetching.ask().then is Then.ASK_AGAIN
        assert fetching.fetch().progress().next_start_index == 2
        assert fetching.ask(2).then is Then.END
        assert (fetching.noted().outcome, fetching.noted().rows) == ("fetched", 3)

    @pytest.mark.parametrize(
        ("answer", "outcome"),
        [
            (LearnerNotFound("no such learner", http_status=404), "not_found"),
            (TemporaryFailure("server error", http_status=503), "failed"),
            (QuotaExhausted("daily quota", http_status=400), "failed"),
            (Forbidden("still not authorized", http_status=403), "forbidden"),
        ],
        ids=lambda value: type(value).__name__,
    )
    def test_is_noted_as_what_came_of_the_last_request(
        self, fetching: Fetching, answer: ZohoError, outcome: str
    ) -> None:
        fetching.zoho.answers = [answer]
        fetching.ask()
        assert fetching.noted().outcome == outcome


def test_a_forbidden_learner_is_noted_as_such(tmp_path: Path) -> None:
    error = Forbidden("not authorized", http_status=403)
    fetching = Fetching(tmp_path, error)
    assert failure(fetching.ask()) is error
    assert (fetching.noted().outcome, fetching.noted().error) == ("forbidden", "not authorized")


def test_a_learner_who_is_not_found_is_a_fact_and_ends_the_unit(tmp_path: Path) -> None:
    fetching = Fetching(tmp_path, LearnerNotFound("no such learner", http_status=404))
    move = fetching.ask()
    assert move == NextStep(Then.END, SLOT_FREE_AT, ANSWERED_AT, kept=fetching.staging.progress(UNIT))
    assert (fetching.noted().outcome, fetching.noted().error) == ("not_found", "no such learner")
    assert fetching.fetch().progress().done


def test_an_error_that_is_not_zohos_is_temporary_and_told_by_its_type_only(tmp_path: Path) -> None:
    fetching = Fetching(tmp_path, OSError("secret peer data"))
    error = failure(fetching.ask())
    assert type(error) is TemporaryFailure
    assert error.message == "the request failed: OSError"


class TestALock:
    def test_met_by_the_request_holds_the_slot_and_asks_again_when_it_ends(self, tmp_path: Path) -> None:
        fetching = Fetching(tmp_path, Locked("locked", http_status=429, retry_after_s=300.0))
        until = ANSWERED_AT + 300.0
        assert fetching.ask() == NextStep(Then.ASK_AGAIN, until, ANSWERED_AT, lock=(ANSWERED_AT, until))
        assert fetching.staging.unit(UNIT) is None

    def test_known_before_the_request_holds_nothing(self, tmp_path: Path) -> None:
        fetching = Fetching(tmp_path, Locked("known", retry_after_s=20.0))
        assert fetching.ask() == NextStep(Then.ASK_AGAIN, NOW + 20.0, None, lock=(NOW, NOW + 20.0))

    def test_shorter_than_the_window_still_holds_the_slot(self, tmp_path: Path) -> None:
        fetching = Fetching(tmp_path, Locked("locked", http_status=429, retry_after_s=5.0))
        move = fetching.ask()
        assert (move.until, move.lock) == (SLOT_FREE_AT, (ANSWERED_AT, ANSWERED_AT + 5.0))

    def test_that_is_over_already_is_asked_again_at_once(self, tmp_path: Path) -> None:
        fetching = Fetching(tmp_path, Locked("known"))
        assert fetching.ask() == NextStep(Then.ASK_AGAIN, NOW, None)

    def test_whose_length_is_unknown_still_holds_the_slot(self, tmp_path: Path) -> None:
        fetching = Fetching(tmp_path, Locked("locked", http_status=429))
        assert fetching.ask() == NextStep(Then.ASK_AGAIN, SLOT_FREE_AT, ANSWERED_AT)


class TestARefusedToken:
    @pytest.mark.parametrize("before", [0, 1, 2])
    def test_may_be_chance_or_an_old_token_three_times_in_a_row(self, tmp_path: Path, before: int) -> None:
        fetching = Fetching(tmp_path, TokenRejected("expired", http_status=401))
        move = fetching.ask(rejections=before)
        assert move == NextStep(Then.ASK_AGAIN, SLOT_FREE_AT, ANSWERED_AT, rejections=before + 1)
        assert fetching.staging.unit(UNIT) is None

    @pytest.mark.parametrize("before", [3, 4])
    def test_a_fourth_time_in_a_row_means_wrong_credentials(self, tmp_path: Path, before: int) -> None:
        fetching = Fetching(tmp_path, TokenRejected("expired", http_status=401))
        error = failure(fetching.ask(rejections=before))
        assert type(error) is CredentialsRejected
        assert "data_center" in error.message
        assert fetching.noted().outcome == "failed"

    def test_is_forgotten_after_a_page(self, tmp_path: Path) -> None:
        assert Fetching(tmp_path, page(0, 1, more=True)).ask(rejections=3).rejections == 0

    @pytest.mark.parametrize(
        "error",
        [
            Locked("locked", http_status=429, retry_after_s=300.0),
            Locked("known", retry_after_s=300.0),
            TokenThrottled("8 were minted", retry_after_s=60.0),
        ],
    )
    def test_is_not_forgotten_by_a_wait_in_between(self, tmp_path: Path, error: ZohoError) -> None:
        assert Fetching(tmp_path, error).ask(rejections=1).rejections == 1


class TestMintingTooOften:
    def test_waits_as_long_as_it_says_and_holds_nothing_before_a_request(self, tmp_path: Path) -> None:
        fetching = Fetching(tmp_path, TokenThrottled("8 were minted", retry_after_s=130.0))
        assert fetching.ask() == NextStep(Then.ASK_AGAIN, NOW + 130.0, None)

    def test_after_a_refused_token_holds_the_slot(self, tmp_path: Path) -> None:
        fetching = Fetching(
            tmp_path, TokenThrottled("another task mints", http_status=401, retry_after_s=20.0)
        )
        move = fetching.ask()
        assert (move.then, move.until, move.answered_at) == (Then.ASK_AGAIN, SLOT_FREE_AT, ANSWERED_AT)

    def test_after_a_refused_token_counts_the_refusal(self, tmp_path: Path) -> None:
        fetching = Fetching(
            tmp_path, TokenThrottled("another task mints", http_status=401, retry_after_s=20.0)
        )
        assert fetching.ask().rejections == 1

    def test_before_a_request_counts_none(self, tmp_path: Path) -> None:
        assert Fetching(tmp_path, TokenThrottled("8 were minted", retry_after_s=60.0)).ask().rejections == 0

    def test_waits_longer_than_the_slot_where_it_must(self, tmp_path: Path) -> None:
        fetching = Fetching(tmp_path, TokenThrottled("denied", http_status=401, retry_after_s=600.0))
        move = fetching.ask()
        assert (move.then, move.until, move.answered_at) == (Then.ASK_AGAIN, ANSWERED_AT + 600.0, ANSWERED_AT)


class BrokenStaging(Staging):
    """A staging folder whose storage fails in the methods named."""

    def __init__(self, root: Path, *broken: str) -> None:
        super().__init__(str(root), "run-1")
        for name in broken:
            setattr(self, name, fails(OSError("disk full")))


def test_a_page_that_cannot_be_kept_fails_the_task_later(tmp_path: Path) -> None:
    fetching = Fetching(tmp_path, page(0, 1))
    fetching.staging = BrokenStaging(tmp_path, "add_page")
    error = failure(fetching.ask())
    assert type(error) is TemporaryFailure
    assert error.message == "the page could not be kept: OSError"
    assert fetching.noted().outcome == "failed"


@pytest.mark.parametrize(
    "answer",
    [
        page(0, 1),
        TemporaryFailure("server error", http_status=503),
        Forbidden("not authorized", http_status=403),
        UnexpectedAnswer("too large", http_status=200),
    ],
    ids=lambda answer: type(answer).__name__,
)
def test_an_outcome_that_cannot_be_noted_does_not_hide_what_happened(tmp_path: Path, answer: Any) -> None:
    fetching = Fetching(tmp_path, answer)
    fetching.staging = BrokenStaging(tmp_path, "add_page", "add_outcome")
    error = failure(fetching.ask())
    assert error is answer or type(error) is TemporaryFailure


def test_a_learner_not_found_that_cannot_be_noted_is_a_failure(tmp_path: Path) -> None:
    fetching = Fetching(tmp_path, LearnerNotFound("no such learner", http_status=404))
    fetching.staging = BrokenStaging(tmp_path, "add_outcome")
    error = failure(fetching.ask())
    assert type(error) is TemporaryFailure
    assert "could not be noted" in error.message
    assert not fetching.fetch().progress().done


def test_a_record_that_cannot_be_a_row_fails_for_good(tmp_path: Path) -> None:
    fetching = Fetching(tmp_path, Page(0, ({"fileName": "no id"},), None))
    assert type(failure(fetching.ask())) is UnexpectedAnswer
    assert fetching.noted().outcome == "failed"


def test_a_page_out_of_turn_fails_for_good(tmp_path: Path) -> None:
    fetching = Fetching(tmp_path, page(50, 2))
    assert type(failure(fetching.ask(50))) is UnexpectedAnswer


def test_a_page_that_only_repeats_earlier_records_fails_for_good(tmp_path: Path) -> None:
    again = Page(2, page(0, 2).records, 4)
    fetching = Fetching(tmp_path, page(0, 2, more=True), again)
    fetching.ask()
    error = failure(fetching.ask(2), ended_at=ANSWERED_AT + 0.5)
    assert type(error) is UnexpectedAnswer
    assert "repeats records of earlier pages" in error.message
    assert (fetching.noted().outcome, fetching.staging.progress(UNIT).rows) == ("failed", 0)


@pytest.mark.parametrize(
    "answer", [page(0, 3), page(0, 3, more=True), TemporaryFailure("error", http_status=500)]
)
def test_the_slot_is_counted_from_the_answer_however_long_others_are_told_of_it(
    tmp_path: Path, answer: Any
) -> None:
    fetching = Fetching(tmp_path, answer)
    fetching.zoho.tells_for_s = 4.0
    move = fetching.ask()
    assert (move.answered_at, move.until) == (ANSWERED_AT, SLOT_FREE_AT)


def test_the_slot_is_counted_from_the_answer_however_long_keeping_it_takes(tmp_path: Path) -> None:
    fetching = Fetching(tmp_path, page(0, 1))
    keep = fetching.staging.add_page

    def keep_slowly(*args: Any) -> Any:
        fetching.clock.now += 40.0
        return keep(*args)

    fetching.staging.add_page = keep_slowly  # type: ignore[method-assign]
    assert fetching.ask().until == SLOT_FREE_AT
