"""The web application: puts the service behind HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

from fastapi import FastAPI, Request, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from zoho_emulator.answers import SENT, Answer
from zoho_emulator.api import Request as ApiRequest
from zoho_emulator.connections import break_connection, client_leaves
from zoho_emulator.control import control_routes
from zoho_emulator.guard import LoopbackOnly
from zoho_emulator.service import Service

_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_MOST_FORM_BYTES = 100_000


class Sender(Response):
    """Sends an answer in the way in which it says it is to be sent."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer, late or broken where it has to be."""
        delay_seconds = self.answer.delay_seconds
        if delay_seconds and await client_leaves(receive, within_seconds=delay_seconds):
            return
        if self.answer.ending != SENT:
            await break_connection(self.answer, scope, receive, send)
            return
        whole: ASGIApp = Response(
            self.answer.body,
            status_code=self.answer.status,
            headers=self.answer.headers,
            media_type=self.answer.content_type,
        )
        await whole(scope, receive, send)


def create_app(service: Service) -> FastAPI:
    """The application that answers for *service*."""
    app = FastAPI(
        title="Zoho People LMS emulator",
        docs_url="/_emulator/docs",
        redoc_url=None,
        openapi_url="/_emulator/openapi.json",
        redirect_slashes=False,
    )
    app.add_middleware(LoopbackOnly)
    app.include_router(control_routes(service))

    @app.api_route("/oauth/v2/token", methods=_METHODS, include_in_schema=False)
    async def token(request: Request) -> Response:
        form = dict(parse_qsl((await request.body())[:_MOST_FORM_BYTES].decode("utf-8", "replace")))
        domain = str(request.base_url).rstrip("/")
        return Sender(service.sign_in(_plain(request), form, api_domain=domain))

    @app.api_route("/api/{path:path}", methods=_METHODS, include_in_schema=False)
    async def api(request: Request) -> Response:
        return Sender(service.ask(_plain(request)))

    return app


def _plain(request: Request) -> ApiRequest:
    params: Mapping[str, str] = dict(request.query_params)
    authorization = request.headers.get("authorization", "")
    return ApiRequest(request.method, request.url.path, params, authorization)
