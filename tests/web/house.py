"""An Airflow as the page sees it, with real output paths behind it and no Airflow around it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
from starlette.requests import Request

from zoho_people.steps.dag_names import DagNames
from zoho_people.steps.run_params import DEFAULTS
from zoho_people.web.app import create_app
from zoho_people.web.door import NotSignedIn, ProgressDag

LOGIN = "x-user"


def progress_dag(dag_id: str = "zoho_eu", output_path: str | None = None, **params: Any) -> ProgressDag:
    names = DagNames(dag_id, f"{dag_id}_conn", f"{dag_id}_api", f"{dag_id}_publish", output_path)
    return ProgressDag(names, dag_id.upper(), {**DEFAULTS, "output_path": output_path, **params})


@dataclass
class House:
    """Users by name, with the DAGs that they may read, and those of which they may see names."""

    known: Sequence[ProgressDag] = ()
    readers: dict[str, set[str]] = field(default_factory=dict)
    name_readers: dict[str, set[str]] = field(default_factory=dict)

    async def user_of(self, request: Request) -> str:
        user = request.headers.get(LOGIN)
        if not user:
            raise NotSignedIn
        return user

    def dags(self) -> Sequence[ProgressDag]:
        return self.known

    def may_read(self, user: str, dag_id: str) -> bool:
        return dag_id in self.readers.get(user, ())

    def may_see_names(self, user: str, dag_id: str) -> bool:
        return dag_id in self.name_readers.get(user, ())

    def client(self, user: str | None) -> Browser:
        """A browser of *user*; of a stranger where that is None."""
        return Browser(create_app(self), {LOGIN: user} if user else {})


@dataclass(frozen=True)
class Browser:
    """Asks an app without a server between them."""

    app: Any
    headers: dict[str, str]

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.request("GET", path, **more)

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        return asyncio.run(self._request(method, path, **more))

    async def _request(self, method: str, path: str, **more: Any) -> httpx.Response:
        more["headers"] = {**self.headers, **more.get("headers", {})}
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://airflow") as client:
            return await client.request(method, path, **more)


def house_of(*dags: ProgressDag, reader: str = "reader", hr: str = "hr") -> House:
    """A reader of every DAG of *dags*, and one who may see names as well."""
    ids = _ids(dags)
    return House(dags, {reader: ids, hr: ids}, {hr: ids})


def _ids(dags: Iterable[ProgressDag]) -> set[str]:
    return {dag.dag_id for dag in dags}
