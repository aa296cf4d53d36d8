"""The auth manager of a local Airflow. Of the runner only this folder is on the path of Airflow's components."""

from typing import Any

from airflow.api_fastapi.auth.managers.simple.simple_auth_manager import SimpleAuthManager

from zoho_emulator.guard import LoopbackOnly


class LocalAuthManager(SimpleAuthManager):
    """Airflow's simple auth manager, for requests to this machine and from no other origin only."""

    def get_fastapi_middlewares(self) -> list[tuple[Any, dict[str, Any]]]:
        """The guard comes last: what is added last is asked first."""
        return [*super().get_fastapi_middlewares(), (LoopbackOnly, {})]
