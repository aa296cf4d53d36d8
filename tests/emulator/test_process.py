"""The real process, over real connections."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

INCLUDE = Path(__file__).parents[2] / "include"


def command(*arguments: str) -> tuple[list[str], dict[str, str]]:
    return [sys.executable, "-m", "zoho_emulator", *arguments], {**os.environ, "PYTHONPATH": str(INCLUDE)}


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    line, environment = command(*arguments)
    return subprocess.run(line, env=environment, capture_output=True, text=True, timeout=60, check=False)


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


@pytest.mark.parametrize("action", ["timeout", "delay"])
def test_an_answer_that_is_long_in_coming_does_not_hold_up_the_end(action: str) -> None:
    with started() as (url, process), httpx.Client(base_url=url) as client:
        client.post("/_emulator/faults", json=[{"action": {"type": action, "seconds": 600}}])
        port = int(url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port)) as waiting:
            waiting.sendall(b"GET /api/v1/courses HTTP/1.1\r\nHost: localhost\r\n\r\n")
            while not client.get("/_emulator/journal").json()["entries"]:
                pass
            process.terminate()
            assert process.communicate(timeout=30) == ("", "")
            assert process.returncode == 0


def test_a_taken_port_is_said_plainly() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        done = run("--port", str(other.getsockname()[1]))
    assert done.returncode == 2
    assert "is taken; choose another with --port" in done.stderr
    assert done.stdout == ""


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
def test_what_cannot_be_is_refused_by_name(arguments: list[str], complaint: str) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_script_is_refused_with_its_place(tmp_path: Path) -> None:
    script = tmp_path / "faults.json"
    for text, complaint in (("{", "no JSON"), ('[{"action": "x"}]', "rule 1: unknown action 'x'")):
        script.write_text(text)
        done = run("--faults", str(script))
        assert done.returncode == 2
        assert f"{script}: {complaint}" in done.stderr


def test_help_tells_every_option() -> None:
    done = run("--help")
    assert done.returncode == 0
    for option in ("--courses", "--lock-shape", "--no-lock-extends", "--daily-limit", "--faults"):
        assert option in done.stdout
