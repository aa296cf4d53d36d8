"""A real HTTP server on a free local port, which answers what a test scripts and keeps what it was sent."""

from __future__ import annotations

import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

Reply = Callable[["Exchange"], None]


@dataclass(frozen=True)
class Received:
    """A request as it arrived; header names are lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        """The body's form fields."""
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}


class LocalServer:
    """Answers the requests in the order of :meth:`script`; an unscripted request gets HTTP 599."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.received: list[Received] = []
        self._replies: list[Reply] = []
        self.release = threading.Event()
        """Set at the end of the test: lets go of a reply that keeps the client waiting."""

    def script(self, *replies: Reply) -> LocalServer:
        """Answer the next requests with *replies*, one each."""
        self._replies += replies
        return self

    def next_reply(self, received: Received) -> Reply:
        self.received.append(received)
        return self._replies.pop(0) if self._replies else says({"code": 599}, status=599)


class Exchange(BaseHTTPRequestHandler):
    """One request and the means to answer it."""

    protocol_version = "HTTP/1.1"
    # Else the body waits until the client has acknowledged the head, which it does after 40 ms.
    disable_nagle_algorithm = True
    server: _Listener

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.local.next_reply(Received(self.command, self.path, headers, body))(self)

    def do_POST(self) -> None:
        self.do_GET()

    def do_PATCH(self) -> None:
        self.do_GET()

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    local: LocalServer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is what some tests are about."""


def says(
    body: object,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    content_length: int | None = None,
) -> Reply:
    """Answer with *body* (bytes as they are, else as JSON); *content_length* may lie."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()

    def reply(exchange: Exchange) -> None:
        exchange.send_response(status)
        for name, value in (headers or {}).items():
            exchange.send_header(name, value)
        exchange.send_header(
            "Content-Length", str(len(content) if content_length is None else content_length)
        )
        exchange.end_headers()
        exchange.wfile.write(content)
        exchange.close_connection = content_length is not None

    return reply


def never_answers(exchange: Exchange) -> None:
    """Keep the client waiting until the test is over."""
    exchange.server.local.release.wait(20)
    exchange.close_connection = True


def drips(exchange: Exchange) -> None:
    """Send a byte now and then, more often than any time-out between two bytes, for some seconds."""
    exchange.send_response(200)
    exchange.send_header("Content-Length", "1000")
    exchange.end_headers()
    for _ in range(40):
        exchange.wfile.write(b" ")
        if exchange.server.local.release.wait(0.05):
            break
    exchange.close_connection = True


def in_chunks(packed: bytes, size: int) -> Reply:
    """Answer with the gzipped *packed* in chunks of *size* bytes."""

    def reply(exchange: Exchange) -> None:
        exchange.send_response(200)
        exchange.send_header("Content-Encoding", "gzip")
        exchange.send_header("Transfer-Encoding", "chunked")
        exchange.end_headers()
        for start in range(0, len(packed), size):
            chunk = packed[start : start + size]
            exchange.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
        exchange.wfile.write(b"0\r\n\r\n")

    return reply


def gzipped(write: Callable[[Callable[[bytes], None]], None]) -> Reply:
    """Answer with the pieces of a gzipped body that *write* sends, for as long as the client listens."""

    def reply(exchange: Exchange) -> None:
        exchange.send_response(200)
        exchange.send_header("Content-Encoding", "gzip")
        exchange.send_header("Connection", "close")
        exchange.end_headers()
        exchange.close_connection = True
        with suppress(OSError):
            write(exchange.wfile.write)

    return reply


def resets(exchange: Exchange) -> None:
    """Cut the connection with a reset instead of an answer."""
    exchange.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    exchange.connection.close()
    exchange.close_connection = True


@dataclass
class Token:
    """Answers of the accounts server."""

    value: str = "1000.minted-access-token"
    more: dict[str, Any] = field(default_factory=dict)

    def reply(self) -> Reply:
        return says({"access_token": self.value, "expires_in": 3600, "token_type": "Bearer", **self.more})


@contextmanager
def running_server(tls: ssl.SSLContext | None = None) -> Iterator[LocalServer]:
    """A server that listens until the block ends, behind *tls* where that is given."""
    with _Listener(("127.0.0.1", 0), Exchange) as listener:
        if tls is not None:
            listener.socket = tls.wrap_socket(listener.socket, server_side=True)
        listener.local = LocalServer(f"http{'s' if tls else ''}://127.0.0.1:{listener.server_port}")
        thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield listener.local
        finally:
            listener.local.release.set()
            listener.shutdown()
            thread.join()
