"""Whether the package is installed as a distribution, which Airflow finds by its entry points."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

DISTRIBUTION = "airflow-provider-zoho-people"


def installed_version() -> str | None:
    """The installed distribution's version; None where the package only lies in ``plugins/``."""
    try:
        return version(DISTRIBUTION)
    except PackageNotFoundError:
        return None
