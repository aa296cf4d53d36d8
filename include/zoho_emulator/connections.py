"""Connections that can be broken on purpose, which no web framework offers."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import Any

from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from zoho_emulator.answers import RESET, Answer

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)

_open: dict[tuple[str, int], asyncio.Transport] = {}


class Connection(H11Protocol):
    """An HTTP connection that can be found by the address of its client."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Remember the connection."""
        super().connection_made(transport)
        if self.client is not None:
            _open[self.client] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        if self.client is not None:
            _open.pop(self.client, None)
        super().connection_lost(exc)


def drop_all_connections() -> None:
    """End every connection at once."""
    for transport in list(_open.values()):
        transport.abort()


async def client_leaves(receive: Receive, *, within_seconds: float) -> bool:
    """Wait that long, or until the client is gone; whether it is."""
    gone = asyncio.ensure_future(_until_gone(receive))
    await asyncio.wait([gone], timeout=within_seconds)
    if not gone.done():
        gone.cancel()
        return False
    return True


async def break_connection(answer: Answer, scope: Scope, receive: Receive, send: Send) -> None:
    """Send as much of *answer* as it wants to be sent, break the connection, and see it gone."""
    if answer.sent_bytes is not None:
        await _send_part(answer, send)
    host, port = scope["client"] or ("", 0)
    transport = _open.get((host, port))
    if transport is None:
        raise ConnectionResetError("the emulator broke this connection, as its fault script says")
    if answer.ending == RESET:
        sock: Any = transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    transport.abort()
    await _until_gone(receive)


async def _send_part(answer: Answer, send: Send) -> None:
    body = answer.body
    headers = [
        (b"content-type", answer.content_type.encode()),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    part = body[: min(answer.sent_bytes or 0, len(body) - 1)]
    await send({"type": "http.response.body", "body": part, "more_body": True})


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
