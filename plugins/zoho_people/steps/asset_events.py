"""What Airflow is told of the datasets when they are published: an event for each, with counts and no ids."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

from airflow.sdk import Asset, Context
from pydantic import JsonValue

from zoho_people.assets.datasets import LONGEST_URI, dataset_alias, dataset_uri
from zoho_people.model.run_xcoms import Published
from zoho_people.publishing.coverage import Coverage
from zoho_people.steps.run import Run
from zoho_people.storage.layout import COURSES, COVERAGE, LEARNERS, PROGRESS

log = logging.getLogger(__name__)


def add_asset_events(run: Run, coverage: Coverage, published: Published) -> None:
    """Have Airflow tell of what *run* has *published* once the task succeeds.

    A task that fails for what is missing tells nothing: a DAG that is scheduled on an asset starts when the
    snapshot is complete.
    """
    extra = _extra(run, coverage, published)
    uris = [add_dataset_event(run.context, root, dataset, extra) for dataset, root in _datasets(run)]
    run.context["outlet_events"][Asset(run.context["ti"].dag_id)].extra = {
        **extra,
        "datasets": list(filter(None, uris)),
        "output_path": run.request.output_path,
    }


def add_dataset_event(context: Context, root: str, dataset: str, extra: dict[str, JsonValue]) -> str | None:
    """Have Airflow tell of a *dataset* below *root*, by the DAG's alias; its URI, None where that is too long."""
    uri = dataset_uri(root, dataset)
    if len(uri) > LONGEST_URI:
        log.warning("There is no event of the asset %s: its URI is longer than Airflow takes", dataset)
        return None
    alias = dataset_alias(context["ti"].dag_id, dataset)
    context["outlet_events"][alias].add(Asset(uri=uri), extra=extra)
    return uri


def _datasets(run: Run) -> Iterator[tuple[str, str]]:
    """The datasets that the run writes, and below which root."""
    yield PROGRESS, run.request.output_path
    yield COVERAGE, run.request.output_path
    if run.request.names_everybody:
        return
    yield COURSES, run.request.output_path
    if run.privacy.keeps_learners:
        yield LEARNERS, run.learners_root


def _extra(run: Run, coverage: Coverage, published: Published) -> dict[str, Any]:
    counts = published.answers
    return {
        "snapshot_date": run.request.snapshot_date.isoformat(),
        "rows": published.rows + published.rows_carried,
        "learners": coverage.learners,
        "coverage": {"asked": counts.asked, "answered": counts.answered, "missing": counts.missing},
        "files_changed": published.files_changed,
        "requests": published.spent.requests,
        "minutes": round(published.spent.seconds / 60.0, 1),
    }
