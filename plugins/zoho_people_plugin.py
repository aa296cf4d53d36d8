"""Registers the plugin where ``plugins/`` is Airflow's plugins folder; an installed package registers itself.

Airflow takes both otherwise, and shows the second one as an import error.
"""

import logging

import zoho_people
from zoho_people.configuration.installation import installed_version

if installed_version() is None:
    from zoho_people.plugin import ZohoPeoplePlugin

    __all__ = ["ZohoPeoplePlugin"]
else:
    logging.getLogger("zoho_people").info(
        "zoho_people %s is installed, and registers itself; it is loaded from %s",
        installed_version(),
        zoho_people.__path__[0],
    )
