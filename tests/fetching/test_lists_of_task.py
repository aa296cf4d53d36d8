from __future__ import annotations

import logging
from pathlib import Path

import pytest

from tests.helpers.fakes import NOW, Clock
from tests.helpers.faults import failing
from tests.helpers.list_fakes import COURSE_LIST, Organisation
from zoho_people.endpoints.course_learners import COURSE_LEARNERS
from zoho_people.endpoints.courses import COURSES
from zoho_people.fetching.lists_of_task import ListFetch, ListsOfTask, lists_of
from zoho_people.fetching.next_step import NextStep, Then
from zoho_people.fetching.pace import Pace
from zoho_people.model.unit import Course
from zoho_people.staging.list_pages import ListStaging, NotStaged
from zoho_people.staging.staged_lists import missing_courses, staged_courses, staged_learners
from zoho_people.zoho.bounds import Bounds
from zoho_people.zoho.errors import (
    CourseNotFound,
    CredentialsRejected,
    Forbidden,
    LearnerNotFound,
    Locked,
    QuotaExhausted,
    RequestFailed,
    ServerNotTrusted,
    TemporaryFailure,
    TokenRejected,
    UnexpectedAnswer,
    ZohoError,
)

FINAL = [CourseNotFound, Forbidden, LearnerNotFound, RequestFailed, UnexpectedAnswer]
LIST, ONE, TWO = str(COURSE_LIST), "the learners of course 1", "the learners of course 2"


class Fetching:
    """Lists fetched from an organisation into a real staging folder; ``counted`` has the move of each request."""

    def __init__(self, root: Path) -> None:
        self.bounds = Bounds()
        self.clock = Clock()
        self.zoho = Organisation(self.clock)
        self.staging = ListStaging(str(root), "run-1")
        self.counted: list[NextStep] = []

    def of(self, *courses: str) -> ListsOfTask:
        """The rosters of *courses*, the course list without any."""
        endpoint = COURSE_LEARNERS if courses else COURSES
        return ListsOfTask(
            lambda: lists_of(endpoint, self.staging, courses=[Course.parse(text) for text in courses]),
            lambda listed: ListFetch(
                listed,
                source=self.zoho,
                staging=self.staging,
                pace=Pace(60.0, lead_s=3.0, handover_s=0.5),
                clock=self.clock.time,
                dag_run_id="manual",
                bounds=self.bounds,
            ),
            staging=self.staging,
            count=self.counted.append,
        )

    def list_courses(self) -> None:
        """Stage the course list, unseen."""
        self.of().burst(100, rejections=0)
        self.zoho.asked.clear()
        self.counted.clear()
        self.clock.now = NOW
        self.zoho.answered_at = None

    def burst(self, *courses: str, requests: int = 5, rejections: int = 0) -> NextStep:
        return self.of(*courses).burst(requests, rejections=rejections)


@pytest.fixture
def fetching(tmp_path: Path) -> Fetching:
    """Courses 1 (three learners) and 2 (two), and course 3 with batches 31 (one learner) and 32 (none)."""
    fetching = Fetching(tmp_path)
    fetching.zoho.have_course("1", 11, 12, 13)
    fetching.zoho.have_course("2", 11, 14)
    fetching.zoho.have_blended("3", b31=[11], b32=[])
    return fetching


@pytest.fixture
def listed(fetching: Fetching) -> Fetching:
    """The same with the course list staged."""
    fetching.list_courses()
    fetching.staging.choose([Course("1"), Course("2"), Course("3")])
    return fetching


