from __future__ import annotations

import socket

import pytest

from zoho_emulator.server import CannotListenError, listen, url_of


def test_it_listens_on_this_machine_and_says_where() -> None:
    with listen("localhost", 0) as listener:
        port = listener.getsockname()[1]
        assert port != 0
        assert url_of(listener) == f"http://127.0.0.1:{port}"


def test_answers_are_not_held_back_for_forty_milliseconds() -> None:
    with listen("127.0.0.1", 0) as listener:
        assert listener.proto == socket.IPPROTO_TCP


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.com", ""])  # noqa: S104
def test_it_listens_nowhere_else(host: str) -> None:
    with pytest.raises(CannotListenError, match="only listens on this machine"):
        listen(host, 0)
