"""The hook: one request to Zoho People by way of an Airflow connection."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property, lru_cache
from typing import Any, NamedTuple, TypeVar

import requests
from airflow.providers.http.hooks.http import HttpHook
from airflow.sdk import get_current_context
from airflow.sdk.log import mask_secret

from zoho_people.endpoints.endpoint import Resource
from zoho_people.endpoints.progress import PROGRESS
from zoho_people.fetching.pace import LEAD_S, Pace
from zoho_people.hooks.connection import bounds, read_settings
from zoho_people.hooks.state_owner import state_owner
from zoho_people.model.entity_type import EntityType
from zoho_people.model.pool_names import API_POOL
from zoho_people.model.unit import Course, parse_id
from zoho_people.notifications.metrics import count_answer
from zoho_people.shared.access_token import TokenCipher, TokenSource, fingerprint_of
from zoho_people.shared.airflow_internals import in_server, in_task
from zoho_people.shared.connection_state import SharedState
from zoho_people.shared.gate import SharedGate, shown_instant
from zoho_people.shared.ledger import DailyLedger, ProcessCount
from zoho_people.shared.pools import POOLS_VARIABLE, read_pools, usable_slots
from zoho_people.shared.process import THIS_PROCESS, Process
from zoho_people.shared.sent_requests import SentRequests
from zoho_people.shared.variables import read_variable
from zoho_people.zoho.answer import raise_for_error
from zoho_people.zoho.client import ZohoPeopleClient
from zoho_people.zoho.errors import (
    CredentialsRejected,
    Locked,
    QuotaExhausted,
    TemporaryFailure,
    TokenRejected,
    TokenThrottled,
    ZohoError,
)
from zoho_people.zoho.page import Page
from zoho_people.zoho.paging import START
from zoho_people.zoho.settings import ConnectionSettings

log = logging.getLogger(__name__)
T = TypeVar("T")
U = TypeVar("U")

READY_S = 10.0
LONGEST_TEST_S = 5.0


class _ReadyToken(NamedTuple):
    """An access token, and when it was read, on the monotonic clock."""

    token: str
    at: float


class ZohoLearnerProgressHook(HttpHook):
    """Reads learners' progress from Zoho People's LMS.

    The connection: login = client id, password = client secret, extra = ``refresh_token`` and optionally
    ``data_center``, ``accounts_url``, ``window_seconds``, ``lock_seconds``, ``timeout_seconds``,
    ``allow_http``, ``daily_limit``, ``reserve_percent``; host overrides the data centre's API base. See
    :class:`~zoho_people.zoho.settings.ConnectionSettings`.

    In a task the access token and the gate are shared with every other task through Airflow Variables; in
    a notebook they live in the hook, and nothing keeps the pace but the person at it.

    In a task the hook keeps the pace itself: each call returns only when the slot of the task's pool may be given
    up, most of a minute after the answer. That is the connection's own pool, with a slot for each request that
    Zoho allows in a minute. The operator does that by deferring instead (*paced_by_caller*), see
    :class:`~zoho_people.operators.learner_progress.ZohoLearnerProgressOperator`.

    *requests_per_window* is how many requests of all tasks may count at once; by default the hook looks how many
    slots the task's pool has, for which it calls Airflow's API.
    """

    conn_name_attr = "zoho_people_conn_id"
    default_conn_name = "zoho_people_default"
    conn_type = "zoho_people"
    hook_name = "Zoho People"

    def __init__(
        self,
        zoho_people_conn_id: str = default_conn_name,
        *,
        paced_by_caller: bool = False,
        requests_per_window: int | None = None,
        process: Process = THIS_PROCESS,
        **http_options: Any,
    ) -> None:
        super().__init__(method="GET", http_conn_id=zoho_people_conn_id, **http_options)
        self.zoho_people_conn_id = zoho_people_conn_id
        self.paced_by_caller = paced_by_caller
        self.requests_per_window = requests_per_window
        self.process = process
        self.answered_at: float | None = None
        """When the last call's request was answered or failed, in seconds since the epoch; None: none was sent."""
        self._not_before = 0.0
        self._ready: _ReadyToken | None = None

    @cached_property
    def settings(self) -> ConnectionSettings:
        """The connection's values, checked.

        :raises InvalidSettings: when the connection is missing, can't be read, or has a field that can't be used.
        """
        settings = read_settings(self.zoho_people_conn_id, look_up=self.get_connection)
        mask_secret(settings.client_secret)
        mask_secret(settings.refresh_token)
        return settings

    def get_conn(
        self, headers: dict[Any, Any] | None = None, extra_options: dict[str, Any] | None = None
    ) -> requests.Session:
        """A session with the HTTP hook's keep-alive adapters and none of its credentials.

        The HTTP hook itself would send the connection's login as Basic auth and its extra as headers.
        """
        session = requests.Session()
        self.base_url = self.settings.api_url
        self._base_url_initialized = True
        session = self._configure_session_from_mount_adapters(session)
        session.headers.update({"Accept": "application/json", **(headers or {})})
        return session

    def get_page(
        self,
        course_id: str,
        batch_id: str | None,
        learner_id: str,
        entity_type: EntityType | str,
        start_index: int = 0,
    ) -> Page:
        """One page of a learner's progress; see :meth:`read_page`.

        :raises ValueError: an id, type or index is impossible; nothing was sent.
        """
        parse_id(learner_id, field="learner_id")
        resource = PROGRESS.of(Course(course_id, batch_id), learner_id, EntityType.parse(entity_type))
        return self.read_page(resource, start_index)

    def read_page(self, resource: Resource, start_index: int = 0) -> Page:
        """One page of *resource*, by exactly one request (a token may have to be minted apart).

        :raises ValueError: the index is impossible, or the learner a pseudonym; nothing was sent.
        :raises Locked: the API is locked, known before or by this request; then all tasks know it now.
        :raises TokenRejected: the token was refused; a new one is ready for the next call.
        :raises ZohoError: the others of :mod:`zoho_people.zoho.errors`.
        """
        if isinstance(start_index, bool) or not isinstance(start_index, int) or start_index < 0:
            raise ValueError(f"start_index {start_index!r} is not an index; use 0 or a positive integer")
        request = resource.request(start_index)
        return self._ask(lambda token: self._client.get_page(request, access_token=token))

    def begin_run(self) -> None:
        """Let the credentials be tried again; a lock and a spent quota stay."""
        self.gate.reopen()

    def prepare(self) -> None:
        """Have session and access token at hand, so that the next request is sent when its turn comes.

        A request is written down for an instant (:meth:`reserve`), from which other tasks keep their distance. If
        a token had to be minted then, the request would come late.

        What was made ready a moment ago serves several requests. An error is not raised here: the request itself
        meets it again, and raises it.
        """
        if self._ready_token(READY_S / 2):
            return
        with suppress(ZohoError):
            self._ready = _ReadyToken(self.access_token(), self.process.monotonic())
            _ = self._client

    def reserve(self, at: float) -> float:
        """Write down that a request is sent at *at*, or as soon after it as the others leave room; that instant.

        So the next call sends at once, if it comes then. Where nothing was written down, a call does it itself.
        """
        return at if self._requests is None else self._requests.reserve(at)

    def _ready_token(self, longest_s: float = READY_S) -> str | None:
        ready = self._ready
        return ready.token if ready and self.process.monotonic() - ready.at < longest_s else None

    def stop(self, why: str) -> None:
        """Keep every task from sending, since the credentials can't be used, until a new run tries them again."""
        self._tell(self.gate.stop, why)

    def access_token(self, *, rejected: str | None = None) -> str:
        """An access token that is not *rejected*, masked in logs, minted only when the shared one won't do."""
        try:
            token = self._tokens.get(rejected=rejected).value
        except CredentialsRejected as error:
            self.stop(error.message)
            raise
        mask_secret(token)
        return token

    def test_connection(self) -> tuple[bool, str]:
        """Whether credentials, data centre and scope work, and a message: asks for the courses, by one request.

        Nothing is sent while the API is locked (the message says until when) or the quota is spent, and the shared
        token is used: in a task, and in Airflow's own test of a connection, where the connection is known. There
        credentials that were refused are tried again; in a task they are not. A notebook knows of none of them.
        """
        try:
            if in_server():
                self.gate.reopen()
            answer = self._ask(self._ask_for_courses)
        except TokenRejected as error:
            return False, f"{error.message}{'; test once more, with a new one' if in_server() else ''}"
        except ZohoError as error:
            return False, _with_end(error, self.process.now())
        return answer, f"Connected to {self.settings.api_url}"

    def _ask_for_courses(self, token: str) -> bool:
        raise_for_error(self._client.get("/api/v1/courses", {START: 0}, access_token=token))
        return True

    def _ask(self, send: Callable[[str], T]) -> T:
        """Send one request with an access token, unless the gate is closed; tell all tasks what it teaches."""
        self.answered_at = None
        turn = self.process.now()
        if self._paces_itself:
            self.prepare()
            turn = max(self._not_before, self.process.aged_at(LEAD_S))
        self._wait_until(self.reserve(turn))
        token = self._admitted()
        try:
            return self._told(send, token)
        finally:
            if self._requests is not None:
                self._tell(self._requests.answered, self.answered_at or self.process.now())
            if in_server() and not self._shared.alone and self.answered_at:
                self._tell(self._sent.add, self.answered_at)
            self._hold_slot()

    def _wait_until(self, turn: float) -> None:
        """Wait until *turn*. Nobody waits long for the test of a connection: it is told when to come again."""
        if in_server() and self._requests is not None and turn - self.process.now() > LONGEST_TEST_S:
            self._requests.withdraw()
            raise TemporaryFailure(
                f"nothing was sent, since as many requests as Zoho allows were sent in the last "
                f"{self.settings.window_s:g} s; test again after {shown_instant(turn)}"
            )
        self.process.sleep_until(turn)

    def _admitted(self) -> str:
        """An access token, where the gate is open; where nothing can be sent, nothing stays written down."""
        try:
            self.gate.refuse_while_closed(self.process.now())
            return self._ready_token() or self.access_token()
        except Exception:
            if (written := self._requests) is not None:
                self._tell(lambda _: written.withdraw(), None)
            raise

    def _told(self, send: Callable[[str], T], token: str) -> T:
        """Send, and tell all tasks at once what the answer teaches."""
        try:
            answer = self._answered(send, token)
        except Locked as error:
            error.retry_after_s = self._lock_for(max(self.settings.lock_s, error.retry_after_s or 0.0))
            raise
        except QuotaExhausted:
            self._tell(self.gate.close_for_the_day, self.process.now())
            raise
        except CredentialsRejected as error:
            self.stop(error.message)
            raise
        except TokenRejected as error:
            self._ready = None
            if self._tell(self.gate.doubt, token) or in_server():
                self._renew(token, error)
            raise
        self._tell(self.gate.trust, token)
        return answer

    def _answered(self, send: Callable[[str], T], token: str) -> T:
        """Send, and note when the request ended: its slot is counted from then, not from what is done after."""
        ended_by: object = None
        try:
            ended_by = answer = send(token)
        except BaseException as error:
            ended_by = error
            raise
        finally:
            self.answered_at = self.process.now()
            count_answer(self.zoho_people_conn_id, ended_by)
        return answer

    @property
    def _paces_itself(self) -> bool:
        return not self.paced_by_caller and in_task()

    def _hold_slot(self) -> None:
        """Where nobody else does, hold the task's pool slot for the rest of the window by staying in it."""
        if self._paces_itself:
            pace = Pace(self.settings.window_s)
            answered_at = self.answered_at or self.process.now()
            self._tell(self._sent.add, answered_at)
            self._not_before = pace.next_request_at(answered_at)
            self.process.sleep_until(pace.slot_free_at(answered_at))

    def _lock_for(self, seconds: float) -> float:
        """Make the lock known to all; how long it lasts. One that can't be shared still holds for the caller."""
        now = self.answered_at or self.process.now()
        until = self._tell(self.gate.lock, now + seconds)
        return seconds if until is None else until - now

    @staticmethod
    def _tell(write: Callable[[U], T], what: U) -> T | None:
        """Share something; a request that was answered is worth more than that the others know of it."""
        try:
            return write(what)
        except Exception:
            log.exception("What an answer says could not be shared with the other tasks")
            return None

    def _renew(self, rejected: str, error: TokenRejected) -> None:
        try:
            self.access_token(rejected=rejected)
        except (TokenThrottled, CredentialsRejected) as refusal:
            refusal.http_status = error.http_status  # says that a request was sent
            raise
        except Exception:
            log.exception("A new access token could not be had; the next request tries again")

    @cached_property
    def gate(self) -> SharedGate:
        """What keeps every task from sending."""
        return self._shared.gate(credentials=fingerprint_of(self.settings))

    @property
    def ledger(self) -> DailyLedger:
        """The requests of the day."""
        return self._shared.ledger

    @cached_property
    def _requests(self) -> SentRequests | None:
        """The requests of the last window, of all tasks; None where nobody knows of them, or no slot is held.

        In a window no longer than the lead a request of the process before counts no more, however that ended.
        """
        if self._shared.alone or self.settings.window_s <= LEAD_S:
            return None
        return self._shared.sent_requests(
            limit=self.requests_per_window or _slots_of_own_pool(),
            window_s=self.settings.window_s,
            longest_s=self.settings.timeout_s,
        )

    @cached_property
    def _sent(self) -> ProcessCount:
        return ProcessCount(self.ledger)

    @cached_property
    def _client(self) -> ZohoPeopleClient:
        return ZohoPeopleClient(self.settings, self.get_conn(), bounds=bounds())

    @cached_property
    def _tokens(self) -> TokenSource:
        return TokenSource(
            mint=self._client.post_token,
            store=self._shared.token,
            cipher=TokenCipher(self.settings),
            clock=self.process.now,
            margin=random.uniform(0.03, 0.15),  # noqa: S311 (spreads renewals, no secret)
            elect=self._shared.may_mint,
        )

    @cached_property
    def _shared(self) -> SharedState:
        if not in_server():
            return SharedState(self.zoho_people_conn_id, alone=not in_task(), process=self.process)
        owner = state_owner(self.zoho_people_conn_id, self.settings)
        if owner is None:
            return _untold(fingerprint_of(self.settings), self.process)
        return SharedState(owner, alone=False, process=self.process)


def _slots_of_own_pool() -> int:
    """The slots of the pool of the task that runs here; outside of one those of a single organisation's pool."""
    try:
        pool = str(get_current_context()["task"].pool)
    except RuntimeError:
        pool = API_POOL
    return usable_slots(read_pools(read_variable(POOLS_VARIABLE), since=0.0), pool)


@lru_cache(maxsize=64)
def _untold(credentials: str, process: Process) -> SharedState:
    """What a server's tests of a connection that is not saved know of each other, for the same *credentials*."""
    return SharedState(credentials, alone=True, process=process)


def _with_end(error: ZohoError, now: float) -> str:
    """What *error* says, and when to come again, where that is known and not said yet."""
    if not error.retry_after_s or " until " in error.message:
        return error.message
    return f"{error.message}; test again after {shown_instant(now + error.retry_after_s)}"