class TestABurst:
    def test_goes_from_page_to_page_and_list_to_list(self, listed: Fetching) -> None:
        move = listed.burst("1", "2")
        assert listed.zoho.asked == [(ONE, 0), (ONE, 2), (TWO, 0)]
        assert move.then is Then.END
        assert list(staged_learners(listed.staging, Course("1"))) == ["11", "12", "13"]

    def test_sends_no_more_than_it_may(self, listed: Fetching) -> None:
        assert listed.burst("1", "2", requests=2).then is Then.ASK_AGAIN
        assert listed.zoho.asked == [(ONE, 0), (ONE, 2)]
        assert listed.burst("1", "2", requests=2).then is Then.END
        assert listed.zoho.asked[2:] == [(TWO, 0)]

    def test_that_just_suffices_is_the_end(self, listed: Fetching) -> None:
        assert listed.burst("1", "2", requests=3).then is Then.END

    def test_holds_its_slots_for_a_window_after_its_last_answer(self, listed: Fetching) -> None:
        move = listed.burst("1", "2", requests=3)
        assert move.answered_at == NOW + 1.5
        assert move.until == NOW + 1.5 + 56.5
        assert [one.answered_at for one in listed.counted] == [NOW + 0.5, NOW + 1.0, NOW + 1.5]

    def test_asks_for_batches_and_then_for_the_learners_of_each(self, listed: Fetching) -> None:
        assert listed.burst("3").then is Then.END
        assert [name for name, _ in listed.zoho.asked] == [
            "the batches of course 3",
            "the learners of course 3/31",
            "the learners of course 3/32",
        ]
        assert staged_learners(listed.staging, Course("3", "32")) == {}

    def test_asks_for_named_batches_alone(self, listed: Fetching) -> None:
        listed.burst("3/32", "3/31")
        assert [name for name, _ in listed.zoho.asked] == [
            "the learners of course 3/32",
            "the learners of course 3/31",
        ]

    def test_goes_on_where_another_process_died(self, listed: Fetching) -> None:
        listed.zoho.disturbed[1] = KeyboardInterrupt()
        with pytest.raises(KeyboardInterrupt):
            listed.burst("1", "2")
        listed.zoho.disturbed.clear()
        listed.burst("1", "2")
        assert listed.zoho.asked == [(ONE, 0), (ONE, 2), (ONE, 2), (TWO, 0)]

    def test_of_courses_that_nobody_listed_sends_nothing(self, fetching: Fetching) -> None:
        for ask in (lambda: fetching.burst("1"), fetching.of("1").is_wanting):
            with pytest.raises(NotStaged):
                ask()
        assert fetching.zoho.asked == []

    def test_names_nobody_in_the_log(self, listed: Fetching, caplog: pytest.LogCaptureFixture) -> None:
        listed.zoho.have(
            COURSE_LEARNERS.of(Course("1")),
            {"learnerId": 11, "learnerName": "Jane Doe", "emailId": "jane@x.org"},
        )
        with caplog.at_level(logging.DEBUG):
            listed.burst("1")
        assert "the learners of course 1: complete, 1 record in 1 page" in caplog.text
        assert "jane" not in caplog.text.lower()


class TestTheCourseList:
    def test_is_read_to_its_end(self, fetching: Fetching) -> None:
        assert fetching.of().is_wanting()
        assert fetching.burst(requests=1).then is Then.ASK_AGAIN
        assert fetching.burst().then is Then.END
        assert fetching.zoho.asked == [(LIST, 0), (LIST, 2)]
        assert not fetching.of().is_wanting()

    @pytest.mark.parametrize("error", FINAL)
    def test_that_is_refused_fails(self, fetching: Fetching, error: type[ZohoError]) -> None:
        fetching.zoho.disturbed[0] = error("refused", http_status=404)
        assert fetching.burst().then is Then.FAIL

    def test_that_goes_round_in_circles_fails_and_begins_anew(self, fetching: Fetching) -> None:
        fetching.zoho.have(COURSE_LIST, *[1, 2] * 10)
        move = fetching.burst()
        assert (move.then, type(move.error)) == (Then.FAIL, UnexpectedAnswer)
        assert len(fetching.zoho.asked) == 2
        assert fetching.of().is_wanting()


