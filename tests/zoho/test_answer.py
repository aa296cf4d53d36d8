from __future__ import annotations

from typing import Any

import pytest

from zoho_people.endpoints.courses import COURSES
from zoho_people.endpoints.progress import of_unit
from zoho_people.model.entity_type import EntityType
from zoho_people.model.unit import Course, Unit
from zoho_people.zoho.answer import SCOPE_CURE, Answer, raise_for_error
from zoho_people.zoho.errors import (
    CourseNotFound,
    CredentialsRejected,
    Forbidden,
    LearnerNotFound,
    Locked,
    QuotaExhausted,
    RequestFailed,
    TemporaryFailure,
    TokenRejected,
    UnexpectedAnswer,
    ZohoError,
)
from zoho_people.zoho.page import Page, read_page
from zoho_people.zoho.said import printable

LEARNER = "100002000000045011"
UNIT = Unit(Course("100002000000039001"), LEARNER, EntityType.ONLINE_TESTS)
BLOCKED = "API access blocked since threshold limit exceeded. Please try after some time"
LOCK = {"code": 7209, "message": BLOCKED}


def error_of(http_status: int, body: dict[str, Any], retry_after_s: float | None = None) -> ZohoError:
    with pytest.raises(ZohoError) as error:
        raise_for_error(Answer(http_status, body, retry_after_s))
    return error.value


def page(body: dict[str, Any], *, start_index: int = 0, http_status: int = 200) -> Page:
    return read_page(Answer(http_status, body), of_unit(UNIT).request(start_index))


def refusal(body: dict[str, Any], *, start_index: int = 0) -> UnexpectedAnswer:
    with pytest.raises(UnexpectedAnswer) as error:
        page({"code": 200, **body}, start_index=start_index)
    assert type(error.value) is UnexpectedAnswer
    return error.value


class TestALock:
    @pytest.mark.parametrize("http_status", [200, 400, 403, 429, 500])
    @pytest.mark.parametrize(
        "body",
        [
            pytest.param(LOCK, id="flat"),
            pytest.param({"code": "7209", "message": BLOCKED}, id="code as text"),
            pytest.param({"code": 7209}, id="code alone"),
            pytest.param({"code": "7209", "message": "in other words"}, id="other words"),
            pytest.param({"message": BLOCKED}, id="words alone"),
            pytest.param({"message": BLOCKED.upper()}, id="words in capitals"),
            pytest.param({"code": 200, "message": BLOCKED}, id="words beside a code of success"),
            pytest.param({"code": 400, "message": BLOCKED}, id="words beside another code"),
            pytest.param({"response": {"status": 1, "errors": LOCK}}, id="nested"),
            pytest.param({"response": {"status": 1, "errors": [LOCK]}}, id="nested in a list"),
            pytest.param({"response": {"status": 1, **LOCK}}, id="nested without errors"),
            pytest.param({"response": {"status": 1, "errors": {"code": "7209"}}}, id="nested code as text"),
            pytest.param(
                {"response": {"status": 1, "errors": {"message": BLOCKED}}}, id="nested words alone"
            ),
            pytest.param({"response": {"status": 1, "errors": BLOCKED}}, id="nested bare words"),
            pytest.param({"errors": LOCK}, id="errors"),
            pytest.param({"errors": [LOCK]}, id="list of errors"),
            pytest.param({"error": LOCK}, id="error"),
            pytest.param({"error": BLOCKED}, id="error as words"),
            pytest.param({"errorCode": 7209, "message": "x"}, id="errorCode"),
            pytest.param(
                {"code": 400, "response": {"errors": LOCK}, "message": "Error"}, id="nested beside a code"
            ),
            pytest.param({**LOCK, "learnerProgress": [], "hasMoreRecords": False}, id="beside records"),
        ],
    )
    def test_is_known_in_every_shape(self, http_status: int, body: dict[str, Any]) -> None:
        assert type(error_of(http_status, body)) is Locked

    @pytest.mark.parametrize(
        "body",
        [
            pytest.param(
                {"response": {"status": 1, "message": BLOCKED, "errors": {}}}, id="words beside empty errors"
            ),
            pytest.param({"code": 400, "errors": LOCK}, id="errors beside another code"),
            pytest.param({"code": 200, "errors": LOCK}, id="errors beside a code of success"),
            pytest.param({"code": 7209, "response": {"status": 1}}, id="flat beside an empty response"),
        ],
    )
    @pytest.mark.parametrize("http_status", [200, 400])
    def test_is_known_in_mixed_shapes(self, http_status: int, body: dict[str, Any]) -> None:
        assert type(error_of(http_status, body)) is Locked

    @pytest.mark.parametrize("body", [{}, {"code": "TOO_MANY_REQUESTS"}, {"message": "slow down"}])
    def test_is_what_429_means_without_words(self, body: dict[str, Any]) -> None:
        assert type(error_of(429, body)) is Locked

    def test_carries_the_servers_own_wait(self) -> None:
        error = error_of(429, LOCK, retry_after_s=900.0)
        assert (error.retry_after_s, error.http_status, error.code) == (900.0, 429, "7209")


