"""The page as a FastAPI app: static files, and its API below ``api/``. It only reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from zoho_people.web.access_log import PrivateSearches
from zoho_people.web.api import READS, api_routes
from zoho_people.web.door import Door
from zoho_people.web.errors import HANDLERS, QuietErrors
from zoho_people.web.headers import STATIC, SecurityHeaders
from zoho_people.web.keeper import Keeper
from zoho_people.web.login import LoginRequired

FILES = Path(__file__).parent / "static"


def create_app(door: Door, keeper: Keeper | None = None) -> ASGIApp:
    """The page, whose way to Airflow is *door*; *keeper* has the datasets that are open."""
    # No description of the API and no pages about it: these would load scripts from elsewhere.
    app = FastAPI(
        title="Learner progress",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        exception_handlers=HANDLERS,
    )
    app.include_router(api_routes(door, keeper or Keeper()), prefix="/api")
    app.add_api_route("/", _index, methods=READS)
    app.mount("/static", _StaticFiles(directory=FILES, check_dir=False), name="static")
    return PrivateSearches(SecurityHeaders(LoginRequired(QuietErrors(app), door)))


def _index() -> Response:
    return FileResponse(FILES / "index.html", media_type="text/html", headers={"Cache-Control": STATIC})


class _StaticFiles(StaticFiles):
    """Files that a browser keeps, and asks for anew by their fingerprint."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = STATIC
        return response