class TestWhatHinders:
    """Whatever it is, nothing is sent behind it, and the slots of all that was sent are held."""

    def test_a_lock_is_waited_out(self, listed: Fetching) -> None:
        listed.zoho.disturbed[1] = Locked("locked", http_status=429, retry_after_s=300.0)
        move = listed.burst("1", "2")
        assert len(listed.zoho.asked) == 2
        assert (move.then, move.until, move.answered_at) == (Then.ASK_AGAIN, NOW + 1.0 + 300.0, NOW + 1.0)

    def test_a_lock_known_before_holds_the_slots_of_what_was_sent(self, listed: Fetching) -> None:
        listed.zoho.disturbed[1] = Locked("known", retry_after_s=10.0)
        move = listed.burst("1", "2")
        assert (move.then, move.until, move.answered_at) == (Then.ASK_AGAIN, NOW + 0.5 + 56.5, NOW + 0.5)

    def test_a_lock_known_at_first_holds_nothing(self, listed: Fetching) -> None:
        listed.zoho.disturbed[0] = Locked("known", retry_after_s=10.0)
        assert listed.burst("1", rejections=2) == NextStep(
            Then.ASK_AGAIN, NOW + 10.0, rejections=2, lock=(NOW, NOW + 10.0)
        )

    def test_a_refused_token_is_counted(self, listed: Fetching) -> None:
        listed.zoho.disturbed[0] = TokenRejected("expired", http_status=401)
        move = listed.burst("1", rejections=1)
        assert (move.then, move.rejections, len(listed.zoho.asked)) == (Then.ASK_AGAIN, 2, 1)

    def test_an_answer_in_between_ends_the_count(self, listed: Fetching) -> None:
        listed.zoho.disturbed[1] = TokenRejected("expired", http_status=401)
        assert listed.burst("1", rejections=3).rejections == 1
        assert listed.zoho.stopped == []

    def test_too_many_refused_tokens_stop_everything(self, listed: Fetching) -> None:
        listed.zoho.disturbed[0] = TokenRejected("expired", http_status=401)
        move = listed.burst("1", rejections=3)
        assert isinstance(move.error, CredentialsRejected)
        assert len(listed.zoho.stopped) == 1

    def test_a_spent_quota_skips(self, listed: Fetching) -> None:
        listed.zoho.disturbed[1] = QuotaExhausted("spent", http_status=429)
        move = listed.burst("1", "2")
        assert (move.then, move.until) == (Then.SKIP, NOW + 1.0 + 56.5)

    @pytest.mark.parametrize(
        "error",
        [TemporaryFailure("x", http_status=503), CredentialsRejected("x", http_status=401), OSError("x")],
    )
    def test_a_failure_fails_when_the_slots_are_free(self, listed: Fetching, error: Exception) -> None:
        listed.zoho.disturbed[1] = error
        move = listed.burst("1", "2")
        assert (move.then, move.until, move.answered_at) == (Then.FAIL, NOW + 1.0 + 56.5, NOW + 1.0)
        assert len(listed.zoho.asked) == 2

    def test_a_failure_before_a_request_still_holds_what_was_sent(self, listed: Fetching) -> None:
        listed.zoho.disturbed[1] = CredentialsRejected("dead")
        move = listed.burst("1", "2")
        assert (move.then, move.until, move.answered_at) == (Then.FAIL, NOW + 0.5 + 56.5, NOW + 0.5)

    def test_a_page_that_cannot_be_kept_is_asked_for_again(self, listed: Fetching) -> None:
        listed.staging = failing(listed.staging, "add_page", OSError("disk full"))
        move = listed.burst("1")
        assert (move.then, move.until) == (Then.FAIL, NOW + 0.5 + 56.5)
        assert isinstance(move.error, TemporaryFailure)

    def test_what_is_staged_and_cannot_be_read_fails_when_the_slots_are_free(self, listed: Fetching) -> None:
        listed.staging = failing(listed.staging, "progress", OSError("disk gone"), good_calls=1)
        move = listed.burst("1")
        assert (move.then, move.until, move.answered_at) == (Then.FAIL, NOW + 0.5 + 56.5, NOW + 0.5)
        with pytest.raises(OSError, match="disk gone"):
            listed.burst("1")


class TestAListOfEverMorePages:
    def test_is_a_refused_course_by_name_and_the_others_go_on(self, listed: Fetching) -> None:
        listed.zoho.have(COURSE_LEARNERS.of(Course("1")), *range(11, 99))
        listed.bounds = Bounds(list_pages=2)
        assert listed.burst("1", "2").then is Then.END
        assert listed.zoho.asked == [(ONE, 0), (ONE, 2), (TWO, 0)]
        [(course, why), *_] = missing_courses(listed.staging)
        assert course == Course("1")
        assert why.startswith("Zoho says that more follows after 2 pages")
        assert "raise max_pages_of_a_list in the section [zoho_people]" in why

    def test_goes_on_behind_its_last_page_once_it_may(self, listed: Fetching) -> None:
        listed.zoho.have(COURSE_LEARNERS.of(Course("1")), *range(11, 17))
        listed.bounds = Bounds(list_pages=2)
        listed.burst("1")
        listed.bounds = Bounds(list_pages=3)
        listed.of("1").forget_refusals()
        assert listed.burst("1").then is Then.END
        assert listed.zoho.asked == [(ONE, 0), (ONE, 2), (ONE, 4)]
        assert staged_courses(listed.staging) == [Course("1")]

    def test_fails_the_task_that_lists_the_courses(self, fetching: Fetching) -> None:
        fetching.bounds = Bounds(list_pages=1)
        move = fetching.burst()
        assert (move.then, type(move.error)) == (Then.FAIL, UnexpectedAnswer)
        assert str(move.error).startswith("Zoho says that more follows after 1 page;")


@pytest.mark.parametrize(
    "error",
    [ServerNotTrusted("whose certificate is that"), TemporaryFailure("the connection failed: SSLError")],
)
def test_a_connection_that_fails_is_no_refusal_of_a_course(listed: Fetching, error: ZohoError) -> None:
    listed.zoho.disturbed[0] = error
    move = listed.burst("1", "2")
    assert (move.then, move.error) == (Then.FAIL, error)
    assert listed.of("1").is_wanting()
    assert missing_courses(listed.staging)[0] != (Course("1"), error.message)


