"""What is left of a request's address for the server's log."""

from __future__ import annotations

from typing import Any

from starlette.types import Receive, Scope, Send

from tests.web.house import Browser, house_of, progress_dag
from zoho_people.web.access_log import without_searches
from zoho_people.web.app import create_app


def test_a_search_is_out_of_the_request_once_it_is_answered() -> None:
    seen: list[Any] = []
    app = create_app(house_of(progress_dag("eu", "/data/eu")))

    async def logged(scope: Scope, receive: Receive, send: Send) -> None:
        await app(scope, receive, send)
        seen.append(scope["query_string"])

    for user in ("x-user", "nobody"):
        Browser(logged, {user: "visitor"}).get("/api/learners", params={"q": "Jane Doe", "dag": "eu"})
    assert seen == [b"q=%2A%2A%2A&dag=eu"] * 2


def test_all_but_searches_stays() -> None:
    query = b"view=behind&manager=Jo+K&q=%C3%85ngstr%C3%B6m&q=&course=1%2F2"
    assert without_searches(query) == b"view=behind&manager=%2A%2A%2A&q=%2A%2A%2A&q=%2A%2A%2A&course=1%2F2"
