"""The datasets as Airflow's assets: for runs, which tell of them, and for DAGs that are scheduled on them.

Where a run writes is known when it runs, so the DAG has an alias for each dataset, and the asset comes with the
run: see ``docs/assets.md``. DAG files import this: of Airflow it has ``airflow.sdk`` alone.
"""

from __future__ import annotations

from urllib.parse import quote

from airflow.sdk import Asset, AssetAlias

from zoho_people.storage.layout import CHANGES, COURSES, COVERAGE, EXTRA_DATASETS, LEARNERS, PROGRESS
from zoho_people.storage.location import Location

OF_RUNS = (PROGRESS, COVERAGE, COURSES, LEARNERS)
"""What runs that fetch write."""

DATASETS = (*OF_RUNS, *EXTRA_DATASETS, CHANGES)
LONGEST_URI = 1_500
"""As many characters as Airflow takes."""

_SCHEMES = {"gcs": "gs", "az": "abfs", "abfss": "abfs"}
"""Protocols that name the same files."""


def dataset_uri(output_path: str, dataset: str = PROGRESS) -> str:
    """The URI of a *dataset* below *output_path*: one for the same files, however they are written down.

    It has no connection: neither its id nor anything in it.

    :raises ValueError: when there is no such dataset, or *output_path* is no absolute path or URL.
    """
    if dataset not in DATASETS:
        raise ValueError(f"dataset {dataset!r} is unknown; use one of: {', '.join(DATASETS)}")
    place = Location.parse(output_path)
    scheme = _SCHEMES.get(place.protocol, place.protocol)
    return f"{scheme}://{place.bucket}/{quote('/'.join((*place.parts, dataset)))}"


def dataset_asset(output_path: str, dataset: str = PROGRESS) -> Asset:
    """A *dataset* below *output_path*, for a DAG's ``schedule``; its name is its URI.

    :raises ValueError: as :func:`dataset_uri`.
    """
    return Asset(uri=dataset_uri(output_path, dataset))


def dataset_alias(dag_id: str, dataset: str = PROGRESS) -> AssetAlias:
    """A *dataset* of the DAG *dag_id*, wherever its runs write."""
    return AssetAlias(f"{dag_id}.{dataset}")


def outlets_of(dag_id: str) -> list[Asset | AssetAlias]:
    """What the task ``publish`` tells of: each dataset, and the DAG's asset that has no URI."""
    return [Asset(dag_id), *(dataset_alias(dag_id, dataset) for dataset in OF_RUNS)]
