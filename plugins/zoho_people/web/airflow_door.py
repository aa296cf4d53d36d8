"""Airflow's API server, as the page knows it: its users, its auth manager and its metadata database.

What the page uses of Airflow beyond its public interface is here, in ``airflow_runs`` and in ``rights``, as read
in Airflow 3.3.2: ``airflow.api_fastapi``, ``airflow.models``, ``airflow.utils``. When it changes the page answers
nothing, and the tests in a real Airflow fail.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity
from airflow.api_fastapi.core_api.security import bearer_scheme, get_user
from airflow.models.asset import AssetAliasModel
from airflow.models.dag import DagModel
from airflow.models.pool import Pool
from airflow.models.serialized_dag import SerializedDagModel
from airflow.utils.session import create_session
from fastapi import HTTPException
from sqlalchemy import select

from zoho_people.assets.datasets import dataset_alias
from zoho_people.configuration.names_permission import NamesPermission
from zoho_people.dags.run_operators import RunFetchOperator
from zoho_people.hooks.zoho_people import ZohoLearnerProgressHook
from zoho_people.model.run_tasks import PUBLISH_TASK_ID
from zoho_people.model.run_xcoms import Spent
from zoho_people.shared.connection_state import SharedState
from zoho_people.shared.variables import read_variable
from zoho_people.steps.dag_names import DagNames
from zoho_people.web.airflow_runs import counts_of, failures_of, runs_of
from zoho_people.web.door import Failure, NotSignedIn, PoolUse, ProgressDag, Run
from zoho_people.web.rights import Rights

if TYPE_CHECKING:
    from starlette.requests import Request

    from zoho_people.zoho.settings import ConnectionSettings

_DAGS_S = 10.0
"""How long the list of DAGs is kept; what a user may see of it is checked each time."""

_ALIAS_ENDING = dataset_alias("").name


class AirflowDoor:
    """A :class:`~zoho_people.web.door.Door` to the Airflow that this process serves."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._dags: Sequence[ProgressDag] | None = None
        self._dags_at = 0.0

    async def user_of(self, request: Request) -> Any:
        """Who sent *request*, by cookie or bearer token: Airflow's own look-up."""
        try:
            return await get_user(request, None, await bearer_scheme(request))
        except HTTPException:
            raise NotSignedIn from None

    def dags(self) -> Sequence[ProgressDag]:
        """As they were some seconds ago: to read a DAG takes longer than most answers."""
        if self._dags is None or self._clock() - self._dags_at >= _DAGS_S:
            self._dags_at, self._dags = self._clock(), self._found_dags()
        return self._dags

    @staticmethod
    def _found_dags() -> Sequence[ProgressDag]:
        """Found by the names of their assets: only these DAGs are read."""
        with create_session(scoped=False) as session:
            named = AssetAliasModel.name.endswith(_ALIAS_ENDING, autoescape=True)
            aliases = session.scalars(select(AssetAliasModel.name).where(named)).all()
            dag_ids = [name.removesuffix(_ALIAS_ENDING) for name in aliases]
            there = select(DagModel.dag_id).where(DagModel.dag_id.in_(dag_ids), ~DagModel.is_stale)
            fresh = list(session.scalars(there))
            serialized = SerializedDagModel.get_latest_serialized_dags(dag_ids=fresh, session=session)
            found = [_progress_dag(each.dag) for each in serialized]
        return sorted((dag for dag in found if dag is not None), key=lambda dag: dag.dag_id)

    def may_read(self, user: Any, dag_id: str) -> bool:
        """Whether *user* may read the DAG."""
        return self._rights.may(user, "GET", dag_id)

    def may_see_names(self, user: Any, dag_id: str) -> bool:
        """Whether *user* has what the deployer's ``names_permission`` asks for, beside reading the DAG."""
        return self._rights.may_see_names(user, dag_id, NamesPermission.configured())

    def variable(self, key: str) -> str | None:
        """An Airflow Variable."""
        return read_variable(key)

    def settings(self, conn_id: str) -> ConnectionSettings:
        """The values of a connection; its secrets stay in this process."""
        return ZohoLearnerProgressHook(conn_id).settings

    def shared(self, conn_id: str) -> SharedState:
        """What the tasks know of a connection; the page only reads it."""
        return SharedState(conn_id, alone=False)

    def pool(self, name: str) -> PoolUse | None:
        """A pool as it is now."""
        with create_session(scoped=False) as session:
            pool = session.scalar(select(Pool).where(Pool.pool == name))
            return pool and PoolUse(pool.slots, pool.occupied_slots(session=session))

    def runs(self, user: Any, dag_id: str, *, most: int) -> Sequence[Run]:
        """The latest runs."""
        if not self._rights.may(user, "GET", dag_id, DagAccessEntity.RUN):
            return []
        with create_session(scoped=False) as session:
            return runs_of(session, dag_id, most=most)

    def failures(self, user: Any, dag_id: str, *, most: int) -> Sequence[Failure]:
        """The last tasks that failed; what their logs say where the user may read logs."""
        if not self._rights.may(user, "GET", dag_id, DagAccessEntity.TASK_INSTANCE):
            return []
        with_logs = self._rights.may(user, "GET", dag_id, DagAccessEntity.TASK_LOGS)
        with create_session(scoped=False) as session:
            return failures_of(session, dag_id, most=most, with_logs=with_logs)

    def counts_since(self, user: Any, dag_id: str, since: datetime) -> Sequence[tuple[str, Spent]]:
        """What the tasks have counted."""
        if not self._rights.may(user, "GET", dag_id, DagAccessEntity.TASK_INSTANCE):
            return []
        with create_session(scoped=False) as session:
            return counts_of(session, dag_id, since)

    @property
    def _rights(self) -> Rights:
        return Rights(get_auth_manager(), team_of=DagModel.get_team_name)


def _progress_dag(dag: Any) -> ProgressDag | None:
    """*dag*, as Airflow serialized it; None where this package did not make it."""
    fetch = next((task for task in dag.tasks if task.task_type == RunFetchOperator.__name__), None)
    publish = next((task for task in dag.tasks if task.task_id == PUBLISH_TASK_ID), None)
    if fetch is None or publish is None or not fetch._task_module.startswith("zoho_people."):
        return None
    params = dag.params.dump()
    conn_id = fetch.partial_kwargs["zoho_people_conn_id"]
    names = DagNames(dag.dag_id, conn_id, fetch.pool, publish.pool, params.get("output_path"))
    return ProgressDag(names, dag.dag_display_name, params)