class TestARefusedCourse:
    def test_is_noted_and_the_others_go_on(self, listed: Fetching) -> None:
        listed.zoho.disturbed[0] = Forbidden("Zoho answered HTTP 403", http_status=403)
        assert listed.burst("1", "2").then is Then.END
        assert listed.zoho.asked == [(ONE, 0), (TWO, 0)]
        assert staged_courses(listed.staging) == [Course("2")]
        assert missing_courses(listed.staging)[0] == (Course("1"), "Zoho answered HTTP 403")

    @pytest.mark.parametrize("error", FINAL)
    def test_may_be_refused_in_any_way_and_on_any_page(
        self, listed: Fetching, error: type[ZohoError]
    ) -> None:
        listed.zoho.disturbed[1] = error("refused", http_status=400)
        assert listed.burst("1", "2").then is Then.END
        assert listed.zoho.asked == [(ONE, 0), (ONE, 2), (TWO, 0)]
        assert staged_courses(listed.staging) == [Course("2")]
        assert missing_courses(listed.staging)[0] == (Course("1"), "refused")

    def test_whose_pages_go_round_in_circles_begins_anew_once_that_is_forgotten(
        self, listed: Fetching
    ) -> None:
        listed.zoho.have(COURSE_LEARNERS.of(Course("1")), *[11, 12] * 10)
        assert listed.burst("1", "2").then is Then.END
        assert listed.zoho.asked == [(ONE, 0), (ONE, 2), (TWO, 0)]
        [(course, why), *_] = missing_courses(listed.staging)
        assert course == Course("1")
        assert why.endswith("repeats records of earlier pages and brings no other")
        listed.zoho.have(COURSE_LEARNERS.of(Course("1")), 11, 12, 13)
        listed.of("1").forget_refusals()
        listed.burst("1")
        assert listed.zoho.asked[3:] == [(ONE, 0), (ONE, 2)]
        assert Course("1") in staged_courses(listed.staging)

    def test_is_not_asked_for_again_until_its_refusal_is_forgotten(self, listed: Fetching) -> None:
        listed.zoho.disturbed[0] = CourseNotFound("gone", http_status=404)
        listed.burst("1")
        assert not listed.of("1").is_wanting()
        listed.of("1").forget_refusals()
        assert listed.of("1").is_wanting()

    def test_takes_its_batches_along(self, listed: Fetching) -> None:
        listed.zoho.disturbed[0] = Forbidden("no", http_status=403)
        assert listed.burst("3", "2").then is Then.END
        assert [name for name, _ in listed.zoho.asked] == ["the batches of course 3", TWO]
        listed.of("3").forget_refusals()
        listed.burst("3")
        assert [name for name, _ in listed.zoho.asked[2:]] == [
            "the batches of course 3",
            "the learners of course 3/31",
            "the learners of course 3/32",
        ]

    def test_of_unknown_type_is_itself_where_only_its_batches_are_refused(self, fetching: Fetching) -> None:
        fetching.zoho.have_course("4", 15)
        fetching.zoho.lists[LIST][-1]["type"] = "unheard of"
        fetching.list_courses()
        fetching.staging.choose([Course("4")])
        assert fetching.burst("4").then is Then.END
        four = ["the batches of course 4", "the learners of course 4"]
        assert [name for name, _ in fetching.zoho.asked] == four
        assert staged_courses(fetching.staging) == [Course("4")]

    def test_of_unknown_type_is_asked_for_again_with_its_batches(self, fetching: Fetching) -> None:
        fetching.zoho.have_course("4", 15)
        fetching.zoho.lists[LIST][-1]["type"] = "unheard of"
        fetching.list_courses()
        fetching.zoho.disturbed[1] = Forbidden("no", http_status=403)
        fetching.burst("4")
        fetching.of("4").forget_refusals()
        fetching.zoho.asked.clear()
        fetching.zoho.disturbed.clear()
        fetching.burst("4")
        four = ["the batches of course 4", "the learners of course 4"]
        assert [name for name, _ in fetching.zoho.asked] == four

    def test_that_cannot_be_noted_fails(self, listed: Fetching) -> None:
        listed.zoho.disturbed[0] = Forbidden("no", http_status=403)
        listed.staging = failing(listed.staging, "add_outcome", OSError("disk full"))
        move = listed.burst("1")
        assert (move.then, type(move.error)) == (Then.FAIL, TemporaryFailure)
        assert move.until == NOW + 0.5 + 56.5


def test_the_counts_are_those_of_the_lists(listed: Fetching) -> None:
    listed.zoho.disturbed[2] = Forbidden("no", http_status=403)
    assert listed.of("3", "1").counts() == {
        "lists": 2,
        "complete": 0,
        "refused": 0,
        "pages": 0,
        "items": 0,
    }
    listed.burst("3", "1", requests=4)
    assert listed.of("3", "1").counts() == {
        "lists": 4,
        "complete": 2,
        "refused": 1,
        "pages": 3,
        "items": 5,
    }
