"""The HTTP client: one call, one request, one answer. It never waits and never tries again."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass
from email.utils import parsedate_to_datetime
from typing import Any

import requests
from requests.auth import AuthBase

from zoho_people.zoho.answer import Answer
from zoho_people.zoho.body import parse_object
from zoho_people.zoho.bounds import Bounds
from zoho_people.zoho.connection_errors import named_errors
from zoho_people.zoho.errors import TemporaryFailure, UnexpectedAnswer
from zoho_people.zoho.hosts import is_loopback
from zoho_people.zoho.page import Page, PageRequest, read_page
from zoho_people.zoho.said import LONGEST_WAIT_S
from zoho_people.zoho.settings import ConnectionSettings
from zoho_people.zoho.unpacking import ACCEPTED, read_body

_USUAL_BOUNDS = Bounds()
_NO_PROXY = {"http": "", "https": ""}
"""Goes before the proxies of the session and of the environment."""


@dataclass(frozen=True, slots=True)
class ZohoPeopleClient:
    """Sends requests to Zoho People and Zoho accounts, one per call.

    Redirects are not followed, so the token and the secrets reach no other host; what is for this machine goes
    past every proxy. A body is read within *bounds* and for ``settings.timeout_s``. *session* is configured by
    the caller (adapters, proxies) and carries no credentials.
    """

    settings: ConnectionSettings
    session: requests.Session
    _: KW_ONLY
    bounds: Bounds = _USUAL_BOUNDS
    monotonic: Callable[[], float] = time.monotonic

    def get_page(self, request: PageRequest, *, access_token: str) -> Page:
        """The page that *request* asks for, by one request.

        :raises ZohoError: see :mod:`zoho_people.zoho.errors`.
        """
        return read_page(self.get(request.path, request.query, access_token=access_token), request)

    def get(self, path: str, params: Mapping[str, Any], *, access_token: str) -> Answer:
        """The answer to ``GET <api base><path>``, whatever it means, by one request.

        :raises TemporaryFailure, RequestFailed: when there is no usable answer.
        """
        return self._send("GET", self.settings.api_url, path, params=params, auth=_ZohoToken(access_token))

    def post_token(self) -> Answer:
        """The accounts server's answer to a refresh-token grant. The secrets go in the body only."""
        return self._grant(grant_type="refresh_token", refresh_token=self.settings.refresh_token)

    def post_code(self, code: str) -> Answer:
        """The accounts server's answer to a grant *code*, in the same way."""
        return self._grant(grant_type="authorization_code", code=code)

    def _grant(self, **grant: str) -> Answer:
        settings = self.settings
        return self._send(
            "POST",
            settings.accounts_url,
            "/oauth/v2/token",
            auth=_without_credentials,
            data={"client_id": settings.client_id, "client_secret": settings.client_secret, **grant},
        )

    def _send(self, method: str, base_url: str, path: str, **request: Any) -> Answer:
        deadline = self.monotonic() + self.settings.timeout_s
        with (
            named_errors(self.settings.timeout_s),
            self.session.request(
                method,
                base_url + path,
                headers={"Accept-Encoding": ACCEPTED},
                proxies=_NO_PROXY if is_loopback(base_url) else None,
                timeout=self.settings.timeout_s,
                allow_redirects=False,
                stream=True,
                **request,
            ) as response,
        ):
            if response.is_redirect:
                raise UnexpectedAnswer(
                    "Zoho answered with a redirect; check the connection's data_center and host",
                    http_status=response.status_code,
                )
            return self._answer(response, deadline)

    def _answer(self, response: requests.Response, deadline: float) -> Answer:
        """The answer. Where a status is an error by itself, an unusable body takes nothing from it."""
        status, wait_s = response.status_code, _retry_after_s(response.headers)
        try:
            with named_errors(self.settings.timeout_s):
                body = read_body(response.raw, self.bounds, is_late=lambda: self.monotonic() > deadline)
            return Answer(status, parse_object(body, self.bounds, http_status=status), wait_s)
        except (TemporaryFailure, UnexpectedAnswer) as error:
            if status == requests.codes.ok:
                raise
            return Answer(status, {}, wait_s, unread=error.message)


def _retry_after_s(headers: Mapping[str, str]) -> float | None:
    """``Retry-After`` in seconds: a number, or a date against the answer's own ``Date``; a day at most."""
    value = headers.get("Retry-After", "").strip()
    if value.isdecimal():
        return min(float(value), LONGEST_WAIT_S)
    try:
        waited = parsedate_to_datetime(value) - parsedate_to_datetime(headers.get("Date", ""))
    except (TypeError, ValueError, OverflowError):
        return None
    return min(max(0.0, waited.total_seconds()), LONGEST_WAIT_S)


class _ZohoToken(AuthBase):
    """Zoho's own scheme. Being an ``auth``, it keeps requests from looking into ``~/.netrc``."""

    def __init__(self, access_token: str) -> None:
        self._access_token = access_token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Zoho-oauthtoken {self._access_token}"
        return request


def _without_credentials(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """An ``auth`` that puts none into the header, not even from ``~/.netrc``."""
    return request
