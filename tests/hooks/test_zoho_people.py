from __future__ import annotations

import base64
import json
import os
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest
from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowNotFoundException
from airflow.sdk.execution_time.context import set_current_context

from tests.helpers.fakes import NOW, Clock, Variables
from tests.helpers.in_a_server import StoredVariables, in_a_server
from tests.helpers.in_a_task import in_a_task
from tests.helpers.local_server import LocalServer, Token, says
from tests.helpers.metrics_backend import Backend
from zoho_people.endpoints.course_learners import COURSE_LEARNERS
from zoho_people.endpoints.courses import COURSES
from zoho_people.fetching.pace import HANDOVER_S, LEAD_S
from zoho_people.hooks.connection import read_settings
from zoho_people.hooks.zoho_people import READY_S, ZohoLearnerProgressHook
from zoho_people.model.entity_type import EntityType
from zoho_people.model.unit import Course
from zoho_people.shared.election import BALLOT_WAIT_S
from zoho_people.shared.gate import GateState
from zoho_people.shared.pools import POOLS_VARIABLE, PoolState, write_pools
from zoho_people.shared.sent_requests import CLOCKS_APART_S
from zoho_people.zoho.errors import (
    CredentialsRejected,
    InvalidSettings,
    Locked,
    QuotaExhausted,
    TemporaryFailure,
    TokenRejected,
    TokenThrottled,
    UnexpectedAnswer,
    ZohoError,
)

CONN = "AIRFLOW_CONN_ZOHO_PEOPLE_DEFAULT"
CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN = "1000.CLIENT", "client-secret-0815", "1000.refresh-token-4711"
COURSE, LEARNER = "100002000000039001", "100002000000045011"
EMPTY_PAGE = {"code": 200, "learnerProgress": [], "hasMoreRecords": False}
LOCK = says({"code": 7209, "message": "threshold limit"}, status=429)
REFUSED = says({"code": "INVALID_OAUTHTOKEN"}, status=401)
SPENT = says({"code": "X", "message": "Daily API call limit of the organization exceeded"}, status=429)
AGE_S = 0.25
MIDNIGHT = datetime(2026, 11, 24, tzinfo=UTC).timestamp()
GATE = ("zoho_people_gate", "zoho_people_refusals")
LACKS_SCOPE = says({"code": "OAUTH_SCOPE_MISMATCH"}, status=401)


@pytest.fixture
def connected(server: LocalServer, monkeypatch: pytest.MonkeyPatch) -> LocalServer:
    connect(monkeypatch, server)
    return server


def connect(
    monkeypatch: pytest.MonkeyPatch,
    server: LocalServer,
    *,
    name: str = CONN,
    host: str | None = None,
    **extra: Any,
) -> None:
    connection = {
        "conn_type": "zoho_people",
        "host": host or server.url,
        "login": CLIENT_ID,
        "password": CLIENT_SECRET,
        "extra": {"refresh_token": REFRESH_TOKEN, "accounts_url": server.url, "timeout_seconds": 5, **extra},
    }
    monkeypatch.setenv(name, json.dumps(connection))


def ask(hook: ZohoLearnerProgressHook) -> Any:
    return hook.get_page(COURSE, None, LEARNER, "files")


def refusal(hook: ZohoLearnerProgressHook) -> ZohoError:
    with pytest.raises(ZohoError) as error:
        ask(hook)
    return error.value


def running_in(pool: str) -> AbstractContextManager[Any]:
    """What runs meanwhile runs in a task of *pool*."""
    return set_current_context({"task": SimpleNamespace(pool=pool)})  # type: ignore[arg-type]


def tokens_sent(server: LocalServer) -> list[str]:
    """The token of each request to the API, ``mint`` for one to the accounts server."""
    sent = [request.headers.get("authorization", "mint") for request in server.received]
    return [text.removeprefix("Zoho-oauthtoken ") for text in sent]


