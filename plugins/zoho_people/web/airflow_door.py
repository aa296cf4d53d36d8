"""Airflow's API server, as the page knows it: its users, its auth manager and its metadata database.

All of Airflow's that is not public is here, as read in Airflow 3.3.2: ``airflow.api_fastapi``, ``airflow.models``.
When it changes, the page answers nothing, and the tests in a real Airflow fail.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.core_api.security import bearer_scheme, get_user
from airflow.models.asset import AssetAliasModel
from airflow.models.dag import DagModel
from airflow.models.serialized_dag import SerializedDagModel
from airflow.utils.session import create_session
from fastapi import HTTPException
from sqlalchemy import select

from zoho_people.assets.datasets import dataset_alias
from zoho_people.configuration.names_permission import NamesPermission
from zoho_people.dags.run_operators import RunFetchOperator
from zoho_people.steps.dag_names import DagNames
from zoho_people.web.door import NotSignedIn, ProgressDag
from zoho_people.web.rights import Rights

if TYPE_CHECKING:
    from starlette.requests import Request

_ALIAS_ENDING = dataset_alias("").name


class AirflowDoor:
    """A :class:`~zoho_people.web.door.Door` to the Airflow that this process serves."""

    async def user_of(self, request: Request) -> Any:
        """Who sent *request*, by cookie or bearer token: Airflow's own look-up."""
        try:
            return await get_user(request, None, await bearer_scheme(request))
        except HTTPException:
            raise NotSignedIn from None

    def dags(self) -> Sequence[ProgressDag]:
        """Found by the assets that they tell of; the rest is read of those DAGs alone."""
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

    @property
    def _rights(self) -> Rights:
        return Rights(get_auth_manager(), team_of=DagModel.get_team_name)


def _progress_dag(dag: Any) -> ProgressDag | None:
    """*dag*, as Airflow serialized it; None where :func:`~zoho_people.dags.learner_progress_dag` made it not."""
    fetch = next((task for task in dag.tasks if task.task_type == RunFetchOperator.__name__), None)
    publish = next((task for task in dag.tasks if task.task_id == "publish"), None)
    if fetch is None or publish is None or not fetch._task_module.startswith("zoho_people."):
        return None
    params = dag.params.dump()
    conn_id = fetch.partial_kwargs["zoho_people_conn_id"]
    names = DagNames(dag.dag_id, conn_id, fetch.pool, publish.pool, params.get("output_path"))
    return ProgressDag(names, dag.dag_display_name, params)
