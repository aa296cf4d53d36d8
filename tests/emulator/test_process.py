"""The real process, over real connections."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from zoho_emulator.__main__ import main

pytestmark = pytest.mark.component

INCLUDE = Path(__file__).parents[2] / "include"


def command(*arguments: str) -> tuple[list[str], dict[str, str]]:
    return [sys.executable, "-m", "zoho_emulator", *arguments], {**os.environ, "PYTHONPATH": str(INCLUDE)}


@contextmanager
def started(*arguments: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    line, environment = command("--port", "0", *arguments)
    with subprocess.Popen(
        line, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            ready = process.stdout.readline()
            assert "ready at http://127.0.0.1:" in ready
            yield next(word for word in ready.split() if word.startswith("http://")), process
        finally:
            process.kill()


def sign_in(client: httpx.Client) -> None:
    form = {
        "grant_type": "refresh_token",
        "client_id": "emulated-client-id",
        "client_secret": "emulated-client-secret",
        "refresh_token": "1000.emulated-refresh-token",
    }
    token = client.post("/oauth/v2/token", data=form).json()["access_token"]
    client.headers["Authorization"] = f"Zoho-oauthtoken {token}"


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_until_it_is_told_to_stop(stop: signal.Signals) -> None:
    with started("--courses", "1", "--learners", "1") as (url, process):
        with httpx.Client(base_url=url) as client:
            sign_in(client)
            assert len(client.get("/api/v1/courses").json()["courses"]) == 1
        process.send_signal(stop)
        out, err = process.communicate(timeout=30)
        assert (process.returncode, out, err) == (0, "", "")


def test_connections_break_as_the_script_says(tmp_path: Path) -> None:
    actions: list[Any] = [
        "reset",
        {"type": "reset", "after_bytes": 5},
        {"type": "timeout", "seconds": 0},
        {"type": "deep_nesting", "depth": 20_000},
    ]
    script = tmp_path / "faults.json"
    script.write_text(json.dumps([{"times": 1, "action": action} for action in actions]))
    with started("--faults", str(script)) as (url, process), httpx.Client(base_url=url) as client:
        sign_in(client)
        with pytest.raises(httpx.ReadError):
            client.get("/api/v1/courses")
        with client.stream("GET", "/api/v1/courses") as answer:
            assert answer.status_code == 200
            with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
                answer.read()
        with pytest.raises(httpx.RemoteProtocolError):
            client.get("/api/v1/courses")
        assert len(client.get("/api/v1/courses").content) > 40_000
        assert client.get("/api/v1/courses").status_code == 200
        entries = client.get("/_emulator/journal?since=1").json()["entries"]
        assert [entry["status"] for entry in entries] == [None, 200, None, 200, 200]
        assert client.get("/_emulator/stats").json()["most_in_any_window"] == 5
        process.terminate()
        assert process.communicate(timeout=30)[1] == ""


def test_a_silent_connection_does_not_hold_up_the_end() -> None:
    with started() as (url, process), httpx.Client(base_url=url) as client:
        client.post("/_emulator/faults", json=[{"action": {"type": "timeout", "seconds": 600}}])
        with pytest.raises(httpx.ReadTimeout):
            client.get("/api/v1/courses", timeout=0.1)
        process.terminate()
        assert process.wait(timeout=30) == 0


def test_answers_that_are_long_in_coming_do_not_hold_up_the_end() -> None:
    with started() as (url, process), httpx.Client(base_url=url) as client, ExitStack() as waiting:
        slow = [{"times": 1, "action": {"type": action, "seconds": 600}} for action in ("timeout", "delay")]
        client.post("/_emulator/faults", json=slow)
        for _ in slow:
            connection = socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])))
            waiting.enter_context(connection)
            connection.sendall(b"GET /api/v1/courses HTTP/1.1\r\nHost: localhost\r\n\r\n")
        while len(client.get("/_emulator/journal").json()["entries"]) < len(slow):
            pass
        process.terminate()
        assert process.communicate(timeout=30) == ("", "")
        assert process.returncode == 0


@pytest.fixture
def taken() -> Iterator[str]:
    """A port that another program listens on: whatever is not refused before ends there."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield str(other.getsockname()[1])


def test_a_taken_port_is_said_plainly(taken: str) -> None:
    line, environment = command("--port", taken)
    done = subprocess.run(line, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "is taken; choose another with --port" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What the emulator says to arguments that it can't start with."""
    try:
        code: object = main(arguments)
    except SystemExit as ended:
        code = ended.code
    assert code == 2
    return capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--host", "0.0.0.0"], "--host 0.0.0.0: the emulator only listens on this machine"),  # noqa: S104
        (["--host", "example.com"], "only listens on this machine"),
        (["--port", "70000"], "'70000' is no port"),
        (["--courses", "-1"], "--courses must be 0 or more"),
        (["--changed-share", "2"], "--changed-share must be between 0 and 1"),
        (["--threshold", "0"], "threshold must be at least 1"),
        (["--lock-shape", "x"], "lock_shape must be one of"),
        (["--faults", "/no/such/file"], "/no/such/file: No such file"),
    ],
)
def test_what_cannot_be_is_refused_by_name(
    arguments: list[str], complaint: str, taken: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert complaint in refusal(capsys, "--port", taken, *arguments)


@pytest.mark.parametrize(
    ("text", "complaint"), [("{", "no JSON"), ('[{"action": "x"}]', "rule 1: unknown action 'x'")]
)
def test_a_wrong_script_is_refused_with_its_place(
    text: str, complaint: str, taken: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = tmp_path / "faults.json"
    script.write_text(text)
    assert f"{script}: {complaint}" in refusal(capsys, "--port", taken, "--faults", str(script))


def test_help_tells_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    told = capsys.readouterr().out
    for option in ("--courses", "--lock-shape", "--no-lock-extends", "--daily-limit", "--faults"):
        assert option in told
