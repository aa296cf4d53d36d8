from __future__ import annotations

from typing import Any

import pytest

from tests.zoho.test_settings import CLIENT_ID, parse
from zoho_people.zoho.hosts import allowed_hosts
from zoho_people.zoho.origin import EMULATOR, origin_of


def origin(extra: dict[str, Any] | None = None, **fields: Any) -> str:
    gateways = allowed_hosts(["gateway.example.com", "http://gateway.example.com"])
    return origin_of(parse(extra, allowed_hosts=gateways, **fields))


ZOHO = origin()


@pytest.mark.parametrize(
    "host",
    ["https://people.zoho.com", "people.zoho.com", "https://People.Zoho.com:443/", "people.zoho.com/a"],
)
def test_one_host_is_one_origin_however_it_is_written(host: str) -> None:
    assert origin(host=host) == ZOHO


@pytest.mark.parametrize(
    "host",
    ["http://127.0.0.1:8090", "http://127.0.0.2:1", "localhost", "http://LOCALHOST:8099", "http://[::1]:80"],
)
def test_whatever_is_on_this_machine_is_an_emulator_and_never_zoho(host: str) -> None:
    assert origin(host=host) == origin(host=host, login="another") == EMULATOR != ZOHO


@pytest.mark.parametrize("refresh_token", ["1000.other"])
def test_what_is_renewed_makes_no_other_origin(refresh_token: str) -> None:
    assert origin({"refresh_token": refresh_token}, password="other") == ZOHO


def test_another_data_centre_client_or_port_is_another_origin() -> None:
    found = {
        ZOHO,
        origin({"data_center": "eu"}),
        origin(login="1000.OTHER"),
        origin(host="gateway.example.com"),
    }
    assert len(found | {origin(host="gateway.example.com:8443")}) == 5


def test_the_client_id_itself_is_not_told() -> None:
    assert CLIENT_ID not in ZOHO
    assert ZOHO.startswith("people.zoho.com, client ")
