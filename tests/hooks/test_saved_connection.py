"""`python -m zoho_people authorize --save`: what Airflow's database has afterwards, and what a terminal shows."""

from __future__ import annotations

import io
import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from airflow import settings
from airflow.models.base import Base
from airflow.models.connection import Connection
from airflow.models.crypto import get_fernet
from airflow.utils.session import create_session
from cryptography.fernet import Fernet
from sqlalchemy import create_engine, select

from tests.commands.test_authorize import GRANTED, TYPED, authorize
from tests.helpers.local_server import LocalServer, says
from zoho_people.__main__ import main

PLUGINS = Path(__file__).parents[2] / "plugins"
TABLES = [Base.metadata.tables["team"], Base.metadata.tables["connection"]]
SECRETS = ("client-secret", "1000.code", "1000.refresh", "1000.access")


@pytest.fixture
def database() -> Iterator[None]:
    """Airflow's database, as far as connections go."""
    Base.metadata.create_all(settings.engine, tables=TABLES)
    yield
    Base.metadata.drop_all(settings.engine, tables=TABLES)


def saved(conn_id: str = "zoho") -> Connection:
    with create_session() as session:
        found = session.scalar(select(Connection).where(Connection.conn_id == conn_id))
        assert found is not None
        session.expunge(found)
        return found


def keep(**fields: object) -> None:
    with create_session() as session:
        session.add(Connection(conn_id="zoho", **fields))  # type: ignore[arg-type]