WAITS = "You have exceeded the limit of requests. Try again after 22 minutes."
TITLE = "URL_ROLLING_THROTTLES_LIMIT_EXCEEDED"


class TestAThrottleInOtherWords:
    @pytest.mark.parametrize("http_status", [200, 400, 403, 429])
    @pytest.mark.parametrize(
        "body",
        [
            pytest.param({"error": {"title": TITLE, "details": {"message": WAITS}}}, id="as other services"),
            pytest.param({"error": {"title": TITLE, "details": WAITS}}, id="details as text"),
            pytest.param({"errors": [{"title": TITLE, "details": {"message": WAITS}}]}, id="in a list"),
            pytest.param({"title": TITLE, "details": {"message": WAITS}}, id="not nested"),
            pytest.param({"response": {"status": 1, "error": {"errorMessage": WAITS}}}, id="errorMessage"),
            pytest.param({"error_code": TITLE, "errorMessage": WAITS}, id="error_code"),
            pytest.param({"code": 200, "message": WAITS, "title": TITLE}, id="beside a code of success"),
            pytest.param({"message": WAITS}, id="words alone"),
        ],
    )
    def test_is_a_lock_of_the_length_that_it_states(self, http_status: int, body: dict[str, Any]) -> None:
        error = error_of(http_status, body)
        assert (type(error), error.retry_after_s) == (Locked, 22 * 60.0)
        assert "Try again after 22 minutes." in error.message

    @pytest.mark.parametrize(("header_s", "wait_s"), [(None, 1320.0), (60.0, 1320.0), (1800.0, 1800.0)])
    def test_lasts_as_long_as_header_or_words_say(self, header_s: float | None, wait_s: float) -> None:
        assert error_of(429, {"message": WAITS}, header_s).retry_after_s == wait_s

    @pytest.mark.parametrize(
        "words", ["Too many requests", "TOO_MANY_REQUESTS", "API rate limit exceeded", TITLE]
    )
    def test_is_known_without_a_length(self, words: str) -> None:
        error = error_of(400, {"error": {"title": words}})
        assert (type(error), error.retry_after_s) == (Locked, None)

    def test_of_the_day_is_a_spent_quota(self) -> None:
        assert type(error_of(400, {"error": {"title": "Daily limit", "details": WAITS}})) is QuotaExhausted


