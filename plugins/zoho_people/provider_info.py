"""What Airflow reads of this package as a provider: its connection type with the form, and its settings.

The schema is Airflow's own, ``airflow/provider_info.schema.json`` (3.3).
"""

from __future__ import annotations

from typing import Any

from zoho_people import __version__
from zoho_people.configuration.installation import DISTRIBUTION
from zoho_people.configuration.provider_config import CONFIG
from zoho_people.zoho.data_centers import DATA_CENTERS, DEFAULT
from zoho_people.zoho.settings import CONNECTION_TYPE

_NAME = "Zoho People"


def get_provider_info() -> dict[str, Any]:
    """The provider's metadata, for the entry point ``apache_airflow_provider``."""
    return {
        "package-name": DISTRIBUTION,
        "name": _NAME,
        "description": "Learner progress out of Zoho People's LMS, into partitioned Parquet.",
        "versions": [__version__],
        "integrations": [
            {
                "integration-name": _NAME,
                "external-doc-url": "https://www.zoho.com/people/api/overview.html",
                "tags": ["service"],
            }
        ],
        "hooks": [{"integration-name": _NAME, "python-modules": ["zoho_people.hooks.zoho_people"]}],
        "operators": [
            {
                "integration-name": _NAME,
                "python-modules": ["zoho_people.operators.learner_progress", "zoho_people.operators.lists"],
            }
        ],
        "triggers": [{"integration-name": _NAME, "python-modules": ["zoho_people.triggers.instant"]}],
        "connection-types": [
            {
                "connection-type": CONNECTION_TYPE,
                "hook-name": _NAME,
                "hook-class-name": "zoho_people.hooks.zoho_people.ZohoLearnerProgressHook",
                "ui-field-behaviour": _FIELD_BEHAVIOUR,
                "conn-fields": _CONNECTION_FIELDS,
            }
        ],
        "extra-links": [
            "zoho_people.operators.links.ZohoPeopleLink",
            "zoho_people.steps.folder_link.FolderLink",
        ],
        "config": CONFIG,
    }


_FIELD_BEHAVIOUR: dict[str, Any] = {
    "hidden-fields": [],
    "relabeling": {
        "login": "Client ID",
        "password": "Client secret",
        "host": "API host (instead of the data centre's)",
        "schema": "Scheme of the API host",
        "port": "Port of the API host",
    },
    "placeholders": {
        "login": "1000.…, of your self client in api-console.zoho.com",
        "host": "leave empty",
        "schema": "leave empty",
        "port": "0, or Airflow 3.3.2 does not test the connection from its list",
    },
}


def _field(label: str, description: str, kind: str, **schema: Any) -> dict[str, Any]:
    """A field of type *kind*, which may be left empty."""
    return {"label": label, "description": description, "schema": {"type": [kind, "null"], **schema}}


_CONNECTION_FIELDS: dict[str, Any] = {
    "refresh_token": _field(
        "Refresh token",
        "Made once with the self client's grant code: python -m zoho_people authorize",
        "string",
        format="password",
    ),
    "data_center": _field(
        "Data centre",
        "Where your organisation's account lives: the ending of the address at which you open Zoho People",
        "string",
        enum=list(DATA_CENTERS),
        values_display={
            name: f"{center.country} (people.{center.domain})" for name, center in DATA_CENTERS.items()
        },
        default=DEFAULT,
    ),
    "daily_limit": _field(
        "Daily limit",
        "The organisation's API calls a day, by its licence. A run then plans what fits; empty: no plan for it",
        "integer",
        minimum=1,
        maximum=10_000_000,
    ),
    "reserve_percent": _field(
        "Reserve (percent)",
        "The share of the daily limit that the organisation's other applications need; empty: 10",
        "integer",
        minimum=0,
        maximum=99,
    ),
    "accounts_url": _field(
        "Accounts server",
        "Rarely needed: where tokens are minted, if not at the data centre's. The deployer has to allow the host",
        "string",
    ),
    "window_seconds": _field(
        "Window (seconds)",
        "Rarely needed: in so many seconds Zoho allows 30 requests; empty: 60",
        "number",
        minimum=1,
        maximum=86_400,
    ),
    "lock_seconds": _field(
        "Lock (seconds)",
        "Rarely needed: so long Zoho locks the API past the limit; empty: 300",
        "number",
        minimum=1,
        maximum=86_400,
    ),
    "timeout_seconds": _field(
        "Time-out (seconds)",
        "Rarely needed: for a connection, for each read of the headers, and for the body; empty: 30",
        "number",
        minimum=0.1,
        maximum=86_400,
    ),
    "allow_http": _field(
        "Allow plain http",
        "Rarely needed: the access token then crosses the network in clear, to a host that the deployer allows",
        "boolean",
    ),
}
