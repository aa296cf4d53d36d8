"""Registers with Airflow what only a plugin can bring."""

from airflow.plugins_manager import AirflowPlugin

from zoho_people import pool_listener, preload_listener


class ZohoPeoplePlugin(AirflowPlugin):
    """The scheduler's listeners: what the tasks are told of the pools, and what is loaded before they start."""

    name = "zoho_people"
    listeners = [pool_listener, preload_listener]  # noqa: RUF012 (Airflow's own attribute)