class TestTheConnection:
    def test_is_read_from_the_environment_as_json(self, connected: LocalServer) -> None:
        settings = ZohoLearnerProgressHook(paced_by_caller=True).settings
        assert (settings.client_id, settings.client_secret) == (CLIENT_ID, CLIENT_SECRET)
        assert (settings.refresh_token, settings.api_url) == (REFRESH_TOKEN, connected.url)
        assert settings.timeout_s == 5.0

    def test_is_read_from_the_environment_as_uri(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(
            CONN,
            f"zoho-people://{CLIENT_ID}:{CLIENT_SECRET}@people.zoho.eu:8443/"
            f"?refresh_token={quote(REFRESH_TOKEN)}&data_center=eu&timeout_seconds=7.5",
        )
        settings = ZohoLearnerProgressHook(paced_by_caller=True).settings
        assert (settings.client_id, settings.client_secret) == (CLIENT_ID, CLIENT_SECRET)
        assert (settings.api_url, settings.accounts_url) == (
            "https://people.zoho.eu:8443",
            "https://accounts.zoho.eu",
        )
        assert (settings.refresh_token, settings.timeout_s) == (REFRESH_TOKEN, 7.5)

    def test_as_uri_needs_no_host(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(
            CONN, f"zoho-people://{CLIENT_ID}:{CLIENT_SECRET}@/?refresh_token={quote(REFRESH_TOKEN)}"
        )
        assert ZohoLearnerProgressHook(paced_by_caller=True).settings.api_url == "https://people.zoho.com"

    def test_as_uri_may_have_the_full_url_as_host(self, monkeypatch: pytest.MonkeyPatch) -> None:
        host = quote("http://127.0.0.1:8090", safe="")
        monkeypatch.setenv(
            CONN, f"zoho-people://{CLIENT_ID}:{CLIENT_SECRET}@{host}/?refresh_token={quote(REFRESH_TOKEN)}"
        )
        assert ZohoLearnerProgressHook(paced_by_caller=True).settings.api_url == "http://127.0.0.1:8090"

    def test_may_have_another_name(self, server: LocalServer, monkeypatch: pytest.MonkeyPatch) -> None:
        connect(monkeypatch, server, name="AIRFLOW_CONN_OTHER_ZOHO", data_center="eu")
        assert ZohoLearnerProgressHook("other_zoho").settings.client_id == CLIENT_ID
        assert ZohoLearnerProgressHook(zoho_people_conn_id="other_zoho").settings.client_id == CLIENT_ID

    @pytest.mark.parametrize("extra", ["not json", "[1]", '"text"', "5"])
    def test_with_an_extra_that_is_no_object_is_refused(
        self, monkeypatch: pytest.MonkeyPatch, extra: str
    ) -> None:
        connection = {
            "conn_type": "zoho_people",
            "login": CLIENT_ID,
            "password": CLIENT_SECRET,
            "extra": extra,
        }
        monkeypatch.setenv(CONN, json.dumps(connection))
        with pytest.raises(InvalidSettings, match="connection extra is not a JSON object"):
            _ = ZohoLearnerProgressHook(paced_by_caller=True).settings

    def test_may_name_another_host_where_the_deployer_allows_it(
        self, server: LocalServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        connect(
            monkeypatch, server, host="https://gateway.example", accounts_url="https://gateway.example:8443"
        )
        with pytest.raises(InvalidSettings, match=r"would send credentials to gateway\.example"):
            _ = ZohoLearnerProgressHook(paced_by_caller=True).settings
        monkeypatch.setenv("AIRFLOW__ZOHO_PEOPLE__ALLOWED_HOSTS", "other.example, gateway.example:443")
        with pytest.raises(InvalidSettings, match=r"extra\.accounts_url would send credentials to gateway"):
            _ = ZohoLearnerProgressHook(paced_by_caller=True).settings
        monkeypatch.setenv("AIRFLOW__ZOHO_PEOPLE__ALLOWED_HOSTS", "gateway.example")
        settings = ZohoLearnerProgressHook(paced_by_caller=True).settings
        assert (settings.api_url, settings.accounts_url) == (
            "https://gateway.example",
            "https://gateway.example:8443",
        )

    def test_that_is_missing_is_named_with_where_it_goes(self) -> None:
        with pytest.raises(InvalidSettings) as error:
            _ = ZohoLearnerProgressHook("no_such_conn").settings
        assert error.value.message.startswith("the connection 'no_such_conn' is missing")
        assert "AIRFLOW_CONN_NO_SUCH_CONN" in error.value.message

    @pytest.mark.parametrize(
        "uri",
        [
            "zoho-people://id:se/cret@/?refresh_token=to-ken",
            "zoho-people://id:se#cret@/?refresh_token=to-ken",
            "zoho-people://id:secret@people.zoho.eu:port/?refresh_token=to-ken",
            "zoho-people://id:secret@http://127.0.0.1:8090/?refresh_token=to-ken",
            "zoho_people://id:secret@/?refresh_token=to-ken",
            "zoho_people://id:se/cret@/?refresh_token=to-ken",
            "zoho-people://id:12/cret@people.zoho.eu/?refresh_token=to-ken",
            '{"conn_type": "zoho_people", "login": "id", "password": "secret"',
            '{"conn_type": "zoho_people", "login": "id", "password": "secret", "port": "secret"}',
        ],
    )
    def test_that_cannot_be_read_is_named_with_the_cure_and_not_shown(
        self, monkeypatch: pytest.MonkeyPatch, uri: str
    ) -> None:
        monkeypatch.setenv(CONN, uri)
        with pytest.raises(InvalidSettings) as error:
            _ = ZohoLearnerProgressHook().settings
        shown = "".join(traceback.format_exception(error.value))
        assert CONN in shown
        assert '{"conn_type": "zoho_people", "login": "<client id>"' in shown
        assert not [part for part in ("cret@", "secret@", "to-ken", ":se", '"secret"') if part in shown]

    def test_counts_as_missing_in_a_task_only_where_airflow_answers(self, connected: LocalServer) -> None:
        look_ups: list[str] = []

        def look_up(conn_id: str) -> Any:
            look_ups.append(conn_id)
            if len(look_ups) in answered_on:
                return Connection.from_json(os.environ[CONN], conn_id)
            raise AirflowNotFoundException("Airflow's own words")

        answered_on: set[int] = set()
        variables = Variables()
        with in_a_task(variables):
            variables.broken = ("zoho_people_",)
            with pytest.raises(ConnectionError, match="no API server"):
                read_settings("zoho_people_default", look_up=look_up)
            variables.broken = ()
            with pytest.raises(InvalidSettings):
                read_settings("zoho_people_default", look_up=look_up)
            answered_on = {len(look_ups) + 2}
            assert read_settings("zoho_people_default", look_up=look_up).client_id == CLIENT_ID

    def test_is_read_when_it_is_needed_and_not_before(self) -> None:
        ZohoLearnerProgressHook("does_not_exist")


class TestAPage:
    def test_comes_by_one_request_with_a_minted_token(self, connected: LocalServer) -> None:
        connected.script(Token("token-1").reply(), says(EMPTY_PAGE))
        page = ZohoLearnerProgressHook(paced_by_caller=True).get_page(
            COURSE, "2", LEARNER, EntityType.LINKS, 25
        )
        assert (page.start_index, page.records) == (25, ())
        token, request = connected.received
        assert token.target == "/oauth/v2/token"
        assert request.target == (
            f"/api/v1/courses/{COURSE}/batches/2/learners/{LEARNER}/progress?entityType=6&startIndex=25"
        )
        assert request.headers["authorization"] == "Zoho-oauthtoken token-1"

    def test_after_the_first_uses_the_same_token(self, connected: LocalServer) -> None:
        connected.script(Token().reply(), says(EMPTY_PAGE), says(EMPTY_PAGE))
        hook = ZohoLearnerProgressHook(paced_by_caller=True)
        ask(hook)
        ask(hook)
        assert [request.method for request in connected.received] == ["POST", "GET", "GET"]

    @pytest.mark.parametrize(
        "wrong",
        [
            {"course_id": "x"},
            {"course_id": 5},
            {"batch_id": ""},
            {"learner_id": "../x"},
            {"entity_type": "file"},
            {"start_index": -1},
            {"start_index": True},
            {"start_index": 1.0},
            {"start_index": "0"},
        ],
    )
    def test_of_something_impossible_is_never_asked_for(
        self, connected: LocalServer, wrong: dict[str, Any]
    ) -> None:
        right: dict[str, Any] = {
            "course_id": COURSE,
            "batch_id": None,
            "learner_id": LEARNER,
            "entity_type": "files",
            "start_index": 0,
        }
        with pytest.raises(ValueError, match=next(iter(wrong))):
            ZohoLearnerProgressHook(paced_by_caller=True).get_page(**{**right, **wrong})
        assert connected.received == []

    def test_tells_when_its_request_ended(self, connected: LocalServer) -> None:
        connected.script(Token().reply(), says(EMPTY_PAGE))
        hook = ZohoLearnerProgressHook(paced_by_caller=True)
        before = time.time()
        ask(hook)
        assert hook.answered_at is not None
        assert before <= hook.answered_at <= time.time()

    def test_outside_of_a_task_keeps_no_pace(self, connected: LocalServer) -> None:
        connected.script(Token().reply(), says(EMPTY_PAGE), says(EMPTY_PAGE))
        clock = Clock(age_s=0.0)
        hook = ZohoLearnerProgressHook(process=clock.process)
        ask(hook)
        ask(hook)
        assert clock.slept == []

    def test_that_is_not_sent_tells_no_instant(self, connected: LocalServer) -> None:
        connected.script(Token().reply(), LOCK)
        hook = ZohoLearnerProgressHook(paced_by_caller=True)
        assert refusal(hook).http_status == 429
        assert hook.answered_at is not None
        assert refusal(hook).http_status is None
        assert hook.answered_at is None

    def test_is_not_asked_for_after_a_redirect(self, connected: LocalServer) -> None:
        connected.script(Token().reply(), says(b"", status=302, headers={"Location": f"{connected.url}/x"}))
        with pytest.raises(UnexpectedAnswer):
            ask(ZohoLearnerProgressHook(paced_by_caller=True))
        assert len(connected.received) == 2


class TestAPageOfAList:
    def test_comes_by_one_request_with_the_same_token(self, connected: LocalServer) -> None:
        token = Token()
        items = [{"learnerId": LEARNER}]
        connected.script(token.reply(), says(EMPTY_PAGE), says({"code": 200, "x": items}))
        hook = ZohoLearnerProgressHook(paced_by_caller=True)
        ask(hook)
        page = hook.read_page(COURSE_LEARNERS.of(Course(COURSE)), 25)
        assert (page.ids, page.next_start_index) == ((LEARNER,), 26)
        assert connected.received[-1].target == f"/api/v1/courses/{COURSE}/course-progress?startIndex=25"
        assert tokens_sent(connected)[1:] == [token.value] * 2
        assert hook.answered_at is not None

    def test_meets_and_makes_known_a_lock_as_any_request(self, connected: LocalServer) -> None:
        connected.script(Token().reply(), LOCK)
        hook = ZohoLearnerProgressHook(paced_by_caller=True)
        with pytest.raises(Locked) as met:
            hook.read_page(COURSES.of())
        assert met.value.http_status == 429
        assert refusal(hook).http_status is None

    @pytest.mark.parametrize("start_index", [-1, 1.0, True, "0", None])
    def test_from_something_impossible_on_is_never_asked_for(
        self, connected: LocalServer, start_index: Any
    ) -> None:
        with pytest.raises(ValueError, match="is not an index"):
            ZohoLearnerProgressHook(paced_by_caller=True).read_page(COURSES.of(), start_index)
        assert connected.received == []


class TestWhatAirflowsMetricsAreTold:
    def test_is_each_request_by_its_answer_and_not_what_was_never_sent(
        self, connected: LocalServer, backend: Backend
    ) -> None:
        full = {"code": 200, "learnerProgress": [{"fileId": 1}, {"fileId": 2}], "hasMoreRecords": False}
        connected.script(Token().reply(), says(full), LOCK)
        hook = ZohoLearnerProgressHook(paced_by_caller=True)
        ask(hook)
        assert [type(refusal(hook)) for _ in range(2)] == [Locked, Locked]
        assert backend.values == {
            "zoho_people.requests:c": 2,
            "zoho_people.answers.ok:c": 1,
            "zoho_people.pages:c": 1,
            "zoho_people.rows:c": 2,
            "zoho_people.answers.locked:c": 1,
        }


class TestALock:
    def test_is_known_to_the_next_call_which_sends_nothing(self, connected: LocalServer) -> None:
        clock = Clock()
        connected.script(Token().reply(), LOCK, says(EMPTY_PAGE))
        hook = ZohoLearnerProgressHook(paced_by_caller=True, process=clock.process)
        with pytest.raises(Locked) as met:
            ask(hook)
        assert met.value.http_status == 429
        with pytest.raises(Locked) as known:
            ask(hook)
        assert known.value.http_status is None
        assert len(connected.received) == 2
        assert hook.gate.state().locked_until == NOW + 300.0
        clock.now = NOW + 300.0
        ask(hook)

    @pytest.mark.parametrize(("retry_after", "lock_s"), [("900", 900.0), ("10", 300.0)])
    def test_lasts_as_long_as_the_longer_of_zohos_word_and_the_setting(
        self, connected: LocalServer, retry_after: str, lock_s: float
    ) -> None:
        clock = Clock()
        connected.script(
            Token().reply(), says({"code": 7209}, status=429, headers={"Retry-After": retry_after})
        )
        hook = ZohoLearnerProgressHook(paced_by_caller=True, process=clock.process)
        with pytest.raises(Locked) as error:
            ask(hook)
        assert hook.gate.state().locked_until == NOW + lock_s
        assert error.value.retry_after_s == lock_s

    def test_that_is_known_says_what_remains_of_it(self, connected: LocalServer) -> None:
        clock = Clock()
        hook = ZohoLearnerProgressHook(paced_by_caller=True, process=clock.process)
        hook.gate.lock(NOW + 250.0)
        with pytest.raises(Locked) as error:
            ask(hook)
        assert (error.value.http_status, error.value.retry_after_s) == (None, 250.0)

    def test_that_another_task_knows_to_be_longer_wins(self, connected: LocalServer) -> None:
        clock = Clock()
        hook = ZohoLearnerProgressHook(paced_by_caller=True, process=clock.process)

        def meets_a_lock(exchange: Any) -> None:
            hook.gate.lock(NOW + 900.0)
            LOCK(exchange)

        connected.script(Token().reply(), meets_a_lock)
        with pytest.raises(Locked) as error:
            ask(hook)
        assert (error.value.http_status, error.value.retry_after_s) == (429, 900.0)

    def test_keeps_a_token_from_being_minted(self, connected: LocalServer) -> None:
        hook = ZohoLearnerProgressHook(paced_by_caller=True)
        hook.gate.lock(time.time() + 3000.0)
        with pytest.raises(Locked):
            ask(hook)
        assert connected.received == []

    def test_makes_the_test_of_a_connection_say_so(self, connected: LocalServer) -> None:
        hook = ZohoLearnerProgressHook(paced_by_caller=True)
        hook.gate.lock(time.time() + 3000.0)
        works, message = hook.test_connection()
        assert not works
        assert message.startswith("the API is locked until ")
        assert connected.received == []

    def test_met_by_the_test_of_a_connection_is_known_from_then_on(self, connected: LocalServer) -> None:
        connected.script(Token().reply(), LOCK)
        hook = ZohoLearnerProgressHook(paced_by_caller=True)
        assert hook.test_connection()[0] is False
        assert hook.gate.state().locked_until > 0.0
        with pytest.raises(Locked):
            ask(hook)
        assert len(connected.received) == 2

    def test_met_again_by_the_test_of_a_connection_is_not_sent_into(self, connected: LocalServer) -> None:
        connected.script(Token().reply(), LOCK)
        hook = ZohoLearnerProgressHook(paced_by_caller=True)
        with pytest.raises(Locked):
            ask(hook)
        works, message = hook.test_connection()
        assert not works
        assert message.startswith("the API is locked until ")
        assert len(connected.received) == 2


class TestASpentQuota:
    def test_is_known_to_the_next_call_which_sends_nothing_before_the_next_utc_day(
        self, connected: LocalServer
    ) -> None:
        clock = Clock(datetime(2026, 11, 23, 22, tzinfo=UTC).timestamp())
        connected.script(Token().reply(), SPENT, Token().reply(), says(EMPTY_PAGE))
        hook = ZohoLearnerProgressHook(paced_by_caller=True, process=clock.process)
        met, known = refusal(hook), refusal(hook)
        assert (type(met), met.http_status) == (QuotaExhausted, 429)
        assert (type(known), known.http_status, known.retry_after_s) == (QuotaExhausted, None, 7200.0)
        assert len(connected.received) == 2
        clock.now += 7200.0
        ask(hook)

    def test_is_no_lock(self, connected: LocalServer) -> None:
        connected.script(Token().reply(), SPENT)
        hook = ZohoLearnerProgressHook(paced_by_caller=True)
        refusal(hook)
        assert hook.gate.state().locked_until == 0.0


class TestDeadCredentials:
    @pytest.mark.parametrize(
        ("replies", "words"),
        [
            ([says({"error": "invalid_client"})], "client id or client secret is wrong"),
            ([Token().reply(), LACKS_SCOPE], "ZOHOPEOPLE.training.READ"),
        ],
        ids=["refused by the accounts server", "refused by the API"],
    )
    def test_are_known_to_the_next_call_which_asks_neither_server(
        self, connected: LocalServer, replies: list[Any], words: str
    ) -> None:
        connected.script(*replies)
        hook = ZohoLearnerProgressHook(paced_by_caller=True)
        met, known = refusal(hook), refusal(hook)
        assert type(met) is type(known) is CredentialsRejected
        assert words in met.message
        assert known.message == met.message
        assert known.http_status is None
        assert len(connected.received) == len(replies)

    def test_are_tried_again_when_the_gate_was_reopened(self, connected: LocalServer) -> None:
        connected.script(says({"error": "invalid_client"}), Token().reply(), says(EMPTY_PAGE))
        hook = ZohoLearnerProgressHook(paced_by_caller=True)
        refusal(hook)
        hook.gate.reopen()
        ask(hook)

    @pytest.mark.parametrize("reply", [says({"error": "Access Denied"}), says({}, status=503)])
    def test_are_not_what_a_busy_accounts_server_means(self, connected: LocalServer, reply: Any) -> None:
        connected.script(reply)
        hook = ZohoLearnerProgressHook(paced_by_caller=True)
        refusal(hook)
        assert hook.gate.state().refusals.stopped == ""


class TestARefusedToken:
    def test_is_kept_at_first_since_it_may_be_chance(self, connected: LocalServer) -> None:
        connected.script(Token("token-1").reply(), REFUSED, says(EMPTY_PAGE))
        hook = ZohoLearnerProgressHook(paced_by_caller=True)
        assert type(refusal(hook)) is TokenRejected
        ask(hook)
        assert tokens_sent(connected) == ["mint", "token-1", "token-1"]

    def test_a_second_time_in_a_row_is_replaced_for_the_next_call(self, connected: LocalServer) -> None:
        connected.script(
            Token("token-1").reply(), REFUSED, REFUSED, Token("token-2").reply(), says(EMPTY_PAGE)
        )
        hook = ZohoLearnerProgressHook(paced_by_caller=True)
        assert [type(refusal(hook)) for _ in range(2)] == [TokenRejected, TokenRejected]
        ask(hook)
        assert tokens_sent(connected) == ["mint", "token-1", "token-1", "mint", "token-2"]

    def test_is_not_at_hand_any_more(self, connected: LocalServer) -> None:
        connected.script(
            Token("token-1").reply(), REFUSED, REFUSED, Token("token-2").reply(), says(EMPTY_PAGE)
        )
        hook = ZohoLearnerProgressHook(paced_by_caller=True)
        for _ in range(2):
            hook.prepare()
            refusal(hook)
        ask(hook)
        assert tokens_sent(connected) == ["mint", "token-1", "token-1", "mint", "token-2"]

    def test_is_chance_again_after_a_success_in_between(self, connected: LocalServer) -> None:
        connected.script(Token("token-1").reply(), REFUSED, says(EMPTY_PAGE), REFUSED, says(EMPTY_PAGE))
        hook = ZohoLearnerProgressHook(paced_by_caller=True)
        refusal(hook)
        ask(hook)
        refusal(hook)
        ask(hook)
        assert tokens_sent(connected) == ["mint", *["token-1"] * 4]

    @pytest.mark.parametrize("between", [LOCK, says({}, status=503), says({"code": 404}, status=404)])
    def test_is_not_vouched_for_by_another_error_in_between(
        self, connected: LocalServer, between: Any
    ) -> None:
        clock = Clock()
        connected.script(Token("token-1").reply(), REFUSED, between, REFUSED, Token("token-2").reply())
        hook = ZohoLearnerProgressHook(paced_by_caller=True, process=clock.process)
        for _ in range(3):
            refusal(hook)
            clock.now += 300.0
        assert tokens_sent(connected)[-1] == "mint"

    def test_that_cannot_be_replaced_now_says_that_a_request_was_sent(self, connected: LocalServer) -> None:
        connected.script(Token().reply(), REFUSED, REFUSED, says({"error": "Access Denied"}))
        hook = ZohoLearnerProgressHook(paced_by_caller=True)
        refusal(hook)
        error = refusal(hook)
        assert (type(error), error.http_status, error.retry_after_s) == (TokenThrottled, 401, 600.0)

    def test_with_credentials_that_were_revoked_stops_everything_and_says_that_a_request_was_sent(
        self, connected: LocalServer
    ) -> None:
        connected.script(Token().reply(), REFUSED, REFUSED, says({"error": "invalid_code"}))
        hook = ZohoLearnerProgressHook(paced_by_caller=True)
        refusal(hook)
        error = refusal(hook)
        assert (type(error), error.http_status) == (CredentialsRejected, 401)
        assert hook.gate.state().refusals.stopped == error.message


class TestGettingReady:
    def test_leaves_only_the_request_to_be_sent(self, connected: LocalServer) -> None:
        connected.script(Token("token-1").reply(), says(EMPTY_PAGE))
        hook = ZohoLearnerProgressHook(paced_by_caller=True)
        hook.prepare()
        assert tokens_sent(connected) == ["mint"]
        ask(hook)
        assert tokens_sent(connected) == ["mint", "token-1"]

    def test_does_not_keep_the_gate_from_closing_meanwhile(self, connected: LocalServer) -> None:
        connected.script(Token().reply())
        hook = ZohoLearnerProgressHook(paced_by_caller=True)
        hook.prepare()
        hook.gate.lock(time.time() + 3000.0)
        assert type(refusal(hook)) is Locked
        assert len(connected.received) == 1

    @pytest.mark.parametrize(
        ("reply", "meaning"),
        [
            (says({"error": "invalid_client"}), CredentialsRejected),
            (says({"error": "Access Denied"}), TokenThrottled),
        ],
    )
    def test_that_goes_wrong_is_raised_by_the_request_and_not_before(
        self, connected: LocalServer, reply: Any, meaning: type[ZohoError]
    ) -> None:
        connected.script(reply)
        hook = ZohoLearnerProgressHook(paced_by_caller=True)
        hook.prepare()
        assert type(refusal(hook)) is meaning
        assert len(connected.received) == 1

    def test_with_a_connection_that_cannot_be_is_told_by_the_request(
        self, server: LocalServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        connect(monkeypatch, server, datacenter="eu")
        hook = ZohoLearnerProgressHook(paced_by_caller=True)
        hook.prepare()
        assert type(refusal(hook)) is InvalidSettings


class TestTheTestOfAConnection:
    def test_mints_a_token_and_asks_for_the_courses(self, connected: LocalServer) -> None:
        connected.script(Token().reply(), says({"code": "200", "courses": []}))
        assert ZohoLearnerProgressHook(paced_by_caller=True).test_connection() == (
            True,
            f"Connected to {connected.url}",
        )
        assert [request.target for request in connected.received] == [
            "/oauth/v2/token",
            "/api/v1/courses?startIndex=0",
        ]

    @pytest.mark.parametrize(
        ("replies", "words"),
        [
            ([says({"error": "invalid_client"})], "client id or client secret is wrong"),
            ([says({"error": "invalid_code"})], "refresh token is wrong or revoked"),
            ([says(b"<html>", status=502)], "HTTP 502"),
            (
                [Token().reply(), says({"code": "OAUTH_SCOPE_MISMATCH"}, status=401)],
                "ZOHOPEOPLE.training.READ",
            ),
            (
                [Token().reply(), says({"code": 403, "message": "not authorized"}, status=403)],
                "not authorized",
            ),
            ([Token().reply(), says(b"<html>sign in")], "HTML"),
        ],
    )
    def test_says_what_is_wrong(self, connected: LocalServer, replies: list[Any], words: str) -> None:
        connected.script(*replies)
        works, message = ZohoLearnerProgressHook(paced_by_caller=True).test_connection()
        assert not works
        assert words in message
        assert CLIENT_SECRET not in message
        assert REFRESH_TOKEN not in message

    def test_says_which_field_is_wrong(self, server: LocalServer, monkeypatch: pytest.MonkeyPatch) -> None:
        connect(monkeypatch, server, datacenter="eu")
        works, message = ZohoLearnerProgressHook(paced_by_caller=True).test_connection()
        assert not works
        assert "'datacenter'" in message
        assert server.received == []


class TestWhatIsNeverSent:
    def secrets_in_headers_or_target(self, server: LocalServer) -> list[str]:
        basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        sent = [
            part
            for request in server.received
            for part in (request.target, *request.headers, *request.headers.values())
        ]
        forms = (CLIENT_SECRET, REFRESH_TOKEN, "refresh_token", basic, "Basic ")
        return [part for part in sent for secret in forms if secret in part]

    def test_is_a_secret_in_a_header_or_url(self, connected: LocalServer) -> None:
        connected.script(Token().reply(), says(EMPTY_PAGE), says({"code": 200}))
        hook = ZohoLearnerProgressHook(paced_by_caller=True)
        ask(hook)
        hook.test_connection()
        assert len(connected.received) == 3
        assert self.secrets_in_headers_or_target(connected) == []

    def test_is_a_secret_by_the_http_hooks_own_run_either(self, connected: LocalServer) -> None:
        connected.script(says({"code": 200}))
        ZohoLearnerProgressHook(paced_by_caller=True).run("api/v1/courses")
        assert len(connected.received) == 1
        assert self.secrets_in_headers_or_target(connected) == []

    def test_is_a_secret_with_a_session_of_the_hook(self, connected: LocalServer) -> None:
        connected.script(says({"code": 200}))
        with ZohoLearnerProgressHook(paced_by_caller=True).get_conn(headers={"X-Mine": "1"}) as session:
            session.get(f"{connected.url}/x", timeout=5).close()
        assert connected.received[0].headers["x-mine"] == "1"
        assert connected.received[0].headers["accept"] == "application/json"
        assert self.secrets_in_headers_or_target(connected) == []


class InATask:
    """What the hook does in a task, whose clock waits for nobody."""

    @pytest.fixture
    def clock(self) -> Clock:
        return Clock()

    @pytest.fixture(autouse=True)
    def variables(self, clock: Clock) -> Iterator[Variables]:
        self.process = clock.process
        variables = Variables()
        with in_a_task(variables):
            yield variables

    def hook(
        self, conn_id: str = "zoho_people_default", *, paced_by_caller: bool = True, **options: Any
    ) -> ZohoLearnerProgressHook:
        options = {"paced_by_caller": paced_by_caller, "process": self.process, **options}
        return ZohoLearnerProgressHook(conn_id, **options)


class TestInATask(InATask):
    def test_one_token_serves_every_task(self, connected: LocalServer, variables: Variables) -> None:
        connected.script(Token("token-1").reply(), *[says(EMPTY_PAGE)] * 5)
        for _ in range(5):
            ask(self.hook())
        assert [request.method for request in connected.received] == ["POST"] + ["GET"] * 5

    def test_no_token_and_no_secret_is_in_a_variable_in_clear(
        self, connected: LocalServer, variables: Variables
    ) -> None:
        connected.script(Token("token-1").reply(), LOCK)
        with pytest.raises(Locked):
            ask(self.hook())
        text = json.dumps(variables.kept)
        assert len(variables.kept) == 4
        assert not [secret for secret in ("token-1", CLIENT_SECRET, REFRESH_TOKEN) if secret in text]

    def test_the_variable_of_the_token_has_a_name_that_airflow_masks(
        self, connected: LocalServer, variables: Variables
    ) -> None:
        from airflow.sdk._shared.secrets_masker import should_hide_value_for_key

        connected.script(Token().reply(), says(EMPTY_PAGE))
        ask(self.hook())
        [name] = [name for name in variables.kept if "access_token" in name]
        assert should_hide_value_for_key(name)

    def test_a_lock_that_one_met_is_known_to_all(self, connected: LocalServer, variables: Variables) -> None:
        connected.script(Token().reply(), LOCK)
        for _ in range(3):
            with pytest.raises(Locked):
                ask(self.hook())
        assert len(connected.received) == 2

    def test_a_request_that_was_prepared_looks_at_the_gate_alone_before_it_is_sent(
        self, connected: LocalServer, variables: Variables, clock: Clock
    ) -> None:
        connected.script(Token().reply(), says(EMPTY_PAGE))
        hook = self.hook()
        hook.begin_run()
        hook.prepare()
        hook.reserve(clock.now)
        variables.read.clear()
        ask(hook)
        assert variables.read == [
            "zoho_people_refusals_zoho_people_default",
            "zoho_people_gate_zoho_people_default",
        ]

    def test_a_lock_survives_an_earlier_one_that_is_written_over_it(
        self, connected: LocalServer, variables: Variables, clock: Clock
    ) -> None:
        connected.script(Token().reply(), LOCK)
        hook = self.hook()
        hook.prepare()

        def written_over() -> None:
            if len(clock.slept) == 1:
                variables.kept["zoho_people_gate_zoho_people_default"] = f'{{"locked_until": {NOW + 5.0}}}'

        clock.meanwhile = written_over
        clock.slept.clear()
        locked_at = clock.now
        assert refusal(hook).retry_after_s == 300.0
        assert hook.gate.state().locked_until == locked_at + 300.0

    def test_two_connections_share_neither_token_nor_lock(
        self, connected: LocalServer, variables: Variables, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        connect(monkeypatch, connected, name="AIRFLOW_CONN_OTHER")
        connected.script(Token("token-1").reply(), LOCK, Token("token-2").reply(), says(EMPTY_PAGE))
        with pytest.raises(Locked):
            ask(self.hook())
        ask(self.hook("other"))
        assert connected.received[-1].headers["authorization"] == "Zoho-oauthtoken token-2"

    def test_while_another_mints_the_task_waits(
        self, connected: LocalServer, variables: Variables, clock: Clock
    ) -> None:
        variables.kept["zoho_people_token_claim_zoho_people_default"] = f"{NOW - 1.0:.3f} somebody"
        with pytest.raises(TokenThrottled):
            ask(self.hook())
        assert connected.received == []
        clock.now += 60.0
        connected.script(Token().reply(), says(EMPTY_PAGE))
        ask(self.hook())

    def test_the_last_of_several_candidates_wins(
        self, connected: LocalServer, variables: Variables, clock: Clock
    ) -> None:
        def outvoted() -> None:
            variables.kept["zoho_people_token_claim_zoho_people_default"] = f"{clock.now:.3f} a rival"

        clock.meanwhile = outvoted
        with pytest.raises(TokenThrottled):
            ask(self.hook())
        assert connected.received == []

    @pytest.mark.parametrize(
        "ballot", ["", "garbage", "nan somebody", "1e999 x", "99999999999 from the future"]
    )
    def test_a_ballot_that_makes_no_sense_stops_nobody(
        self, connected: LocalServer, variables: Variables, ballot: str
    ) -> None:
        variables.kept["zoho_people_token_claim_zoho_people_default"] = ballot
        connected.script(Token().reply(), says(EMPTY_PAGE))
        ask(self.hook())

    def test_a_failed_mint_closes_no_gate(self, connected: LocalServer, variables: Variables) -> None:
        connected.script(says({}, status=503))
        with pytest.raises(TemporaryFailure):
            ask(self.hook())
        assert not [name for name in variables.kept if name.startswith(GATE)]

    def test_a_spent_quota_and_dead_credentials_are_known_to_all(
        self, connected: LocalServer, variables: Variables
    ) -> None:
        for reply, meaning in ((SPENT, QuotaExhausted), (LACKS_SCOPE, CredentialsRejected)):
            variables.kept.clear()
            connected.received.clear()
            connected.script(Token().reply(), reply)
            assert [type(refusal(self.hook())) for _ in range(3)] == [meaning] * 3
            assert len(connected.received) == 2

    def test_a_token_that_two_tasks_saw_refused_is_replaced_for_all(
        self, connected: LocalServer, variables: Variables, clock: Clock
    ) -> None:
        connected.script(
            Token("token-1").reply(), REFUSED, REFUSED, Token("token-2").reply(), says(EMPTY_PAGE)
        )
        for _ in range(2):
            assert type(refusal(self.hook())) is TokenRejected
            clock.now += 60.0
        ask(self.hook())
        assert tokens_sent(connected) == ["mint", "token-1", "token-1", "mint", "token-2"]

    def test_a_token_at_hand_is_used_while_it_is_fresh(
        self, connected: LocalServer, variables: Variables, clock: Clock
    ) -> None:
        connected.script(Token("token-1").reply(), *[says(EMPTY_PAGE)] * 3)
        hook = self.hook()
        hook.prepare()
        variables.broken = ("access_token",)
        ask(hook)
        ask(hook)
        clock.now += READY_S
        with pytest.raises(ConnectionError):
            ask(hook)
        assert tokens_sent(connected) == ["mint", "token-1", "token-1"]

    def test_several_requests_in_a_row_are_made_ready_once(
        self, connected: LocalServer, variables: Variables, clock: Clock
    ) -> None:
        connected.script(Token("token-1").reply(), *[says(EMPTY_PAGE)] * 3)
        hook = self.hook()
        hook.begin_run()
        for _ in range(2):
            hook.prepare()
            ask(hook)
        once = "zoho_people_access_token_zoho_people_default"
        before = variables.read.count(once)
        hook.prepare()
        assert variables.read.count(once) == before
        clock.now += READY_S / 2
        hook.prepare()
        assert variables.read.count(once) == before + 1

    def test_the_ledger_is_one_for_all_tasks_and_apart_for_each_connection(
        self, connected: LocalServer, variables: Variables, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        connect(monkeypatch, connected, name="AIRFLOW_CONN_OTHER")
        day = date(2026, 11, 23)
        self.hook().ledger.book("run", {day: 5}, today=day)
        assert self.hook().ledger.spent(day) == 5
        assert self.hook("other").ledger.spent(day) == 0

    def test_a_ledger_leaves_that_of_a_connection_with_a_similar_name_alone(
        self, connected: LocalServer, variables: Variables
    ) -> None:
        day = date(2026, 11, 23)
        self.hook("zoho_1").ledger.book("run", {day: 5}, today=day)
        self.hook("zoho").ledger.book("run", {day: 7}, today=day)
        assert self.hook("zoho_1").ledger.spent(day) == 5
        assert self.hook("zoho").ledger.spent(day) == 7


class TestATextThatCannotBeShared(InATask):
    """Hides no answer: it is worth more than that the others know of it."""

    @pytest.fixture
    def breaks(self, variables: Variables) -> Callable[..., Any]:
        """A reply after whose request the Variables that are named can't be had any more."""

        def breaks(reply: Any, *words: str) -> Any:
            def breaking(exchange: Any) -> None:
                variables.broken = words
                reply(exchange)

            return breaking

        return breaks

    def test_about_a_doubted_token_that_works_leaves_the_page(
        self, connected: LocalServer, breaks: Callable[..., Any]
    ) -> None:
        connected.script(Token().reply(), REFUSED, breaks(says(EMPTY_PAGE), "refusals"))
        with pytest.raises(TokenRejected):
            ask(self.hook())
        assert ask(self.hook()).records == ()

    @pytest.mark.parametrize(
        ("reply", "meaning"),
        [
            (LOCK, Locked),
            (SPENT, QuotaExhausted),
            (LACKS_SCOPE, CredentialsRejected),
            (REFUSED, TokenRejected),
            (says({}, status=503), TemporaryFailure),
        ],
    )
    def test_about_anything_leaves_what_zoho_said(
        self, connected: LocalServer, breaks: Callable[..., Any], reply: Any, meaning: type[ZohoError]
    ) -> None:
        connected.script(Token().reply(), breaks(reply, *GATE, "token"))
        error = refusal(self.hook())
        assert type(error) is meaning
        assert error.http_status is not None

    def test_about_a_lock_still_says_how_long_it_lasts(
        self, connected: LocalServer, breaks: Callable[..., Any]
    ) -> None:
        connected.script(Token().reply(), breaks(LOCK, "gate"))
        error = refusal(self.hook())
        assert (error.http_status, error.retry_after_s) == (429, 300.0)

    def test_about_a_new_token_leaves_that_the_old_one_was_refused(
        self, connected: LocalServer, breaks: Callable[..., Any]
    ) -> None:
        connected.script(Token().reply(), REFUSED, breaks(REFUSED, "access_token"))
        refusal(self.hook())
        assert type(refusal(self.hook())) is TokenRejected

    def test_about_credentials_leaves_what_the_accounts_server_said(
        self, connected: LocalServer, breaks: Callable[..., Any]
    ) -> None:
        connected.script(breaks(says({"error": "invalid_client"}), *GATE))
        assert type(refusal(self.hook())) is CredentialsRejected


class TestThePace(InATask):
    @pytest.fixture
    def clock(self) -> Clock:
        return Clock(age_s=AGE_S)

    @pytest.mark.parametrize("reply", [says(EMPTY_PAGE), says({}, status=503)], ids=["page", "failure"])
    def test_in_a_task_is_kept_by_the_hook(self, connected: LocalServer, clock: Clock, reply: Any) -> None:
        connected.script(Token().reply(), reply, says(EMPTY_PAGE))
        hook = self.hook(paced_by_caller=False)
        with suppress(TemporaryFailure):
            ask(hook)
        naps = [BALLOT_WAIT_S, LEAD_S - AGE_S - BALLOT_WAIT_S, 60.0 - LEAD_S - HANDOVER_S]
        assert clock.slept == pytest.approx(naps)
        ask(hook)
        assert sum(clock.slept) == pytest.approx(LEAD_S - AGE_S + 60.0 + 60.0 - LEAD_S - HANDOVER_S)

    def test_does_not_delay_that_the_others_learn_of_a_lock(
        self, connected: LocalServer, clock: Clock
    ) -> None:
        connected.script(Token().reply(), says({"code": 7209}, status=429))
        hook = self.hook(paced_by_caller=False)
        with pytest.raises(Locked):
            ask(hook)
        asked_at = NOW + LEAD_S - AGE_S
        assert hook.gate.state().locked_until == pytest.approx(asked_at + 300.0, abs=1e-3)
        assert clock.now == pytest.approx(asked_at + 60.0 - LEAD_S - HANDOVER_S, abs=1e-3)

    @pytest.mark.parametrize("reply", [says(EMPTY_PAGE), says({}, status=503)], ids=["page", "failure"])
    def test_comes_with_a_count_of_the_days_requests(
        self, connected: LocalServer, clock: Clock, reply: Any
    ) -> None:
        clock.now = MIDNIGHT - 30.0
        connected.script(Token().reply(), reply, says(EMPTY_PAGE), says({"code": 200}))
        hook = self.hook(paced_by_caller=False)
        with suppress(TemporaryFailure):
            ask(hook)
        ledger = self.hook(paced_by_caller=False).ledger
        assert (ledger.spent(date(2026, 11, 23)), ledger.spent(date(2026, 11, 24))) == (1, 0)
        ask(hook)
        assert self.hook(paced_by_caller=False).test_connection()[0]
        assert ledger.spent(date(2026, 11, 24)) == 2

    def test_counts_no_request_that_was_not_sent(self, connected: LocalServer, clock: Clock) -> None:
        hook = self.hook(paced_by_caller=False)
        hook.gate.lock(clock.now + 300.0)
        assert type(refusal(hook)) is Locked
        assert hook.ledger.spent(datetime.fromtimestamp(NOW, UTC).date()) == 0

    def test_is_kept_where_the_count_cannot_be(
        self, connected: LocalServer, clock: Clock, variables: Variables
    ) -> None:
        connected.script(Token().reply(), says(EMPTY_PAGE))
        variables.broken = ("requests",)
        ask(self.hook(paced_by_caller=False))
        assert sum(clock.slept) == pytest.approx(LEAD_S - AGE_S + 60.0 - LEAD_S - HANDOVER_S)

    def test_is_left_to_the_caller_who_keeps_it(self, connected: LocalServer, clock: Clock) -> None:
        connected.script(Token().reply(), says(EMPTY_PAGE))
        hook = self.hook()
        ask(hook)
        assert clock.slept == [BALLOT_WAIT_S]
        assert hook.ledger.spent(datetime.fromtimestamp(NOW, UTC).date()) == 0


class TestANewRun(InATask):
    def test_forgets_stopped_credentials_and_doubts_but_no_lock(
        self, connected: LocalServer, variables: Variables, clock: Clock
    ) -> None:
        until = round(clock.now) + 300.0
        hook = self.hook()
        hook.gate.lock(until)
        hook.gate.stop("revoked")
        hook.gate.doubt("token")
        hook.begin_run()
        assert hook.gate.state() == GateState(until)

    def test_is_not_needed_once_the_credentials_were_corrected(
        self, connected: LocalServer, variables: Variables, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.hook().stop("revoked")
        assert type(refusal(self.hook())) is CredentialsRejected
        connect(monkeypatch, connected, refresh_token="1000.another")
        connected.script(Token().reply(), says(EMPTY_PAGE))
        ask(self.hook())


class TestARequestOfTheLastWindow(InATask):
    """What the hook writes down for all tasks before it sends."""

    @pytest.fixture(autouse=True)
    def token(self, connected: LocalServer, variables: Variables, clock: Clock) -> None:
        """A task before this one has left a token."""
        connected.script(Token().reply())
        self.hook().access_token()
        connected.received.clear()
        clock.now = NOW

    def sent(self, variables: Variables) -> list[tuple[float, float]]:
        """When those begin and end that are written down, in seconds from the test's beginning."""
        names = [name for name in variables.kept if name.startswith("zoho_people_sent_zoho_people_default_")]
        spans = [name.rsplit("_", 3)[1:3] for name in sorted(names)]
        return [(int(start) / 1000 - NOW, int(end) / 1000 - NOW) for start, end in spans]

    def test_is_written_down_before_it_is_sent_and_counts_for_a_window_after_its_answer(
        self, connected: LocalServer, variables: Variables, clock: Clock
    ) -> None:
        before: list[tuple[float, float]] = []

        def answer(exchange: Any) -> None:
            before.extend(self.sent(variables))
            clock.now += 2.0
            says(EMPTY_PAGE)(exchange)

        connected.script(answer)
        ask(self.hook())
        assert before == [(0.0, 60.0 + 5.0 + 5.0)]  # the window, the connection's time-out, a late start
        assert self.sent(variables) == [(0.0, 62.0 + CLOCKS_APART_S)]

    @pytest.mark.parametrize("slots", [None, 2, 99])
    def test_is_one_of_so_many_as_the_pool_has_slots_and_zoho_allows(
        self, connected: LocalServer, variables: Variables, clock: Clock, slots: int | None
    ) -> None:
        if slots is not None:
            pools = {"zoho_people_api": PoolState(slots, include_deferred=True)}
            variables.kept[POOLS_VARIABLE] = write_pools(pools, seen_at=0.0)
        most = min(slots or 30, 30)
        connected.script(*[says(EMPTY_PAGE)] * (most + 1))
        for _ in range(most):
            ask(self.hook())
        assert clock.now == NOW
        ask(self.hook())
        assert clock.now == pytest.approx(NOW + 60.0 + CLOCKS_APART_S, abs=1e-3)

    def test_is_one_of_so_many_as_the_pool_of_its_own_task_has_slots(
        self,
        connected: LocalServer,
        variables: Variables,
        clock: Clock,
    ) -> None:
        pools = {
            "zoho_people_api": PoolState(1, include_deferred=True),
            "eu_api": PoolState(3, include_deferred=True),
        }
        variables.kept[POOLS_VARIABLE] = write_pools(pools, seen_at=0.0)
        connected.script(*[says(EMPTY_PAGE)] * 4)
        with running_in("eu_api"):
            for _ in range(3):
                ask(self.hook())
            assert clock.now == NOW
            ask(self.hook())
        assert clock.now == pytest.approx(NOW + 60.0 + CLOCKS_APART_S, abs=1e-3)

    def test_is_one_of_as_many_as_its_caller_knows_for_which_nobody_is_asked(
        self, connected: LocalServer, variables: Variables, clock: Clock
    ) -> None:
        connected.script(*[says(EMPTY_PAGE)] * 3)
        for _ in range(3):
            ask(self.hook(requests_per_window=2))
        assert clock.now == pytest.approx(NOW + 60.0 + CLOCKS_APART_S, abs=1e-3)
        assert POOLS_VARIABLE not in variables.read

    def test_counts_for_its_connection_whichever_pool_it_was_sent_in(
        self,
        connected: LocalServer,
        variables: Variables,
        clock: Clock,
    ) -> None:
        pools = {name: PoolState(2, include_deferred=True) for name in ("one_api", "other_api")}
        variables.kept[POOLS_VARIABLE] = write_pools(pools, seen_at=0.0)
        connected.script(*[says(EMPTY_PAGE)] * 3)
        for name in ("one_api", "other_api", "one_api"):
            with running_in(name):
                ask(self.hook())
        assert clock.now == pytest.approx(NOW + 60.0 + CLOCKS_APART_S, abs=1e-3)

    def test_that_is_reserved_is_sent_without_another_look(
        self, connected: LocalServer, variables: Variables, clock: Clock
    ) -> None:
        connected.script(says(EMPTY_PAGE))
        hook = self.hook()
        assert hook.reserve(NOW + 3.0) == NOW + 3.0
        clock.now = NOW + 3.1
        ask(hook)
        assert self.sent(variables) == [(3.0, pytest.approx(63.1 + CLOCKS_APART_S))]

    def test_that_is_not_sent_is_not_counted(
        self, connected: LocalServer, variables: Variables, clock: Clock
    ) -> None:
        hook = self.hook()
        hook.gate.lock(NOW + 300.0)
        refusal(hook)
        assert self.sent(variables) == []

    def test_that_failed_counts_as_any_other(
        self, connected: LocalServer, variables: Variables, clock: Clock
    ) -> None:
        connected.script(says({}, status=503))
        refusal(self.hook())
        assert self.sent(variables) == [(0.0, 60.0 + CLOCKS_APART_S)]

    def test_that_cannot_be_written_down_is_not_sent(
        self, connected: LocalServer, variables: Variables, clock: Clock
    ) -> None:
        variables.broken = ("sent",)
        with pytest.raises(ConnectionError):
            ask(self.hook())
        assert connected.received == []

    def test_whose_end_cannot_be_written_down_is_answered_all_the_same(
        self, connected: LocalServer, variables: Variables, clock: Clock
    ) -> None:
        def answer(exchange: Any) -> None:
            variables.broken = ("sent",)
            says(EMPTY_PAGE)(exchange)

        connected.script(answer)
        ask(self.hook())
        assert self.sent(variables) == [(0.0, 70.0)]

    def test_is_not_written_down_where_no_slot_need_be_held(
        self,
        connected: LocalServer,
        variables: Variables,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        connect(monkeypatch, connected, window_seconds=LEAD_S)
        connected.script(says(EMPTY_PAGE))
        ask(self.hook())
        assert self.sent(variables) == []


class TestAirflowsOwnTestOfAConnection:
    """In the API server: under a name made up for the call, with Variables at hand."""

    @pytest.fixture
    def variables(self, connected: LocalServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[StoredVariables]:
        self.clock = Clock()
        connect(monkeypatch, connected, name="AIRFLOW_CONN_QX3F0ABZ")
        with in_a_server(monkeypatch) as variables:
            yield variables

    def as_known(self, connected: LocalServer, variables: StoredVariables) -> None:
        """A first test under the connection's own name, which leaves a token."""
        connected.script(Token("token-1").reply(), says({"code": 200}))
        assert self.answer("zoho_people_default")[0]
        assert "zoho_people_access_token_zoho_people_default" in variables.kept
        connected.received.clear()

    def answer(self, conn_id: str = "QX3F0ABZ") -> tuple[bool, str]:
        return ZohoLearnerProgressHook(conn_id, process=self.clock.process).test_connection()

    def test_uses_the_token_of_the_connection_with_the_same_secrets(
        self, connected: LocalServer, variables: StoredVariables
    ) -> None:
        self.as_known(connected, variables)
        connected.script(says({"code": 200}))
        assert self.answer() == (True, f"Connected to {connected.url}")
        assert tokens_sent(connected) == ["token-1"]
        assert not [key for key in variables.kept if "QX3F0ABZ" in key]

    def test_is_written_down_with_the_requests_of_the_window_and_of_the_day(
        self, connected: LocalServer, variables: StoredVariables
    ) -> None:
        self.as_known(connected, variables)
        before = set(variables.kept)
        connected.script(says({"code": 200}))
        self.answer()
        new = {key.partition("_zoho_people_default")[0] for key in set(variables.kept) - before}
        assert new == {"zoho_people_sent", "zoho_people_requests"}

    def test_sends_nothing_into_a_lock_of_the_connection(
        self, connected: LocalServer, variables: StoredVariables
    ) -> None:
        self.as_known(connected, variables)
        until = self.clock.now + 300.0
        variables.keep("zoho_people_gate_zoho_people_default", json.dumps({"locked_until": until}))
        works, message = self.answer()
        assert not works
        assert message.startswith("the API is locked until ")
        assert connected.received == []

    def test_makes_a_lock_known_and_says_until_when(
        self, connected: LocalServer, variables: StoredVariables
    ) -> None:
        self.as_known(connected, variables)
        connected.script(LOCK)
        works, message = self.answer()
        assert not works
        assert "; test again after 20" in message
        kept = json.loads(variables.kept["zoho_people_gate_zoho_people_default"] or "")
        assert kept["locked_until"] > self.clock.now

    def test_does_not_wait_for_a_full_window(
        self, connected: LocalServer, variables: StoredVariables
    ) -> None:
        self.as_known(connected, variables)
        now = int(self.clock.now * 1000)
        for number in range(30):
            name = f"{now}_{now + 50_000}_{number:012x}"
            variables.keep(f"zoho_people_sent_zoho_people_default_{name}", "1")
        works, message = self.answer()
        assert not works
        assert "nothing was sent" in message
        assert "; test again after 20" in message
        assert connected.received == []

    def test_tries_refused_credentials_again(
        self, connected: LocalServer, variables: StoredVariables
    ) -> None:
        self.as_known(connected, variables)
        connected.script(LACKS_SCOPE, says({"code": 200}))
        assert not self.answer()[0]
        assert self.answer()[0]

    def test_has_a_new_token_for_the_next_one_where_the_shared_one_is_dead(
        self, connected: LocalServer, variables: StoredVariables
    ) -> None:
        self.as_known(connected, variables)
        self.clock.now += 60.0
        connected.script(REFUSED, Token("token-2").reply(), says({"code": 200}))
        works, message = self.answer()
        assert not works
        assert message.endswith("; test once more, with a new one")
        assert self.answer()[0]
        assert tokens_sent(connected) == ["token-1", "mint", "token-2"]

    def test_of_what_is_not_saved_shares_a_token_with_the_next_and_leaves_nothing(
        self, connected: LocalServer, variables: StoredVariables
    ) -> None:
        connected.script(Token("token-1").reply(), says({"code": 200}), says({"code": 200}))
        assert self.answer()[0]
        assert self.answer()[0]
        assert tokens_sent(connected) == ["mint", "token-1", "token-1"]
        assert variables.kept == {}

    def test_of_other_secrets_disturbs_no_task(
        self, connected: LocalServer, variables: StoredVariables, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.as_known(connected, variables)
        before = dict(variables.kept)
        connect(monkeypatch, connected, name="AIRFLOW_CONN_QX3F0ABZ", refresh_token="1000.other")
        connected.script(says({"error": "invalid_code"}))
        works, message = self.answer()
        assert not works
        assert "the refresh token is wrong or revoked" in message
        assert variables.kept == before