class TestNumbersOfZohoPeople:
    @pytest.mark.parametrize("code", [7040, "7040", 9000])
    @pytest.mark.parametrize("http_status", [200, 400])
    @pytest.mark.parametrize("as_list", [False, True])
    def test_no_permission_is_forbidden(self, code: object, http_status: int, *, as_list: bool) -> None:
        error = error_of(http_status, people_error(code, as_list=as_list))
        assert (type(error), error.code) == (Forbidden, str(code))
        assert "Permission denied" in error.message

    @pytest.mark.parametrize("as_list", [False, True])
    def test_no_such_user_is_not_found(self, *, as_list: bool) -> None:
        assert type(error_of(200, people_error(7048, as_list=as_list))) is LearnerNotFound

    @pytest.mark.parametrize("http_status", [401, 429, 500])
    def test_leave_other_statuses_what_they_mean(self, http_status: int) -> None:
        assert type(error_of(http_status, people_error(7040))) is type(error_of(http_status, {}))

    @pytest.mark.parametrize(
        ("http_status", "body"),
        [
            (204, {}),
            (200, {"response": {"status": 1, "errors": {"code": 7024, "message": "No records found"}}}),
            (200, {"response": {"status": 1, "errors": [{"code": "7024", "message": "No records found"}]}}),
            (200, {"errors": [{"code": 7024}]}),
            (200, {"code": 7024, "message": "No records found"}),
            (200, {"code": 7024, "learnerProgress": []}),
            (400, {"response": {"errors": {"code": 7024}}}),
        ],
    )
    @pytest.mark.parametrize("start_index", [0, 25])
    def test_no_records_is_an_empty_last_page(
        self, http_status: int, body: dict[str, Any], start_index: int
    ) -> None:
        raise_for_error(Answer(http_status, body))
        answer = page(body, http_status=http_status, start_index=start_index)
        assert answer == Page(start_index, (), None)
        assert read_page(Answer(http_status, body), COURSES.of().request(start_index)) == Page(
            start_index, (), None
        )

    @pytest.mark.parametrize(
        ("http_status", "body"),
        [
            (200, {"code": 7024, "learnerProgress": [{"fileId": 1}]}),
            (500, {"response": {"errors": {"code": 7024}}}),
            (200, {"response": {"errors": [{"code": 7024}, {"code": 7209}]}}),
        ],
    )
    def test_no_records_beside_something_else_is_not_believed(
        self, http_status: int, body: dict[str, Any]
    ) -> None:
        assert isinstance(error_of(http_status, body), (TemporaryFailure, Locked))


def people_error(code: object, *, as_list: bool = False) -> dict[str, Any]:
    error = {"code": code, "message": "Permission denied"}
    return {"response": {"message": "Error occurred", "status": 1, "errors": [error] if as_list else error}}


@pytest.mark.parametrize(
    "body",
    [
        {"title": "BAD_THING"},
        {"details": {"message": "BAD_THING"}},
        {"details": [{"reason": "BAD_THING"}]},
        {"error_code": "BAD_THING"},
        {"errorMessage": "BAD_THING"},
        {"response": {"errors": {"details": {"error_message": "BAD_THING"}}}},
        {"error": {"error_description": "BAD_THING"}},
        {"fault": {"faultstring": "BAD_THING"}},
        {"reasonPhrase": "BAD_THING"},
    ],
)
@pytest.mark.parametrize("http_status", [200, 400, 503])
def test_what_the_body_says_is_said_wherever_it_says_it(http_status: int, body: dict[str, Any]) -> None:
    with pytest.raises(ZohoError) as error:
        page(body, http_status=http_status)
    assert "BAD_THING" in error.value.message
    with pytest.raises(ZohoError) as error:
        read_page(Answer(http_status, body), COURSES.of().request(0))
    assert "BAD_THING" in error.value.message


def test_why_there_was_no_body_to_read_is_said() -> None:
    with pytest.raises(TemporaryFailure) as error:
        raise_for_error(Answer(502, {}, unread="the answer is not JSON but HTML of 9 bytes"))
    assert error.value.message.endswith("HTTP 502 and said: the answer is not JSON but HTML of 9 bytes")


def test_a_title_and_details_are_no_error_where_there_is_data() -> None:
    body = {
        "code": 200,
        "title": "Courses",
        "details": "Some",
        "learnerProgress": [],
        "hasMoreRecords": False,
    }
    assert page(body).records == ()


@pytest.mark.parametrize("http_status", [200, 400, 403, 422, 429])
@pytest.mark.parametrize(
    "message",
    [
        "Daily API limit exceeded",
        "You have reached the limit of API calls per day",
        "API quota limit reached",
    ],
)
def test_a_spent_quota_is_no_lock(http_status: int, message: str) -> None:
    assert type(error_of(http_status, {"code": 7010, "message": message})) is QuotaExhausted
    assert type(error_of(http_status, {"response": {"errors": {"message": message}}})) is QuotaExhausted


