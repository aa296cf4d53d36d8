"""Registers with Airflow what only a plugin can bring."""

from airflow.plugins_manager import AirflowPlugin

from zoho_people import pool_listener


class ZohoPeoplePlugin(AirflowPlugin):
    """The scheduler's listener that tells the tasks how the pools are."""

    name = "zoho_people"
    listeners = [pool_listener]  # noqa: RUF012 (Airflow's own attribute)
