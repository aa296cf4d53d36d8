"""The HTTP client: one call, one request, one answer. It never waits and never tries again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from typing import Any

import requests
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError, LocationParseError, TimeoutError

from zoho_people.api.answer import Answer, read_page
from zoho_people.api.body import MAX_BYTES, parse_object
from zoho_people.api.errors import RequestFailed, TemporaryFailure, UnexpectedAnswer
from zoho_people.api.lists import ListPage, ZohoList, read_list
from zoho_people.api.page import ProgressPage
from zoho_people.api.settings import ConnectionSettings
from zoho_people.api.unit import Unit

_CHUNK_BYTES = 64 * 1024
_LONGEST_WAIT_S = 86_400.0


class ZohoPeopleClient:
    """Sends requests to Zoho People and Zoho accounts, one per call.

    Redirects are not followed, so the token and the secrets reach no other host; a body is read up to
    :data:`~zoho_people.api.body.MAX_BYTES` and for ``settings.timeout_s``. *session* is configured
    by the caller (adapters, proxies) and carries no credentials.
    """

    def __init__(
        self,
        settings: ConnectionSettings,
        session: requests.Session,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._session = session
        self._monotonic = monotonic

    def get_page(self, unit: Unit, start_index: int, *, access_token: str) -> ProgressPage:
        """One page of *unit*'s records from *start_index* on, by one request.

        :raises ZohoError: see :mod:`zoho_people.api.errors`.
        """
        batch = f"batches/{unit.course.batch_id}/" if unit.course.batch_id else ""
        path = f"/api/v1/courses/{unit.course.course_id}/{batch}learners/{unit.learner_id}/progress"
        answer = self._send(
            "GET",
            self._settings.api_url + path,
            params={"entityType": unit.entity_type.code, "startIndex": start_index},
            auth=_ZohoToken(access_token),
        )
        return read_page(answer, unit, start_index=start_index)

    def get_list(self, asked: ZohoList, start_index: int, *, access_token: str) -> ListPage:
        """One page of the list *asked* from *start_index* on, by one request.

        :raises ZohoError: see :mod:`zoho_people.api.errors`.
        """
        answer = self.get(asked.path, asked.query(start_index), access_token=access_token)
        return read_list(answer, asked, start_index=start_index)

    def get(self, path: str, params: Mapping[str, Any], *, access_token: str) -> Answer:
        """The answer to ``GET <api base><path>``, whatever it means, by one request.

        :raises TemporaryFailure, RequestFailed: when there is no usable answer.
        """
        return self._send("GET", self._settings.api_url + path, params=params, auth=_ZohoToken(access_token))

    def post_token(self) -> Answer:
        """The accounts server's answer to a refresh-token grant. The secrets go in the body only."""
        return self._send(
            "POST",
            self._settings.accounts_url + "/oauth/v2/token",
            auth=_NoAuth(),
            data={
                "grant_type": "refresh_token",
                "client_id": self._settings.client_id,
                "client_secret": self._settings.client_secret,
                "refresh_token": self._settings.refresh_token,
            },
        )

    def _send(self, method: str, url: str, **request: Any) -> Answer:
        deadline = self._monotonic() + self._settings.timeout_s
        with (
            _named_errors(self._settings.timeout_s),
            self._session.request(
                method, url, timeout=self._settings.timeout_s, allow_redirects=False, stream=True, **request
            ) as response,
        ):
            if response.is_redirect:
                raise UnexpectedAnswer(
                    "Zoho answered with a redirect; check the connection's data_center and host",
                    http_status=response.status_code,
                )
            return Answer(
                response.status_code, self._body(response, deadline), _retry_after_s(response.headers)
            )

    def _body(self, response: requests.Response, deadline: float) -> Mapping[str, Any]:
        """The body's object. Where a status is an error by itself, an unusable body takes nothing from it."""
        try:
            with _named_errors(self._settings.timeout_s):
                return parse_object(self._read(response, deadline), http_status=response.status_code)
        except (TemporaryFailure, UnexpectedAnswer):
            if response.status_code == requests.codes.ok:
                raise
            return {}

    def _read(self, response: requests.Response, deadline: float) -> bytes:
        body = bytearray()
        while chunk := response.raw.read1(_CHUNK_BYTES, decode_content=True):
            body += chunk
            if len(body) > MAX_BYTES:
                raise UnexpectedAnswer(
                    f"the answer is larger than {MAX_BYTES} bytes", http_status=response.status_code
                )
            if self._monotonic() > deadline:
                raise TemporaryFailure(f"the answer took longer than {self._settings.timeout_s:g} s")
        return bytes(body)


@contextmanager
def _named_errors(timeout_s: float) -> Iterator[None]:
    """The errors of requests and urllib3 by our names. Their texts may hold URLs and peer data: left out."""
    try:
        yield
    except (requests.exceptions.SSLError, requests.exceptions.InvalidURL, LocationParseError) as error:
        raise RequestFailed(f"no safe connection to the server: {type(error).__name__}") from None
    except (requests.exceptions.Timeout, TimeoutError):
        raise TemporaryFailure(f"no answer within {timeout_s:g} s") from None
    except ValueError as error:  # for example a redirect to no URL
        raise UnexpectedAnswer(f"the answer can't be read: {type(error).__name__}") from None
    except (requests.exceptions.RequestException, HTTPError, OSError) as error:
        raise TemporaryFailure(f"the connection failed: {type(error).__name__}") from None


def _retry_after_s(headers: Mapping[str, str]) -> float | None:
    """``Retry-After`` in seconds: a number, or a date against the answer's own ``Date``; a day at most."""
    value = headers.get("Retry-After", "").strip()
    if value.isdecimal():
        return min(float(value), _LONGEST_WAIT_S)
    try:
        waited = parsedate_to_datetime(value) - parsedate_to_datetime(headers.get("Date", ""))
    except (TypeError, ValueError, OverflowError):
        return None
    return min(max(0.0, waited.total_seconds()), _LONGEST_WAIT_S)


class _ZohoToken(AuthBase):
    """Zoho's own scheme. Being an ``auth``, it keeps requests from looking into ``~/.netrc``."""

    def __init__(self, access_token: str) -> None:
        self._access_token = access_token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Zoho-oauthtoken {self._access_token}"
        return request


class _NoAuth(AuthBase):
    """No credentials in the header, not even from ``~/.netrc``."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request
