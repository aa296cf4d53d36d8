"""The process: listens on a loopback address, says when it is ready, ends when it is told to."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import ipaddress
import signal
import socket
import sys
from collections.abc import Iterator

import uvicorn
from fastapi import FastAPI

from zoho_emulator.connections import Connection, drop_all_connections

GRACE_SECONDS = 1
KEEP_ALIVE_SECONDS = 75


class CannotListenError(Exception):
    """The address can't be had; the message says why."""


def listen(host: str, port: int) -> socket.socket:
    """A socket bound to *host* and *port* (0: any free port).

    :raises CannotListenError: when the host isn't this machine alone, or the port is taken.
    """
    address = _loopback(host)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    # asyncio switches Nagle's delay off only where the protocol is said outright: 40 ms for each answer.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((address, port))
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise CannotListenError(f"port {port} of {host} is taken; choose another with --port") from error
        raise CannotListenError(f"can't listen on {host} port {port}: {error.strerror}") from error
    return listener


def _loopback(host: str) -> str:
    address = "127.0.0.1" if host == "localhost" else host
    with contextlib.suppress(ValueError):
        if ipaddress.ip_address(address).is_loopback:
            return address
    raise CannotListenError(
        f"--host {host}: the emulator only listens on this machine (127.0.0.1, ::1 or localhost), "
        "because it gives anybody who reaches it a token"
    )


def url_of(listener: socket.socket) -> str:
    """The URL at which *listener* is reached."""
    address, port = listener.getsockname()[:2]
    return f"http://[{address}]:{port}" if ":" in address else f"http://{address}:{port}"


def serve(app: FastAPI, listener: socket.socket, *, ready: str) -> None:
    """Answer until SIGTERM or SIGINT comes; print *ready* as soon as requests are accepted."""
    config = uvicorn.Config(
        app,
        http=Connection,
        loop="asyncio",
        ws="none",
        lifespan="off",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    asyncio.run(_serve(_Server(config, ready=ready), listener))


async def _serve(server: _Server, listener: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, server.stop)
    await server.serve(sockets=[listener])


class _Server(uvicorn.Server):
    """A uvicorn server that ends without an error on a signal, and says when it is ready."""

    def __init__(self, config: uvicorn.Config, *, ready: str) -> None:
        super().__init__(config)
        self.ready = ready

    def stop(self) -> None:
        """End soon: drop every connection, whatever it waits for."""
        drop_all_connections()
        self.should_exit = True

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone: they are handled already."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to accept requests and say so."""
        await super().startup(sockets)
        sys.stdout.write(f"{self.ready}\n")
        sys.stdout.flush()
