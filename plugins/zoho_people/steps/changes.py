"""The one step of the DAG that tells what changed: from which snapshots, where, and whom Airflow tells of it."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from airflow.sdk import Context
from airflow.sdk.exceptions import AirflowFailException

from zoho_people.comparing.digest import as_extra, as_text
from zoho_people.comparing.snapshot_comparison import SnapshotComparison
from zoho_people.comparing.snapshot_days import days_to_compare, snapshot_days
from zoho_people.comparing.told_days import ToldDays
from zoho_people.configuration.roots import storage_path
from zoho_people.model.snapshot_date import snapshot_date_at
from zoho_people.model.wording import counted
from zoho_people.operators.brief_log import IN_FULL, brief_log
from zoho_people.shared.process import THIS_PROCESS, Process
from zoho_people.steps.asset_events import add_dataset_event
from zoho_people.steps.claims import held_for_run
from zoho_people.steps.complaint import some_of
from zoho_people.steps.dag_names import DagNames
from zoho_people.steps.request import InvalidRequest, ParamValues
from zoho_people.steps.retention import days_kept
from zoho_people.steps.run import run_key
from zoho_people.steps.run_params import ChangesParams
from zoho_people.steps.triggered import output_path_of, triggered_with, values_of
from zoho_people.storage.layout import CHANGES, COVERAGE, PROGRESS
from zoho_people.storage.store import Store

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The snapshot of *day* below *output_path*; empty: the newest one."""

    output_path: str
    day: str = ""


@dataclass(frozen=True, slots=True)
class Compared:
    """The days that were compared below an output path, each with why courses are left as they were."""

    told: ToldDays
    days: tuple[date, ...]
    failures: dict[date, list[str]] = field(default_factory=dict)

    def note(self, *, is_announced: bool) -> None:
        """Note what need not be told by the next run.

        A task that fails announces nothing, so its days are left to the next one; without those that it could not
        compare, which would fail that one too.
        """
        days = [day for day in self.failures if is_announced or self.failures[day]]
        self.told.note(dict.fromkeys(days, is_announced), kept=self.days)


@brief_log()
def tell_changes(context: Context, *, names: DagNames, process: Process = THIS_PROCESS) -> None:
    """Write what changed in the snapshots that started the run, or in the one that its Params name.

    *names* are those of the DAG whose runs fetched them. A digest goes to the log, and to the asset's events.

    :raises AirflowFailException: when all else is told, naming what can't be (a Param, an event, a day without a
        snapshot) and the files that could not be read.
    :raises Claimed: while learners are being forgotten; the next try may find it done.
    """
    snapshots, problems = _asked(context, names)
    done = list[Compared]()
    for snapshot in snapshots:
        try:
            done.append(_tell(context, snapshot, names, process))
        except InvalidRequest as error:
            problems.append(str(error))
    problems += [why for each in done for failures in each.failures.values() for why in failures]
    for each in done:
        each.note(is_announced=not problems)
    if problems:
        raise AirflowFailException(
            f"{counted(len(problems), 'comparison')} could not be made: {some_of(problems)}. What could be "
            "compared is told; what could not stays as it was told before. See to that, and clear this task"
        )


def _asked(context: Context, names: DagNames) -> tuple[list[Snapshot], list[str]]:
    """One snapshot for each output path, since all later ones follow from the first; and what can't be told.

    :raises AirflowFailException: naming a Param that can't be.
    """
    found, problems = set[Snapshot](), list[str]()
    for values in _named(context, names):
        try:
            day = values.checked().snapshot_date or ""
            found.add(Snapshot(output_path_of(values, names, does="compares"), day))
        except InvalidRequest as error:
            problems.append(str(error))
    first: dict[str, Snapshot] = {}
    for each in sorted(found, key=lambda each: (each.output_path, not each.day, each.day)):
        first.setdefault(each.output_path, each)
    return list(first.values()), problems


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


def _extras(context: Context) -> Iterator[dict[str, Any]]:
    """What the events that started the run say; there are none where a person did."""
    events = context.get("triggering_asset_events") or {}
    for of_asset in events.values():
        yield from (event.extra or {} for event in of_asset)


def _tell(context: Context, snapshot: Snapshot, names: DagNames, process: Process) -> Compared:
    """Tell the changes of *snapshot* and of what depends on it.

    There are events of the days that were never announced, and of those whose files say others than before.

    :raises InvalidRequest: when there is no such snapshot.
    """
    store = Store(storage_path(snapshot.output_path))
    with held_for_run([store], run_key(context), pool=names.publish_pool, sleep=process.sleep):
        comparison = SnapshotComparison(store, context["run_id"])
        days, told = snapshot_days(store), ToldDays(store)
        done = Compared(told, tuple(days))
        chosen = _chosen(days, told, snapshot, today=snapshot_date_at(process.now()))
        announced = {day for day in chosen if told.get(day)}
        told.take_out(chosen)
        for day in chosen:
            found = comparison.compare(day)
            log.info("%s", as_text(found), extra=IN_FULL)
            done.failures[day] = found.failures
            if found.files_changed or day not in announced:
                add_dataset_event(context, snapshot.output_path, CHANGES, as_extra(found))
    return done


def _chosen(days: Sequence[date], told: ToldDays, snapshot: Snapshot, *, today: date) -> list[date]:
    """Those of *days* whose changes are to be told.

    :raises InvalidRequest: when there is none.
    """
    day = date.fromisoformat(snapshot.day) if snapshot.day else max(days, default=None)
    if day is None or day not in days:
        newest = ", ".join(map(str, days[:-4:-1])) or "none at all"
        raise InvalidRequest(
            f"there is no coverage of {day or 'any day'} below {snapshot.output_path}; name a snapshot_date that "
            f"is there (the newest: {newest}), or the output_path where the runs write"
        )
    since = _since(today)
    chosen = days_to_compare(days, day, told, since=since)
    if not chosen:
        log.info(
            "Nothing is told of %s: days before %s are not kept ([zoho_people] retention_days)", day, since
        )
    return chosen


def _since(today: date) -> date | None:
    """The first day that the deployer wants kept of what is compared, and of what is told."""
    kept = [days for name, days in days_kept().items() if name in (PROGRESS, COVERAGE, CHANGES)]
    return today - timedelta(days=min(kept)) if kept else None
