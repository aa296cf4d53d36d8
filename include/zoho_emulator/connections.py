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


class BrokenAnswer:
    """An ASGI application that answers one request by breaking its connection, as *answer* says."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wait, send what is to be sent, break the connection, and see it gone."""
        gone = asyncio.ensure_future(_wait_until_gone(receive))
        await asyncio.wait([gone], timeout=self.answer.delay_seconds)
        if not gone.done():
            if self.answer.sent_bytes is not None:
                await self._send_part(send, self.answer.sent_bytes)
            transport = _open.get(tuple(scope["client"] or ()))
            if transport is None:
                gone.cancel()
                raise ConnectionResetError("the emulator broke this connection, as its fault script says")
            if self.answer.ending == RESET:
                sock: Any = transport.get_extra_info("socket")
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
            transport.abort()
        await gone

    async def _send_part(self, send: Send, sent_bytes: int) -> None:
        body = self.answer.body
        headers = [
            (b"content-type", self.answer.content_type.encode()),
            (b"content-length", str(len(body)).encode()),
        ]
        await send({"type": "http.response.start", "status": self.answer.status, "headers": headers})
        part = body[: min(sent_bytes, len(body) - 1)]
        await send({"type": "http.response.body", "body": part, "more_body": True})


async def _wait_until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
