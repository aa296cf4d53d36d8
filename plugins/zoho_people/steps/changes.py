"""The one step of the DAG that tells what changed: from which snapshots, where, and whom Airflow tells of it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk.exceptions import AirflowFailException

from zoho_people.configuration.roots import storage_path
from zoho_people.model.wording import counted
from zoho_people.operators.brief_log import IN_FULL, brief_log
from zoho_people.steps.asset_events import add_dataset_event
from zoho_people.steps.claims import held_for_run
from zoho_people.steps.dag_names import DagNames
from zoho_people.steps.other_dags import output_path_of, triggered_with, values_of
from zoho_people.steps.request import InvalidRequest, ParamValues
from zoho_people.steps.retention import days_kept
from zoho_people.steps.run import run_key
from zoho_people.steps.run_params import ChangesParams
from zoho_people.storage.layout import CHANGES, COVERAGE, PROGRESS

if TYPE_CHECKING:
    from airflow.sdk import Context

    from zoho_people.storage.store import Store

log = logging.getLogger(__name__)

_NAMED = 20
"""How many of the files that could not be read are named."""


@dataclass(frozen=True, slots=True, order=True)
class Snapshot:
    """The snapshot of *day* below *output_path*; empty: the newest one."""

    output_path: str
    day: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a run is asked to tell, and what of that can't be."""

    snapshots: tuple[Snapshot, ...]
    problems: tuple[str, ...]


@brief_log()
def tell_changes(context: Context, *, names: DagNames, sleep: Callable[[float], None] = time.sleep) -> None:
    """Write what changed in the snapshots that started the run, or in the one that its Params name.

    *names* are those of the DAG whose runs fetched them. A digest goes to the log, and to the asset's events.

    :raises AirflowFailException: when all else is told, naming what can't be (a Param, an event, a day without a
        snapshot) and the files that could not be read.
    :raises Claimed: while learners are being forgotten; the next try may find it done.
    """
    from zoho_people.storage.arrow_memory import give_back_memory

    give_back_memory()
    asked = _asked(context, names)
    problems = list(asked.problems)
    for snapshot in asked.snapshots:
        try:
            problems += _tell(context, snapshot, names, sleep)
        except InvalidRequest as error:
            problems.append(str(error))
    if problems:
        named = "; ".join(problems[:_NAMED]) + ("; …" if len(problems) > _NAMED else "")
        raise AirflowFailException(
            f"{counted(len(problems), 'comparison')} could not be made: {named}. What could be compared is told; "
            "what could not stays as it was told before. See to that, and clear this task"
        )


def _asked(context: Context, names: DagNames) -> Asked:
    """What the run is about: one snapshot for each output path, since all later ones follow from the first.

    :raises AirflowFailException: naming a Param that can't be.
    """
    found, problems = set[Snapshot](), []
    for values in _named(context, names):
        try:
            found.add(_snapshot(values, names))
        except InvalidRequest as error:
            problems.append(str(error))
    first: dict[str, Snapshot] = {}
    for each in sorted(found, key=_newest_last):
        first.setdefault(each.output_path, each)
    return Asked(tuple(first.values()), tuple(problems))


def _named(context: Context, names: DagNames) -> list[ParamValues[ChangesParams]]:
    """What the Params say, or else the events that started the run.

    :raises AirflowFailException: naming a Param that can't be.
    """
    try:
        triggered = triggered_with(context, ChangesParams, names)
        triggered.checked()
    except InvalidRequest as error:
        raise AirflowFailException(str(error)) from None
    extras = [] if any(triggered.params.values()) else list(_extras(context))
    return [values_of(extra, ChangesParams, names) for extra in extras] or [triggered]


def _newest_last(snapshot: Snapshot) -> tuple[str, bool, str]:
    return snapshot.output_path, not snapshot.day, snapshot.day


def _extras(context: Context) -> Iterator[dict[str, Any]]:
    """What the events that started the run say; there are none where a person did."""
    events = context.get("triggering_asset_events") or {}
    for of_asset in events.values():
        yield from (event.extra or {} for event in of_asset)


def _snapshot(values: ParamValues[ChangesParams], names: DagNames) -> Snapshot:
    """:raises InvalidRequest: naming what can't be."""
    day = values.checked().snapshot_date
    return Snapshot(output_path_of(values, names, does="compares"), day or "")


def _tell(context: Context, snapshot: Snapshot, names: DagNames, sleep: Callable[[float], None]) -> list[str]:
    """Tell the changes of *snapshot* and of what depends on it; why courses are left as they were.

    :raises InvalidRequest: when there is no such snapshot.
    """
    from zoho_people.comparing.digest import as_extra, as_text
    from zoho_people.comparing.snapshot_comparison import SnapshotComparison
    from zoho_people.storage.store import Store

    store = Store(storage_path(snapshot.output_path))
    failures: list[str] = []
    with held_for_run([store], run_key(context), pool=names.publish_pool, sleep=sleep):
        comparison = SnapshotComparison(store, context["run_id"])
        for day in _days(store, snapshot):
            found = comparison.compare(day)
            log.info("%s", as_text(found), extra=IN_FULL)
            failures += found.failures
            add_dataset_event(context, snapshot.output_path, CHANGES, as_extra(found))
    return failures


def _days(store: Store, snapshot: Snapshot) -> list[date]:
    """The days whose changes are to be told.

    :raises InvalidRequest: when there is none.
    """
    from zoho_people.comparing.snapshot_days import days_to_compare, snapshot_days

    days = snapshot_days(store)
    day = date.fromisoformat(snapshot.day) if snapshot.day else max(days, default=None)
    if day not in days:
        newest = ", ".join(map(str, days[:-4:-1])) or "none at all"
        raise InvalidRequest(
            f"there is no coverage of {day or 'any day'} below {snapshot.output_path}; name a snapshot_date that "
            f"is there (the newest: {newest}), or the output_path where the runs write"
        )
    since = _since(datetime.now(UTC).date())
    chosen = days_to_compare(store, day, since=since)
    if not chosen:
        log.info(
            "Nothing is told of %s: days before %s are not kept ([zoho_people] retention_days)", day, since
        )
    return chosen


def _since(today: date) -> date | None:
    """The first day that the deployer wants kept of what is compared, and of what is told."""
    kept = [days for name, days in days_kept().items() if name in (PROGRESS, COVERAGE, CHANGES)]
    return today - timedelta(days=min(kept)) if kept else None
