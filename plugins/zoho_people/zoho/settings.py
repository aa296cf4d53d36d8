"""A connection's values, checked once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from zoho_people.zoho.data_centers import data_center, data_center_of
from zoho_people.zoho.echo import echo, echo_key
from zoho_people.zoho.errors import InvalidSettings
from zoho_people.zoho.hosts import BaseUrl, base_url, refuse_mixed

EXTRA_KEYS = (
    "refresh_token",
    "data_center",
    "accounts_url",
    "window_seconds",
    "lock_seconds",
    "timeout_seconds",
    "allow_http",
    "daily_limit",
    "reserve_percent",
)

CONNECTION_TYPE = "zoho_people"
"""The type of the Airflow connection that has them."""

THRESHOLD = 30
"""Requests that Zoho allows in a window (documented on every LMS page)."""


@dataclass(frozen=True, slots=True)
class ConnectionSettings:
    """Where Zoho People is and how it may be used. Secrets are left out of ``repr``.

    ``window_s``: the threshold's window. ``lock_s``: how long Zoho locks the API past the threshold.
    ``timeout_s``: how long to wait for a connection, for more of the headers, and for the body.
    ``daily_limit``: the organisation's API calls a day, None where it is not known; ``reserve_percent`` of them
    are left to its other applications.
    """

    client_id: str
    client_secret: str = field(repr=False)
    refresh_token: str = field(repr=False)
    api_url: str
    accounts_url: str
    window_s: float = 60.0
    lock_s: float = 300.0
    timeout_s: float = 30.0
    daily_limit: int | None = None
    reserve_percent: int = 10

    @property
    def daily_budget(self) -> int | None:
        """How many requests a day may be spent; None where there is no limit."""
        return None if self.daily_limit is None else self.daily_limit * (100 - self.reserve_percent) // 100

    @property
    def people_url(self) -> str:
        """Zoho People as a browser opens it, in the data centre whose API is used; empty at any other host."""
        center = data_center_of(urlsplit(self.api_url).hostname or "")
        return center.api_url if center else ""

    @classmethod
    def parse(
        cls,
        *,
        login: str | None,
        password: str | None,
        host: str | None = None,
        port: int | None = None,
        schema: str | None = None,
        extra: Mapping[str, Any],
        allowed_hosts: Sequence[BaseUrl] = (),
    ) -> ConnectionSettings:
        """The settings in an Airflow connection's fields.

        ``host`` overrides the data centre's API base: a name, with or without port, or a full URL. It and
        ``accounts_url`` may be Zoho's own, this machine, or one of *allowed_hosts*.

        :raises InvalidSettings: naming the first field that is missing, unknown or impossible.
        """
        _refuse_unknown(extra)
        api_url, accounts_url = _urls(_join_host(host, port, schema) if host else None, extra, allowed_hosts)
        return cls(
            client_id=_text(login, "login", "the client id of your Zoho self client"),
            client_secret=_text(password, "password", "the client secret of your Zoho self client"),
            refresh_token=_text(
                extra.get("refresh_token"), "extra.refresh_token", "the refresh token made with it"
            ),
            api_url=str(api_url),
            accounts_url=str(accounts_url),
            window_s=_seconds(extra, "window_seconds", default=60.0, least=1.0),
            lock_s=_seconds(extra, "lock_seconds", default=300.0, least=1.0),
            timeout_s=_seconds(extra, "timeout_seconds", default=30.0, least=0.1),
            daily_limit=_whole(extra, "daily_limit", 1, 10_000_000),
            reserve_percent=10 if (percent := _whole(extra, "reserve_percent", 0, 99)) is None else percent,
        )


def _refuse_unknown(extra: Mapping[str, Any]) -> None:
    unknown = [key for key in extra if key not in EXTRA_KEYS]
    if unknown:
        raise InvalidSettings(
            f"connection extra has the unknown key {echo_key(unknown[0])}; allowed: {', '.join(EXTRA_KEYS)}"
        )


def _text(value: object, field: str, what: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise InvalidSettings(f"connection {field} is missing; put {what} there")
    if re.search(r"\s|[^\x20-\x7e]", value.strip()):
        raise InvalidSettings(f"connection {field} has blanks or unprintable characters; paste {what} again")
    return value.strip()


def _urls(
    host_url: str | None, extra: Mapping[str, Any], allowed_hosts: Sequence[BaseUrl]
) -> tuple[BaseUrl, BaseUrl]:
    """The API base and the accounts server: the data centre's, unless others are named.

    A host of Zoho's own is of the data centre that is meant where none is named.
    """
    checked = partial(base_url, allow_http=_boolean(extra, "allow_http"), allowed=allowed_hosts)
    center = data_center(extra.get("data_center"))
    api = checked(host_url or center.api_url, field="host")
    if not extra.get("data_center"):
        center = data_center_of(api.host) or center
    accounts = checked(str(extra.get("accounts_url") or center.accounts_url), field="extra.accounts_url")
    refuse_mixed(api, accounts)
    return api, accounts


def _seconds(extra: Mapping[str, Any], key: str, *, default: float, least: float) -> float:
    value = extra.get(key)
    if value is None or value == "":
        return default
    try:
        seconds = float(value) if not isinstance(value, bool) else float("nan")
    except (TypeError, ValueError, OverflowError):
        seconds = float("nan")
    if not least <= seconds <= 86_400.0:
        raise InvalidSettings(
            f"connection extra.{key} {echo(value)} is not a number of seconds from {least:g} to 86400"
        )
    return seconds


def _whole(extra: Mapping[str, Any], key: str, least: int, most: int) -> int | None:
    value = extra.get(key)
    if value is None or value == "":
        return None
    text = str(value) if isinstance(value, (int, str)) and not isinstance(value, bool) else ""
    if not (re.fullmatch("[0-9]{1,8}", text, re.ASCII) and least <= int(text) <= most):
        raise InvalidSettings(
            f"connection extra.{key} {echo(value)} is not a whole number from {least} to {most}"
        )
    return int(text)


def _boolean(extra: Mapping[str, Any], key: str) -> bool:
    value = extra.get(key)
    known = {None: False, "": False, False: False, True: True, "true": True, "false": False}
    folded = value.lower() if isinstance(value, str) else value
    if not isinstance(folded, (str, bool, type(None))) or folded not in known:
        raise InvalidSettings(f"connection extra.{key} {echo(value)} is neither true nor false")
    return known[folded]


def _join_host(host: str, port: int | None, schema: str | None) -> str:
    """The URL that Airflow's host, port and schema fields mean together; port 0 is none."""
    url = host.strip() if "://" in host else f"{schema or 'https'}://{host.strip()}"
    if not port or _PORT.search(url.partition("://")[2].partition("/")[0]):
        return url
    scheme, _, rest = url.partition("://")
    netloc, slash, path = rest.partition("/")
    return f"{scheme}://{netloc}:{port}{slash}{path}"


_PORT = re.compile(r":[0-9]+\Z", re.ASCII)