@pytest.mark.usefixtures("database")
class TestSave:
    def test_makes_the_connection_and_shows_no_secret(
        self, server: LocalServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        server.script(GRANTED)
        assert authorize(monkeypatch, server, "--save", "zoho") == 0
        found = saved()
        assert (found.conn_type, found.login, found.password) == (
            "zoho_people",
            "1000.CLIENT",
            "client-secret",
        )
        assert (found.host, found.port) == (server.url, 0)
        assert found.extra_dejson == {
            "data_center": "eu",
            "accounts_url": server.url,
            "refresh_token": "1000.refresh",
        }
        said = capsys.readouterr()
        assert said.out == "The connection is saved; try it: airflow connections test zoho\n"
        assert not [secret for secret in SECRETS if secret in said.out + said.err]

    def test_renews_a_connection_and_keeps_what_the_form_set_besides(
        self, server: LocalServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        extra = {"refresh_token": "old", "data_center": "us", "daily_limit": 5000}
        keep(
            conn_type="zoho_people",
            port=8443,
            password="old",
            description="the company's",
            extra=json.dumps(extra),
        )
        server.script(GRANTED)
        assert authorize(monkeypatch, server, "--save", "zoho") == 0
        found = saved()
        assert (found.password, found.port, found.description) == ("client-secret", 8443, "the company's")
        assert found.extra_dejson == {
            "data_center": "eu",
            "accounts_url": server.url,
            "refresh_token": "1000.refresh",
            "daily_limit": 5000,
        }

    def test_refuses_another_kind_of_connection_before_the_code_is_spent(
        self, server: LocalServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        keep(conn_type="postgres", password="theirs")
        assert authorize(monkeypatch, server, "--save", "zoho") == 2
        assert "of the type 'postgres'; take another id" in capsys.readouterr().err
        assert server.received == []
        assert saved().password == "theirs"

    @pytest.mark.parametrize("conn_id", ["", "a b", "x" * 251])
    def test_refuses_an_id_that_airflow_cannot_keep_before_the_code_is_spent(
        self,
        conn_id: str,
        server: LocalServer,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        assert authorize(monkeypatch, server, "--save", conn_id) == 2
        assert "can't be a connection's id; write at most 250 letters" in capsys.readouterr().err
        assert server.received == []

    @pytest.mark.parametrize("key", [Fernet.generate_key().decode(), ""], ids=["another", "none"])
    def test_tells_of_a_connection_of_another_fernet_key_before_the_code_is_spent(
        self,
        key: str,
        server: LocalServer,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.setenv("AIRFLOW__CORE__FERNET_KEY", key)
        get_fernet.cache_clear()
        with create_session() as session:
            foreign = Connection(conn_id="zoho", conn_type="zoho_people")
            foreign._password = Fernet(Fernet.generate_key()).encrypt(b"x").decode()
            foreign.is_encrypted = True
            session.add(foreign)
        assert authorize(monkeypatch, server, "--save", "zoho") == 2
        get_fernet.cache_clear()
        assert "AIRFLOW__CORE__FERNET_KEY" in capsys.readouterr().err
        assert server.received == []


def test_without_a_database_the_code_is_not_spent(
    server: LocalServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert authorize(monkeypatch, server, "--save", "zoho") == 2
    assert "`airflow db migrate`" in capsys.readouterr().err
    assert server.received == []


@pytest.mark.usefixtures("database")
def test_a_code_that_was_spent_for_nothing_is_said(
    server: LocalServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def drop_the_tables_and_grant(exchange: object) -> None:
        Base.metadata.drop_all(settings.engine, tables=TABLES)
        GRANTED(exchange)  # type: ignore[arg-type]

    server.script(drop_the_tables_and_grant)
    assert authorize(monkeypatch, server, "--save", "zoho") == 2
    said = capsys.readouterr().err
    assert "the grant code is used up" in said
    assert "make a new code" in said
    assert not [secret for secret in SECRETS if secret in said]


def test_an_unknown_data_centre_is_refused_before_a_secret_is_asked_for(
    server: LocalServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed = io.StringIO("mars\n1000.CLIENT\nclient-secret\n1000.code\n")
    monkeypatch.setattr("sys.stdin", typed)
    assert main(["authorize", "--accounts-url", server.url, "--host", server.url]) == 2
    assert "use one of: us (United States)" in capsys.readouterr().err
    assert typed.read() == "1000.CLIENT\nclient-secret\n1000.code\n"
    assert server.received == []


def test_a_code_without_the_scope_says_which_one_is_missing(
    server: LocalServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    server.script(says({"error": "invalid_scope"}))
    assert authorize(monkeypatch, server) == 2
    assert "ZOHOPEOPLE.training.READ" in capsys.readouterr().err


IN_A_TERMINAL = """
import fcntl, os, runpy, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
runpy.run_module("zoho_people", run_name="__main__")
"""


@pytest.mark.component
def test_a_terminal_shows_neither_what_is_typed_hidden_nor_what_is_saved(
    server: LocalServer, tmp_path: Path
) -> None:
    """A process of its own, with a terminal of its own: it asks four times, each time it is answered."""
    database = f"sqlite:///{tmp_path}/airflow.db"
    engine = create_engine(database)
    Base.metadata.create_all(engine, tables=TABLES)
    server.script(GRANTED)
    ours, theirs = pty.openpty()
    options = ("--save", "zoho", "--accounts-url", server.url, "--host", server.url)
    with subprocess.Popen(
        [sys.executable, "-c", IN_A_TERMINAL, "authorize", *options],
        env={**os.environ, "PYTHONPATH": str(PLUGINS), "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": database},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    ) as process:
        os.close(theirs)
        shown = ""
        for question, answer in zip(QUESTIONS, TYPED.splitlines(), strict=True):
            shown += until(ours, question)
            os.write(ours, f"{answer}\n".encode())
        shown += until(ours, None)
    os.close(ours)
    assert process.returncode == 0, shown
    assert "eu" in shown
    assert "1000.CLIENT" in shown
    assert not [secret for secret in SECRETS if secret in shown]
    with engine.connect() as connection:
        row = connection.execute(select(TABLES[1].c.conn_id, TABLES[1].c.login)).one()
    assert tuple(row) == ("zoho", "1000.CLIENT")
    engine.dispose()


QUESTIONS = ("[us]: ", "Client id: ", "Client secret: ", "Grant code: ")


def until(terminal: int, end: str | None) -> str:
    """What the terminal shows up to *end*, or until its program ends."""
    shown = ""
    while end is None or not shown.endswith(end):
        try:
            piece = os.read(terminal, 1024)
        except OSError:  # Linux: the other side was closed
            piece = b""
        if not piece:
            assert end is None, shown
            break
        shown += piece.decode()
    return shown
