"""Keeps web pages away from a server that listens on this machine only.

A browser here may show a page of anybody's. Such a page reaches loopback in two ways: by a name of its own that it
lets point to 127.0.0.1 (then `Host` has that name), and by a plain cross-origin request (then `Origin` has it).
"""

from __future__ import annotations

import re

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_THIS_MACHINE = re.compile(r"(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?", re.ASCII | re.IGNORECASE)


class LoopbackOnly:
    """ASGI middleware that answers 403 to what was not addressed to this machine, or comes from another origin."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or refuse it."""
        problem = None if scope["type"] == "lifespan" else refusal(Headers(scope=scope))
        if problem is None:
            await self._app(scope, receive, send)
        else:
            await JSONResponse({"detail": problem}, status_code=403)(scope, receive, send)


def refusal(headers: Headers) -> str | None:
    """Why a request with these headers is refused; None when it isn't."""
    hosts, origins = headers.getlist("host"), headers.getlist("origin")
    if len(hosts) != 1 or not _THIS_MACHINE.fullmatch(hosts[0]):
        return "the Host header must be localhost, 127.0.0.1 or [::1]"
    if any(origin.lower() != f"http://{hosts[0].lower()}" for origin in origins):
        return "requests of other origins (the Origin header) are not answered"
    return None
