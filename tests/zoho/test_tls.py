from __future__ import annotations

import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.helpers.local_server import LocalServer, running_server, says
from tests.helpers.local_tls import (
    Handshake,
    alerts,
    broken_tls,
    ends,
    resets,
    self_signed,
    server_context,
)
from tests.zoho.test_client import EMPTY_PAGE, TOKEN, UNIT, client_of
from zoho_people.endpoints.courses import COURSES
from zoho_people.endpoints.progress import of_unit
from zoho_people.zoho.client import ZohoPeopleClient
from zoho_people.zoho.errors import ServerNotTrusted, TemporaryFailure, ZohoError, is_final


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Iterator[requests.Session]:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    with requests.Session() as session:
        yield session


def failures_of(client: ZohoPeopleClient) -> list[ZohoError]:
    """What a page, a list and a token fail with."""
    found = []
    for ask in (
        lambda: client.get_page(of_unit(UNIT).request(0), access_token=TOKEN),
        lambda: client.get_page(COURSES.of().request(0), access_token=TOKEN),
        client.post_token,
    ):
        with pytest.raises(ZohoError) as error:
            ask()
        assert TOKEN not in "".join(traceback.format_exception(error.value))
        found.append(error.value)
    return found


@pytest.mark.parametrize("handshake", [ends, resets, alerts])
def test_a_handshake_that_breaks_off_may_pass(session: requests.Session, handshake: Handshake) -> None:
    with broken_tls(handshake) as url:
        for error in failures_of(client_of(LocalServer(url), session)):
            assert type(error) is TemporaryFailure
            assert error.message.startswith("the connection failed: ")


def test_the_reason_of_an_alert_is_said(session: requests.Session) -> None:
    with broken_tls(alerts) as url:
        [error, *_] = failures_of(client_of(LocalServer(url), session))
    assert "HANDSHAKE_FAILURE" in error.message


def test_a_plain_server_behind_https_may_pass(session: requests.Session) -> None:
    with running_server() as plain:
        for error in failures_of(client_of(LocalServer(plain.url.replace("http:", "https:")), session)):
            assert type(error) is TemporaryFailure


def test_a_certificate_that_nobody_vouches_for_is_final_and_comes_with_the_cure(
    session: requests.Session, tmp_path: Path
) -> None:
    with running_server(server_context(self_signed(tmp_path))) as server:
        for error in failures_of(client_of(server, session)):
            assert type(error) is ServerNotTrusted
            assert is_final(error)
            assert "certificate can't be verified: self-signed certificate; " in error.message
            assert "REQUESTS_CA_BUNDLE" in error.message
            assert "data_center" in error.message
        assert server.received == []


def test_a_certificate_of_another_host_is_final(
    session: requests.Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = self_signed(tmp_path, host="people.example")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    with running_server(server_context(certificate)) as server:
        for error in failures_of(client_of(server, session)):
            assert type(error) is ServerNotTrusted
            assert "IP address mismatch" in error.message
        assert server.received == []


def test_the_cure_of_the_message_cures(
    session: requests.Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = self_signed(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    with running_server(server_context(certificate)) as server:
        server.script(says(EMPTY_PAGE))
        assert client_of(server, session).get_page(of_unit(UNIT).request(0), access_token=TOKEN).records == ()


def test_a_file_of_certificates_that_is_not_there_is_named(
    session: requests.Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "missing.pem"))
    with running_server(server_context(self_signed(tmp_path))) as server:
        for error in failures_of(client_of(server, session)):
            assert type(error) is ServerNotTrusted
            assert "correct REQUESTS_CA_BUNDLE" in error.message
