"""Which organisation's data a connection brings, as far as a connection can tell."""

from __future__ import annotations

import hashlib

from zoho_people.zoho.hosts import BaseUrl
from zoho_people.zoho.settings import ConnectionSettings

EMULATOR = "an emulator on this machine"
"""The origin of all that comes from a loopback address, whatever its port: it is never Zoho."""


def origin_of(settings: ConnectionSettings) -> str:
    """The API's host, and a fingerprint of the client id: two organisations of a data centre have a client each.

    What is renewed now and then (refresh token, client secret) is no part of it.
    """
    url = BaseUrl.parse(settings.api_url)
    if url is None:
        raise ValueError("the settings' api_url is no URL")
    if url.is_loopback:
        return EMULATOR
    port = "" if url.port in (None, 443) else f":{url.port}"
    client = hashlib.sha256(settings.client_id.encode()).hexdigest()[:12]
    return f"{url.host.rstrip('.')}{port}, client {client}"
