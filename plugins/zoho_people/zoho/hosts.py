"""Which hosts may be sent an access token or the secrets, and how a connection names one.

Whoever may edit a connection sees its secrets masked, but says where they are sent: so only to Zoho's own hosts,
to this machine, and to what the deployer allows.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass

from zoho_people.zoho.data_centers import data_center_of
from zoho_people.zoho.echo import echo_host
from zoho_people.zoho.errors import InvalidSettings

OPTION = "allowed_hosts in the section [zoho_people] of Airflow's configuration"


@dataclass(frozen=True, slots=True)
class BaseUrl:
    """The URL of a host, perhaps with a path, that requests are made below; *host* is in lower case."""

    scheme: str
    host: str
    port: int | None
    path: str

    @classmethod
    def parse(cls, url: str) -> BaseUrl | None:
        """The parts of *url*; None where it is not an http(s) URL of a host, with nothing behind the path."""
        match = _BASE_URL.fullmatch(url)
        if match is None or not _is_host(match["host"]):
            return None
        port = int(match["port"]) if match["port"] else None
        if port is not None and port not in range(1, 65536):
            return None
        return cls(match["scheme"].lower(), match["host"].lower(), port, (match["path"] or "").rstrip("/"))

    def __str__(self) -> str:
        port = "" if self.port is None else f":{self.port}"
        return f"{self.scheme}://{self.host}{port}{self.path}"

    @property
    def is_loopback(self) -> bool:
        """Whether it is this machine."""
        address = _address(self.host)
        return self.host == "localhost" or (address is not None and address.is_loopback)


def allowed_hosts(entries: Iterable[str]) -> tuple[BaseUrl, ...]:
    """The hosts beside Zoho's own and this machine to which the deployer lets credentials go.

    Each entry is a host; with a port where only that one is meant; with ``http://`` where plain http is.

    :raises InvalidSettings: naming the entry that is none.
    """
    return tuple(map(_entry, entries))


def is_loopback(url: str) -> bool:
    """Whether the base URL *url* is this machine's."""
    parsed = BaseUrl.parse(url)
    return parsed is not None and parsed.is_loopback


def base_url(url: str, *, field: str, allow_http: bool, allowed: Iterable[BaseUrl]) -> BaseUrl:
    """*url*, where it may be sent credentials; *field* is whose value it is.

    :raises InvalidSettings: naming the field, the host and the cure.
    """
    parsed = BaseUrl.parse(url)
    if parsed is None:
        raise InvalidSettings(
            f"connection {field} is not an http(s) URL of a host; write https://people.zoho.com"
        )
    if parsed.is_loopback:
        return parsed
    is_allowed = any(_allows(entry, parsed) for entry in allowed)
    if parsed.scheme == "http" and not (allow_http and is_allowed):
        raise InvalidSettings(
            f"connection {field} would send the access token over plain http to {echo_host(parsed.host)}; write "
            f"https://, or, if that is meant, set extra.allow_http to true and have the deployer add "
            f"http://{echo_host(parsed.host)} to {OPTION}"
        )
    if not is_allowed and data_center_of(parsed.host) is None:
        raise InvalidSettings(
            f"connection {field} would send credentials to {echo_host(parsed.host)}, which is not Zoho's; leave "
            f"it empty and set extra.data_center, or have the deployer add the host to {OPTION}"
        )
    return parsed


def refuse_mixed(api: BaseUrl, accounts: BaseUrl) -> None:
    """Refuse an API and an accounts server of different data centres: a token of one is none of the other.

    :raises InvalidSettings: with the cure.
    """
    here, there = data_center_of(api.host), data_center_of(accounts.host)
    if here is not None and there is not None and here != there:
        raise InvalidSettings(
            f"connection host {api.host} is of the data centre {here.name}, but tokens would come from "
            f"{accounts.host} of {there.name}; set extra.data_center to your organisation's, and leave host and "
            "extra.accounts_url empty"
        )


def _allows(entry: BaseUrl, url: BaseUrl) -> bool:
    has_port = entry.port is None or entry.port == (url.port or _USUAL_PORT[url.scheme])
    return entry.host == url.host and has_port and (url.scheme == "https" or entry.scheme == "http")


def _entry(text: str) -> BaseUrl:
    parsed = BaseUrl.parse(text if "://" in text else f"https://{text}")
    if parsed is None or parsed.path:
        raise InvalidSettings(
            f"{text!r} is not a host; write {OPTION} as zoho-gateway.example.com, zoho-gateway.example.com:8443, "
            "or http://zoho-gateway.example.com for plain http, separated by commas"
        )
    return parsed


_BASE_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::(?P<port>[0-9]{1,5}))?(?P<path>/[a-z0-9._~/-]*)?",
    re.ASCII | re.IGNORECASE,
)
_USUAL_PORT = {"http": 80, "https": 443}
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.ASCII | re.IGNORECASE)


def _is_host(host: str) -> bool:
    if host.startswith("["):
        return _address(host) is not None
    return len(host) < 254 and all(_LABEL.fullmatch(label) for label in host.split("."))


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None
