"""Nothing below the page's prefix answers a stranger, whatever the path and the method."""

from __future__ import annotations

from html import escape
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from zoho_people.web.door import Door, NotSignedIn
from zoho_people.web.problem import PageProblem

USER = "zoho_people_user"
"""Where the user is, in the request's state."""


class LoginRequired:
    """Answers 401 before anything is looked up; who is signed in is in the request's state."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self._app = app
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await _close(scope, send)
            return
        request = Request(scope)
        try:
            user = await self._door.user_of(request)
        except NotSignedIn:
            await _refusal(request)(scope, receive, send)
            return
        scope.setdefault("state", {})[USER] = user
        await self._app(scope, receive, send)


def user_of(request: Request) -> Any:
    """Who sent *request*."""
    return getattr(request.state, USER)


async def _close(scope: Scope, send: Send) -> None:
    """The page has no web sockets."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})


def _refusal(request: Request) -> Response:
    """As JSON, or for a person's eyes where a browser opens a page."""
    problem = PageProblem.of_status(401)
    if "text/html" not in request.headers.get("accept", ""):
        return JSONResponse(problem.body(), 401)
    text = f"{problem.problem[0].upper()}{problem.problem[1:]}: {problem.cure}."
    return HTMLResponse(f"<!doctype html><title>Learner progress</title><p>{escape(text)}</p>", 401)
