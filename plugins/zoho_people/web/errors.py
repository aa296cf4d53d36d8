"""Errors as answers: each says what is wrong and what to do; the server's log tells no one's data."""

from __future__ import annotations

import logging
import traceback
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from zoho_people.web.problem import UNEXPECTED, PageProblem

log = logging.getLogger(__name__)


class QuietErrors:
    """Lets no error out to the web server, which would log its text: a value of a record may stand in it.

    The app inside has answered by then, see :func:`_failed`.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        except Exception as error:  # noqa: BLE001 (whatever it is)
            places = [f"{each.filename}:{each.lineno}" for each in traceback.extract_tb(error.__traceback__)]
            log.error("The page met %s at %s", type(error).__name__, ", ".join(places[-6:]))  # noqa: TRY400


def _problem(_: Request, error: PageProblem) -> Response:
    return JSONResponse(error.body(), error.status)


def _refused(_: Request, error: HTTPException) -> Response:
    return JSONResponse(PageProblem.of_status(error.status_code).body(), error.status_code, error.headers)


def _failed(_: Request, __: Exception) -> Response:
    return JSONResponse(PageProblem(500, *UNEXPECTED).body(), 500)


HANDLERS: dict[Any, Any] = {
    PageProblem: _problem,
    HTTPException: _refused,
    Exception: _failed,
}
"""By the error's class, as FastAPI takes them."""
