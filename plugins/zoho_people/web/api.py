"""The page's API: what may be asked for, and where the answers come from. Nothing here changes anything."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from zoho_people.web.behind import (
    COLUMNS,
    DEFAULT_SORT,
    LEARNER_COLUMNS,
    Page,
    behind,
    behind_groups,
    behind_table,
    learners,
)
from zoho_people.web.course import course_view
from zoho_people.web.dataset import dataset_of, readable, sees_names
from zoho_people.web.door import Door
from zoho_people.web.downloads import csv_parts, parquet_parts
from zoho_people.web.groups import NOT_COUNTED
from zoho_people.web.health_view import health
from zoho_people.web.keeper import Keeper
from zoho_people.web.learner import learner_view
from zoho_people.web.login import user_of
from zoho_people.web.options import options
from zoho_people.web.overview import overview
from zoho_people.web.page_request import PageRequest
from zoho_people.web.parameters import COMMON, DEFAULT_LIMIT, FILTERS, GROUP, MOST_ROWS, PAGED, Parameters
from zoho_people.web.prefix import PREFIX
from zoho_people.web.problem import PageProblem
from zoho_people.web.view import View

READS = ["GET", "HEAD"]
MOST_AT_ONCE = 4

Answer = dict[str, Any]

_CSV = "text/csv; charset=utf-8"
_PARQUET = "application/vnd.apache.parquet"
_SEARCHED = (*COMMON, *FILTERS, "q", "sort", "min_days_overdue")


def api_routes(door: Door, keeper: Keeper) -> APIRouter:
    """All routes. Files and databases are waited for in threads, :data:`MOST_AT_ONCE` at the most."""
    api = Api(door, keeper)
    answers: dict[str, Callable[[Request], Any]] = {
        "datasets": api.datasets,
        "snapshots": api.snapshots,
        "options": api.options,
        "overview": api.overview,
        "course": api.course,
        "learner": api.learner,
        "learners": api.learners,
        "behind": api.behind,
        "behind.csv": api.behind_csv,
        "behind.parquet": api.behind_parquet,
        "health": api.health,
    }
    routes = APIRouter()
    threads = CapacityLimiter(MOST_AT_ONCE)
    for path, answer in answers.items():
        # Plain values go out as they are: nothing has to be checked of what this server made itself.
        routes.add_api_route(f"/{path}", _in_thread(answer, threads), methods=READS, response_model=None)
    return routes


def _in_thread(answer: Callable[[Request], Any], threads: CapacityLimiter) -> Callable[[Request], Any]:
    """*answer* in a thread of the page's own: who waits here takes none of Airflow's."""

    async def answered(request: Request) -> Any:
        return await to_thread.run_sync(answer, request, limiter=threads)

    return answered


@dataclass(frozen=True)
class Api:
    """The answers to requests, by way of *door* to Airflow and of *keeper* to the files."""

    door: Door
    keeper: Keeper

    def datasets(self, request: Request) -> list[Answer]:
        """The DAGs that the user may read."""
        user = user_of(request)
        return [
            {
                "dag_id": dag.dag_id,
                "dag_display_name": dag.display_name,
                "may_see_names": sees_names(self.door, user, dag.dag_id),
            }
            for dag in readable(self.door, user)
        ]

    def snapshots(self, request: Request) -> Answer:
        """The days."""
        return self._checked(request, COMMON).snapshots()

    def options(self, request: Request) -> Answer:
        """What the filters may be."""
        it = self._checked(request, COMMON)
        return it.answer(lambda view: options(view, may_see_names=it.may_see_names))

    def overview(self, request: Request) -> Answer:
        """How far everybody is."""
        it = self._checked(request, COMMON, FILTERS, (GROUP,))
        return it.answer(lambda view: overview(view, it.filters, it.group_by))

    def course(self, request: Request) -> Answer:
        """One course."""
        it = self._checked(request, COMMON, FILTERS, (GROUP,))
        of = it.parameters.course()
        return it.answer(
            lambda view: course_view(view, of, it.filters, it.group_by, may_see_names=it.may_see_names)
        )

    def learner(self, request: Request) -> Answer:
        """One learner."""
        it = self._checked(request, COMMON, FILTERS, ("learner_id",))
        of = it.parameters.learner_id()
        return it.answer(lambda view: learner_view(view, of, it.filters, may_see_names=it.may_see_names))

    def learners(self, request: Request) -> Answer:
        """Learners, to find one."""
        it = self._checked(request, COMMON, FILTERS, PAGED)
        page = _page(it.parameters, LEARNER_COLUMNS, "learner_id")
        return it.answer(lambda view: learners(view, it.filters, page, may_see_names=it.may_see_names))

    def behind(self, request: Request) -> Answer:
        """Who is behind."""
        it = self._checked(request, _SEARCHED, PAGED, (GROUP,))
        page = _page(it.parameters, COLUMNS, DEFAULT_SORT)

        def found(view: View) -> Answer:
            rows = behind(view, it.filters, page, may_see_names=it.may_see_names)
            if it.group_by is None:
                return {**rows, "groups": None}
            of_all = behind_groups(view, it.filters, page, it.group_by, may_see_names=it.may_see_names)
            return {**rows, "groups": of_all}

        return it.answer(found)

    def behind_csv(self, request: Request) -> Response:
        """All of them, for a spreadsheet."""
        return _download(self._checked(request, _SEARCHED), csv_parts, "csv", _CSV)

    def behind_parquet(self, request: Request) -> Response:
        """All of them, for a program."""
        return _download(self._checked(request, _SEARCHED), parquet_parts, "parquet", _PARQUET)

    def health(self, request: Request) -> Answer:
        """How the runs fare."""
        it = self._checked(request, COMMON)
        base = str(request.scope.get("root_path", "")).removesuffix(PREFIX)
        return health(it, self.door, user_of(request), now=datetime.now(UTC), base=base)

    def _checked(self, request: Request, *taken: Iterable[str]) -> PageRequest:
        names = {name for names in taken for name in names}
        return PageRequest.of(dataset_of(request, self.door), self.keeper, request.query_params, names)


def _page(parameters: Parameters, columns: tuple[str, ...], default_sort: str) -> Page:
    return Page(
        sort=parameters.sort(columns, default_sort),
        search=parameters.search(),
        limit=parameters.number("limit", DEFAULT_LIMIT, most=MOST_ROWS),
        offset=parameters.number("offset", 0),
        min_days_overdue=parameters.number("min_days_overdue", 0),
    )


def _download(it: PageRequest, parts: Callable[[Any], Any], ending: str, media_type: str) -> Response:
    page = replace(_page(it.parameters, COLUMNS, DEFAULT_SORT), limit=None, offset=0)

    def found(view: View) -> tuple[Any, str]:
        if view.lacks_due_dates:
            raise PageProblem(503, NOT_COUNTED, "try again soon")
        return behind_table(view, it.filters, page, may_see_names=it.may_see_names), view.day.isoformat()

    table, day = it.look(found)
    name = f"behind-{it.dag_id}-{day}.{ending}"
    plain = name.encode("ascii", "replace").decode().replace("?", "_")
    named = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    headers = {"Content-Disposition": named}
    return StreamingResponse(parts(table), media_type=media_type, headers=headers)
