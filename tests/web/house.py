"""An Airflow as the page sees it, with real output paths behind it and no Airflow around it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

import httpx
from starlette.requests import Request
from starlette.types import ASGIApp

from tests.helpers.counts import MemoryCounts
from zoho_people.model.run_xcoms import Spent
from zoho_people.shared.connection_state import SharedState
from zoho_people.shared.ledger import DailyLedger
from zoho_people.steps.dag_names import DagNames
from zoho_people.steps.run_params import RunParams
from zoho_people.web.app import create_app
from zoho_people.web.door import Failure, NotSignedIn, PoolUse, ProgressDag, Run
from zoho_people.web.keeper import Keeper
from zoho_people.zoho.errors import InvalidSettings
from zoho_people.zoho.settings import ConnectionSettings

LOGIN = "x-user"


def progress_dag(dag_id: str = "zoho_eu", output_path: str | None = None, **params: Any) -> ProgressDag:
    names = DagNames(dag_id, f"{dag_id}_conn", f"{dag_id}_api", f"{dag_id}_publish", output_path)
    return ProgressDag(
        names, dag_id.upper(), {**RunParams().model_dump(), "output_path": output_path, **params}
    )


@dataclass
class Background:
    """Work that waits until it is let run, in the place of a thread."""

    waiting: list[Callable[[], None]] = field(default_factory=list)

    def __call__(self, work: Callable[[], None]) -> None:
        self.waiting.append(work)

    def run(self) -> None:
        waiting, self.waiting = self.waiting, []
        for work in waiting:
            work()


class State(SharedState):
    """What is known of a connection, without Airflow."""

    @cached_property
    def ledger(self) -> DailyLedger:
        return DailyLedger(MemoryCounts())


def state_of(conn_id: str) -> SharedState:
    """What nobody else knows of a connection."""
    return State(conn_id, alone=True)


@dataclass
class House:
    """Users by name, with the DAGs that they may read, and those of which they may see names."""

    known: Sequence[ProgressDag] = ()
    readers: dict[str, set[str]] = field(default_factory=dict)
    name_readers: dict[str, set[str]] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    pools: dict[str, PoolUse] = field(default_factory=dict)
    connections: dict[str, ConnectionSettings] = field(default_factory=dict)
    states: dict[str, SharedState] = field(default_factory=dict)
    told_runs: Sequence[Run] = ()
    told_failures: Sequence[Failure] = ()
    counted: Sequence[tuple[str, Spent]] = ()
    counted_of: dict[str, Sequence[tuple[str, Spent]]] = field(default_factory=dict)
    keeper: Keeper | None = None
    _app: tuple[Keeper | None, ASGIApp] | None = None
    """Made once for a keeper, as Airflow does."""

    async def user_of(self, request: Request) -> str:
        user = request.headers.get(LOGIN) or request.cookies.get(LOGIN)
        if not user:
            raise NotSignedIn
        return user

    def dags(self) -> Sequence[ProgressDag]:
        return self.known

    def may_read(self, user: str, dag_id: str) -> bool:
        return dag_id in self.readers.get(user, ())

    def may_see_names(self, user: str, dag_id: str) -> bool:
        return dag_id in self.name_readers.get(user, ())

    def variable(self, key: str) -> str | None:
        return self.variables.get(key)

    def settings(self, conn_id: str) -> ConnectionSettings:
        if conn_id not in self.connections:
            raise InvalidSettings(f"the connection {conn_id!r} is missing")
        return self.connections[conn_id]

    def shared(self, conn_id: str) -> SharedState:
        return self.states.setdefault(conn_id, state_of(conn_id))

    def pool(self, name: str) -> PoolUse | None:
        return self.pools.get(name)

    def runs(self, user: str, dag_id: str, *, most: int) -> Sequence[Run]:
        return self.told_runs[:most]

    def failures(self, user: str, dag_id: str, *, most: int) -> Sequence[Failure]:
        return self.told_failures[:most]

    def counts_since(self, user: str, dag_id: str, since: datetime) -> Sequence[tuple[str, Spent]]:
        return self.counted_of.get(dag_id, self.counted)

    def client(self, user: str | None) -> Browser:
        """A browser of *user*; of a stranger where that is None."""
        if self._app is None or self._app[0] is not self.keeper:
            self._app = self.keeper, create_app(self, self.keeper)
        return Browser(self._app[1], {LOGIN: user} if user else {})


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
