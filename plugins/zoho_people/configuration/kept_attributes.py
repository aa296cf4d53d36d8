"""Which fields the deployer wants in ``attributes``: ``[zoho_people] attributes_keep`` or ``attributes_drop``."""

from __future__ import annotations

from zoho_people.configuration.deployment import SECTION, option_list
from zoho_people.endpoints.attribute_choice import AttributeChoice
from zoho_people.zoho.errors import InvalidSettings

KEEP, DROP = "attributes_keep", "attributes_drop"


def attribute_choice() -> AttributeChoice:
    """The deployer's choice; everything where nothing is chosen.

    :raises InvalidSettings: when both are set.
    """
    keep, drop = option_list(KEEP), option_list(DROP)
    if keep and drop:
        raise InvalidSettings(
            f"{KEEP} and {DROP} are both set in the section [{SECTION}] of Airflow's configuration; set the one "
            "that names fewer fields, and remove the other"
        )
    return AttributeChoice.of(keep, drop)