@pytest.mark.parametrize(
    ("http_status", "body"),
    [
        (401, {"code": "INVALID_OAUTHTOKEN", "message": "Invalid OAuth token"}),
        (401, {}),
        (401, {"code": 401, "message": "Unauthorized"}),
        (400, {"code": "INVALID_OAUTHTOKEN"}),
        (200, {"code": "INVALID_OAUTHTOKEN"}),
        (200, {"code": 401, "message": "unauthorized"}),
        (200, {"error": "INVALID_OAUTHTOKEN"}),
        (401, {"response": {"status": 1, "errors": {"code": 7202, "message": "INVALID_OAUTHTOKEN"}}}),
        (401, {"error": {"code": "INVALID_OAUTHTOKEN"}}),
    ],
)
def test_a_refused_token_is_known_by_status_or_word(http_status: int, body: dict[str, Any]) -> None:
    assert type(error_of(http_status, body)) is TokenRejected


@pytest.mark.parametrize("http_status", [200, 400, 401, 403])
@pytest.mark.parametrize(
    "body",
    [
        {"code": "OAUTH_SCOPE_MISMATCH", "message": "Invalid OAuth scope"},
        {"error": "OAUTH_SCOPE_MISMATCH"},
        {"code": "INVALID_SCOPE"},
        {"response": {"errors": {"code": "OAUTH_SCOPE_MISMATCH"}}},
    ],
)
def test_a_missing_scope_says_which_and_the_cure(http_status: int, body: dict[str, Any]) -> None:
    error = error_of(http_status, body)
    assert type(error) is CredentialsRejected
    assert error.message == SCOPE_CURE
    assert "ZOHOPEOPLE.training.READ" in error.message


@pytest.mark.parametrize(
    ("http_status", "body", "meaning"),
    [
        (403, {"code": 403, "message": "not authorized"}, Forbidden),
        (200, {"code": "403", "message": "not authorized"}, Forbidden),
        (404, {}, TemporaryFailure),
        (403, {}, TemporaryFailure),
        (404, {"message": "Learner not found"}, LearnerNotFound),
        (200, {"code": 404, "message": "not found"}, LearnerNotFound),
        (404, {"message": "Course not found"}, CourseNotFound),
        (404, {"message": "No such BATCH"}, CourseNotFound),
        (200, {"code": "404", "message": "course not found"}, CourseNotFound),
        (404, {"code": "COURSE_NOT_FOUND"}, CourseNotFound),
        (400, {"code": "INVALID_INPUT", "message": "entityType"}, RequestFailed),
        (400, {"code": "INPUT_PARAMETER_MISSING"}, RequestFailed),
        (422, {"code": 422, "message": "maximum limit exceeded"}, RequestFailed),
        (200, {"code": 422, "message": "maximum limit exceeded"}, RequestFailed),
        (405, {}, RequestFailed),
        (418, {"message": "I'm a teapot"}, RequestFailed),
        (302, {}, RequestFailed),
        (408, {}, TemporaryFailure),
        (500, {"code": 500, "message": "Internal Server Error"}, TemporaryFailure),
        (502, {}, TemporaryFailure),
        (503, {"message": "maintenance"}, TemporaryFailure),
        (599, {}, TemporaryFailure),
        (200, {"code": 500, "message": "Internal Server Error"}, TemporaryFailure),
        (200, {"code": "WHATEVER"}, TemporaryFailure),
        (200, {"code": 0, "message": "x"}, TemporaryFailure),
        (200, {"code": True}, TemporaryFailure),
        (200, {"code": 200.0}, TemporaryFailure),
        (200, {"code": {}}, TemporaryFailure),
        (200, {"code": []}, TemporaryFailure),
        (200, {"error": "x"}, TemporaryFailure),
        (200, {"error": None}, TemporaryFailure),
        (200, {"errors": []}, TemporaryFailure),
        (200, {"response": {}}, TemporaryFailure),
        (200, {"response": None}, TemporaryFailure),
        (200, {"response": {"status": 1, "errors": {"code": 404, "message": "Course"}}}, CourseNotFound),
        (200, {"code": 200, "errors": [{"field": "x"}]}, TemporaryFailure),
        (200, {"code": 200, "error": {"field": "x"}}, TemporaryFailure),
        (200, {"code": 200, "response": {"status": 1}}, TemporaryFailure),
        (200, {"code": 400, "message": "x"}, RequestFailed),
        (200, {"code": "INVALID_INPUT", "message": "entityType"}, RequestFailed),
        (200, {"response": {"errors": {"code": "INPUT_PARAMETER_MISSING"}}}, RequestFailed),
        (404, {"code": "INVALID_INPUT", "message": "learner not found"}, LearnerNotFound),
        (500, {"code": "INVALID_INPUT"}, TemporaryFailure),
        (200, {"code": 200, "errors": [{"code": "INVALID_INPUT"}]}, RequestFailed),
        (200, {"code": "SERVER_ERROR", "message": "Internal server error."}, TemporaryFailure),
        (600, {}, RequestFailed),
        (999, {}, RequestFailed),
    ],
)
def test_the_table_of_the_other_answers(
    http_status: int, body: dict[str, Any], meaning: type[ZohoError]
) -> None:
    assert type(error_of(http_status, body)) is meaning


