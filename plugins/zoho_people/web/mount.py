"""What the plugin mounts: an app that is built when the first request comes, since most processes get none."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from zoho_people.web.prefix import PREFIX

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
AsgiApp = Callable[[Message, Receive, Send], Awaitable[None]]


class LazyApp:
    """An ASGI app that *build* makes once, when it is asked for the first time.

    Airflow loads plugins in the scheduler, in workers and wherever DAGs are parsed: FastAPI and DuckDB have no
    business there.
    """

    def __init__(self, build: Callable[[], AsgiApp]) -> None:
        self._build = build
        self._app: AsgiApp | None = None

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if self._app is None:
            self._app = self._build()
        await self._app(scope, receive, send)


def page_app() -> AsgiApp:
    """The page in an API server of Airflow's."""
    from zoho_people.web.airflow_door import AirflowDoor
    from zoho_people.web.app import create_app

    return create_app(AirflowDoor())


FASTAPI_APPS: list[dict[str, Any]] = [
    {"app": LazyApp(page_app), "url_prefix": PREFIX, "name": "Zoho People: learner progress"}
]

EXTERNAL_VIEWS: list[dict[str, Any]] = [
    {
        "name": "Learner progress",
        "href": f"{PREFIX[1:]}/",
        "destination": "nav",
        "nav_top_level": True,
        "url_route": "zoho-people",
    },
    {
        "name": "Learner progress",
        "href": f"{PREFIX[1:]}/?dag={{DAG_ID}}",
        "destination": "dag",
        "url_route": "zoho-people-dag",
    },
]
"""Relative to the base URL that Airflow's page names, so that they work below a path, too.

Airflow shows the second one beside every DAG: of a DAG that is not this package's the page says so.
"""
