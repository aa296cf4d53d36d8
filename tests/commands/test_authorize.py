"""`python -m zoho_people authorize`: what it asks, exchanges, prints and refuses."""

from __future__ import annotations

import io
import json
from urllib.parse import parse_qs

import pytest
from airflow.models.connection import Connection

from tests.helpers.local_server import LocalServer, says
from zoho_people.__main__ import main

TYPED = "eu\n1000.CLIENT\nclient-secret\n1000.code\n"
GRANTED = says({"access_token": "1000.access", "refresh_token": "1000.refresh", "expires_in": 3600})


def authorize(monkeypatch: pytest.MonkeyPatch, server: LocalServer, *options: str, typed: str = TYPED) -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    return main(["authorize", "--accounts-url", server.url, "--host", server.url, *options])


def test_the_code_is_exchanged_by_one_request_with_the_secrets_in_its_body(
    server: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.script(GRANTED)
    assert authorize(monkeypatch, server) == 0
    (request,) = server.received
    assert parse_qs(request.body.decode()) == {
        "grant_type": ["authorization_code"],
        "client_id": ["1000.CLIENT"],
        "client_secret": ["client-secret"],
        "code": ["1000.code"],
    }
    assert request.target == "/oauth/v2/token"


def test_the_connection_is_printed_for_airflow_to_import(
    server: LocalServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    server.script(GRANTED)
    authorize(monkeypatch, server)
    connection = json.loads(capsys.readouterr().out)["zoho_people_default"]
    assert (connection["conn_type"], connection["login"]) == ("zoho_people", "1000.CLIENT")
    assert connection["extra"]["refresh_token"] == "1000.refresh"
    assert connection["extra"]["data_center"] == "eu"
    assert connection["port"] == 0  # as Airflow's list wants it for its test


def test_a_uri_means_the_same(
    server: LocalServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    server.script(GRANTED)
    authorize(monkeypatch, server, "--uri")
    connection = Connection(uri=capsys.readouterr().out.splitlines()[-1])
    assert connection.conn_type == "zoho_people"
    assert connection.password == "client-secret"
    assert connection.extra_dejson["refresh_token"] == "1000.refresh"
    assert connection.host == server.url


@pytest.mark.parametrize(
    ("error", "cure"),
    [
        ("invalid_code", "used up, over, or of another client or data centre"),
        ("invalid_client", "the data centre in which you opened the API console"),
        ("invalid_client_secret", "copy it again"),
        ("something_new", "something_new"),
    ],
)
def test_a_refusal_says_the_cure_and_no_secret(
    error: str,
    cure: str,
    server: LocalServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    server.script(says({"error": error}))
    assert authorize(monkeypatch, server) == 2
    said = capsys.readouterr()
    assert cure in said.err
    assert said.out == ""
    assert not [secret for secret in ("client-secret", "1000.code") if secret in said.err]


def test_an_access_token_alone_is_no_connection(
    server: LocalServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    server.script(says({"access_token": "1000.access"}))
    assert authorize(monkeypatch, server) == 2
    assert "make the code with a Self Client" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("typed", "says_"),
    [
        ("eu\n", "are needed"),
        ("uk\na\nb\nc\n", "write eu"),
        ("eu\n\nb\nc\n", "login is missing"),
        ("eu\na\nb\n\n", "the grant code is missing"),
    ],
)
def test_what_is_missing_or_impossible_is_refused_before_a_request(
    typed: str,
    says_: str,
    server: LocalServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert authorize(monkeypatch, server, typed=typed) == 2
    assert says_ in capsys.readouterr().err
    assert server.received == []