@pytest.mark.parametrize("code", [7010, "7202", 7218, 9001, 600, 40401, "50000"])
def test_an_unknown_error_inside_http_200_may_pass_and_one_with_another_status_may_not(code: object) -> None:
    assert type(error_of(200, {"code": code, "message": "Something new"})) is TemporaryFailure
    assert type(error_of(400, {"code": code, "message": "Something new"})) is RequestFailed


@pytest.mark.parametrize("code", [200, "200", None])
def test_a_success_raises_nothing(code: object) -> None:
    raise_for_error(Answer(200, {"code": code, "learnerProgress": []}))
    raise_for_error(Answer(200, {"learnerProgress": []}))


@pytest.mark.parametrize("http_status", [201, 400, 500])
def test_a_code_of_success_does_not_outweigh_the_status(http_status: int) -> None:
    assert isinstance(error_of(http_status, {"code": 200}), ZohoError)


def test_an_error_says_what_zoho_said() -> None:
    error = error_of(400, {"code": "INVALID_INPUT", "message": "bad startIndex"}, retry_after_s=2.0)
    assert error.message == "Zoho answered HTTP 400 and said: INVALID_INPUT bad startIndex"
    assert (error.http_status, error.code, error.retry_after_s) == (400, "INVALID_INPUT", 2.0)
    assert error_of(502, {}).message == "Zoho answered HTTP 502 and said: nothing more"


@pytest.mark.parametrize("text", ["a\nb", "a\x1b[31mred", "a\x00b", "a\u202eb", "\ud800", "a\u2028b"])
def test_control_characters_in_a_message_are_escaped(text: str) -> None:
    message = error_of(400, {"code": "X", "message": text}).message
    assert message.isprintable()
    assert message.isascii()


def test_a_long_message_is_shortened() -> None:
    assert len(error_of(400, {"code": "X" * 10_000, "message": "\n" * 100_000}).message) < 500
    many = {"errors": [{"code": f"E{number}", "message": f"text {number}"} for number in range(1_000)]}
    assert len(error_of(400, many).message) < 500


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("Größe 学习", "Größe 学习"),
        (7209, "7209"),
        (True, "True"),
        (None, "NoneType"),
        ([1, 2], "list"),
        ({"a": "secret"}, "dict"),
        ("a\tb", "a\\tb"),
    ],
)
def test_values_are_printed_on_one_line(value: object, line: str) -> None:
    assert printable(value) == line


def test_printing_ends_with_an_ellipsis_where_it_cuts() -> None:
    assert printable("x" * 11, limit=10) == "x" * 10 + "…"
    assert printable("x" * 10, limit=10) == "x" * 10
    assert printable("\n" * 10, limit=10) == "\\n" * 5 + "…"


def test_a_page_has_the_records_untouched() -> None:
    records = [{"testId": 100002000000051001, "userMark": 7.5, "new": {"x": [None]}}, {}]
    got = page(
        {
            "code": 200,
            "learnerId": int(LEARNER),
            "entityType": 1,
            "learnerProgress": records,
            "message": "ok",
            "hasMoreRecords": False,
        }
    )
    assert got == Page(0, tuple(records), None)
    assert not got.has_more


@pytest.mark.parametrize("more", [True, "true", "TRUE", "True"])
def test_the_next_page_begins_behind_the_records_received(more: object) -> None:
    got = page({"code": "200", "learnerProgress": [{}, {}, {}], "hasMoreRecords": more}, start_index=25)
    assert got.next_start_index == 28
    assert got.has_more


