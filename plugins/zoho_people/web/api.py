"""The page's API: what may be asked for, and where the answers come from. Nothing here changes anything."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request

from zoho_people.storage.layout import COVERAGE, PROGRESS
from zoho_people.web.dataset import dataset_of, readable, sees_names
from zoho_people.web.door import Door
from zoho_people.web.login import user_of
from zoho_people.web.published_files import PublishedFiles

READS = ["GET", "HEAD"]


def api_routes(door: Door) -> APIRouter:
    """All routes. Each runs in a thread: files and databases are waited for."""
    routes = APIRouter()

    @routes.api_route("/datasets", methods=READS)
    def datasets(request: Request) -> list[dict[str, Any]]:
        user = user_of(request)
        return [
            {
                "dag_id": dag.dag_id,
                "dag_display_name": dag.display_name,
                "may_see_names": sees_names(door, user, dag.dag_id),
            }
            for dag in readable(door, user)
        ]

    @routes.api_route("/snapshots", methods=READS)
    def snapshots(request: Request) -> dict[str, Any]:
        files = PublishedFiles.below(dataset_of(request, door).store, PROGRESS, COVERAGE)
        days = [day.isoformat() for day in files.days]
        return {
            "dates": days,
            "latest": days[0] if days else None,
            "files_fingerprint": files.fingerprint,
            "warnings": [] if days else ["nothing is published yet: trigger a run of the DAG"],
        }

    return routes
