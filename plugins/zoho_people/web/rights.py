"""What a user may see, by Airflow's auth manager."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from airflow.api_fastapi.auth.managers.models.resource_details import ConnectionDetails, DagDetails

from zoho_people.configuration.names_permission import (
    EDIT_CONNECTIONS,
    EDIT_DAG,
    VIEW,
    NamesPermission,
)


class Rights:
    """Asks *manager*, an auth manager of Airflow's. *team_of* tells the team that a DAG belongs to, if any."""

    def __init__(self, manager: Any, *, team_of: Callable[[str], str | None]) -> None:
        self._manager = manager
        self._team_of = team_of

    def may(self, user: Any, method: str, dag_id: str, entity: Any = None) -> bool:
        """Whether *user* may do *method* to the DAG, or to *entity* of it: its runs, say."""
        details = DagDetails(id=dag_id, team_name=self._team_of(dag_id))
        return bool(
            self._manager.is_authorized_dag(method=method, access_entity=entity, details=details, user=user)
        )

    def may_see_names(self, user: Any, dag_id: str, permission: NamesPermission) -> bool:
        """Whether *user* has what *permission* asks for, beside reading the DAG."""
        if not self.may(user, "GET", dag_id):
            return False
        if permission.kind == EDIT_DAG:
            return self.may(user, "PUT", dag_id)
        if permission.kind == EDIT_CONNECTIONS:
            details = ConnectionDetails(team_name=self._team_of(dag_id))
            return bool(self._manager.is_authorized_connection(method="PUT", details=details, user=user))
        if permission.kind == VIEW:
            named = {"method": "GET", "resource_name": permission.view}
            return bool(self._manager.is_authorized_custom_view(**named, user=user))
        return False
