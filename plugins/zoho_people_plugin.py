"""Registers the plugin where ``plugins/`` is Airflow's plugins folder; an installed package registers itself."""

from zoho_people.plugin import ZohoPeoplePlugin

__all__ = ["ZohoPeoplePlugin"]
