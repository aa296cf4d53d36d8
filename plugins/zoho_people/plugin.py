"""What only a plugin can bring to Airflow: listeners in the scheduler, and the page in the API server."""

from __future__ import annotations

from airflow.plugins_manager import AirflowPlugin

from zoho_people.listeners import pool_listener, preload_listener
from zoho_people.web.mount import EXTERNAL_VIEWS, FASTAPI_APPS


class ZohoPeoplePlugin(AirflowPlugin):
    """The scheduler's listeners: what the tasks are told of the pools, and what is loaded before they start.

    And the page "Learner progress". Airflow loads a plugin of one name once: an installed package comes before the
    same file in ``plugins/``.
    """

    name = "zoho_people"
    listeners = [pool_listener, preload_listener]  # noqa: RUF012 (Airflow's own attribute)
    fastapi_apps = FASTAPI_APPS
    external_views = EXTERNAL_VIEWS