@pytest.mark.parametrize("more", [False, "false", "FALSE"])
@pytest.mark.parametrize("records", [[], None, [{}]])
def test_the_last_page_is_the_one_that_says_so(more: object, records: object) -> None:
    assert page({"code": 200, "learnerProgress": records, "hasMoreRecords": more}).next_start_index is None


@pytest.mark.parametrize("records", [[], None])
def test_an_empty_page_with_more_to_come_never_loops(records: object) -> None:
    error = refusal({"learnerProgress": records, "hasMoreRecords": True}, start_index=50)
    assert error.message == "Zoho sent an empty page at startIndex 50 and says that more records follow"


@pytest.mark.parametrize("said", [{}, {"hasMoreRecords": None}])
def test_where_it_is_not_said_more_is_asked_for_until_an_empty_page(said: dict[str, Any]) -> None:
    assert page({"code": 200, "learnerProgress": [{}], **said}, start_index=3).next_start_index == 4
    assert page({"code": 200, "learnerProgress": [], **said}, start_index=4).next_start_index is None


@pytest.mark.parametrize("more", [1, 0, "yes", "", [], {}, 0.0])
def test_an_unclear_has_more_records_is_refused(more: object) -> None:
    assert "hasMoreRecords is " in refusal({"learnerProgress": [{}], "hasMoreRecords": more}).message


@pytest.mark.parametrize(
    "body", [{}, {"learnerProgress": {}}, {"learnerProgress": "x"}, {"learnerProgress": [1]}]
)
def test_an_answer_without_a_list_of_records_is_refused(body: dict[str, Any]) -> None:
    assert refusal(body).message == "the answer has no list of records under learnerProgress"


@pytest.mark.parametrize(
    "told", ["100002000000045012", 100002000000045012, 1.00002000000045e17, True, [], ""]
)
def test_another_learners_records_are_refused(told: object) -> None:
    message = refusal({"learnerProgress": [], "learnerId": told, "hasMoreRecords": False}).message
    assert message.startswith("the answer's learnerId is ")
    assert message.endswith(f", asked was {LEARNER}")


@pytest.mark.parametrize("told", [0, "2", 1.0, True, "online_tests"])
def test_another_entity_types_records_are_refused(told: object) -> None:
    message = refusal({"learnerProgress": [], "entityType": told, "hasMoreRecords": False}).message
    assert message.startswith("the answer's entityType is ")


@pytest.mark.parametrize(
    "told", [{}, {"learnerId": None, "entityType": None}, {"learnerId": LEARNER, "entityType": "1"}]
)
def test_an_answer_may_name_the_right_one_or_nobody(told: dict[str, Any]) -> None:
    assert page({"code": 200, "learnerProgress": [], "hasMoreRecords": False, **told}).records == ()


def test_an_error_is_found_before_the_records_are_looked_at() -> None:
    with pytest.raises(Locked):
        page({**LOCK, "learnerProgress": [{}], "learnerId": "1"})


@pytest.mark.parametrize("code", [{}, {"code": 200}, {"code": "200"}])
def test_a_list_without_an_error_is_a_success_whatever_its_words_say(code: dict[str, Any]) -> None:
    raise_for_error(Answer(200, {**code, "learnerProgress": [], "message": "Attempt limit per day: 3"}))


def test_a_bare_body_of_lock_words_is_still_a_lock() -> None:
    assert type(error_of(200, {"message": "threshold limit exceeded"})) is Locked


def test_a_lock_code_beside_a_list_is_still_a_lock() -> None:
    assert type(error_of(200, {"code": 7209, "learnerProgress": []})) is Locked


@pytest.mark.parametrize("status", ["error", "failure", "FAILURE", 1, "1"])
def test_a_failed_status_without_a_code_is_no_success(status: object) -> None:
    assert type(error_of(200, {"status": status, "learnerProgress": []})) is TemporaryFailure


def test_no_list_at_all_is_an_empty_page_only_beside_a_code() -> None:
    assert page({"code": 200, "learnerProgress": None}).records == ()
    with pytest.raises(UnexpectedAnswer):
        page({"learnerProgress": None})
