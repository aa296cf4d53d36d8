"""What a person writes into a DAG's file, checked while Airflow parses it."""

from __future__ import annotations

import re
import time
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from zoho_people.model.snapshot_date import snapshot_date_at
from zoho_people.model.wording import quoted
from zoho_people.steps.dag_names import VARIABLE_ENDINGS, DagNames
from zoho_people.steps.request import InvalidRequest, ParamValues, run_request
from zoho_people.steps.run_params import DEFAULTS, RunParams
from zoho_people.storage.layout import EXTRA_DATASETS
from zoho_people.storage.location import InvalidLocation, Location

LONGEST_DAG_ID = 250 - len("_") - max(map(len, VARIABLE_ENDINGS.values()))
"""So that the names of its Variables are no longer than Airflow lets them be."""

_NO_DEFAULTS: Mapping[str, str] = {
    "output_path": "write output_path=… beside params",
    "roster_file": "name the file in the Variable <dag_id>_roster_file",
}
"""The Params whose default is not in ``params``, and the cure."""

_PACE = "it keeps the tasks' pace and order; leave it out"
_OWN_ARGS: Mapping[str, str] = {
    "depends_on_past": _PACE,
    "do_xcom_push": "the tasks tell each other by XComs what is to be done; leave it out",
    "execution_timeout": "a task that waits in its worker would be cut off before its slot is free; leave it out",
    "on_lock": "write on_lock=… beside default_args",
    "op_args": "the tasks take none; leave it out",
    "op_kwargs": "the tasks take none; leave it out",
    "params": "write params=… beside default_args",
    "pool": "write pool=… and publish_pool=… beside default_args",
    "pool_slots": _PACE,
    "trigger_rule": _PACE,
    "wait_for_downstream": _PACE,
}
"""The arguments that the DAG's own flow and pace are made of, and the cure."""

_NO_ASSETS = frozenset({"self", "context"})
"""Airflow has no asset of such a name, and each DAG has one of its own name."""

_LONGEST_TAG = 100
_DAG_ID = re.compile(r"[\w.-]+")
_CONN_ID = re.compile(r"[\w#!()\-.:/\\]{1,200}")


class InvalidKeyword(ValueError):
    """A keyword has an impossible value; the message names it, the value and the cure."""

    def __init__(self, keyword: str, value: object, cure: str) -> None:
        super().__init__(f"{keyword}={quoted(value)} can't be: {cure}")


def refuse_names(names: DagNames, *, dag_id: str = "dag_id") -> None:
    """Refuse *names* of which one can't be, or two can't go together; *dag_id* is the keyword of the DAG's id.

    :raises InvalidKeyword: naming the first.
    """
    if not _matches(_DAG_ID, names.dag_id) or len(names.dag_id) > LONGEST_DAG_ID:
        cure = f"use letters, digits, '_', '-' and '.', {LONGEST_DAG_ID} at the most"
        raise InvalidKeyword(dag_id, names.dag_id, cure)
    if names.dag_id in _NO_ASSETS:
        raise InvalidKeyword(dag_id, names.dag_id, "Airflow allows no asset of this name; use another")
    if not _matches(_CONN_ID, names.conn_id):
        raise InvalidKeyword("conn_id", names.conn_id, "write the id of a connection of the type Zoho People")
    for keyword, pool in (("pool", names.pool), ("publish_pool", names.publish_pool)):
        _refuse_pool(keyword, pool)
    if names.pool == names.publish_pool:
        cure = (
            "it is the pool of requests, too. Publishing needs a pool of its own with one slot, so that no two "
            "runs merge into one file at once"
        )
        raise InvalidKeyword("publish_pool", names.publish_pool, cure)
    if names.output_path is not None:
        _refuse_path(names.output_path)


def param_defaults(given: Mapping[str, Any], *, output_path: str | None) -> dict[str, Any]:
    """The default of every Param: the package's own, and those *given* in the DAG's file.

    :raises InvalidKeyword: where one of them can't be.
    """
    if not isinstance(given, Mapping):
        raise InvalidKeyword(
            "params", given, "write the defaults by name, such as params={'refresh': 'full'}"
        )
    for name, value in given.items():
        if name in _NO_DEFAULTS:
            raise InvalidKeyword("params", {name: value}, _NO_DEFAULTS[name])
        if name not in DEFAULTS:
            allowed = ", ".join(sorted(set(DEFAULTS) - set(_NO_DEFAULTS)))
            raise InvalidKeyword(
                "params", {name: value}, f"{quoted(name)} is no Param; use one of: {allowed}"
            )
    given = {name: list(value) if isinstance(value, tuple) else value for name, value in given.items()}
    # Learners may be named here, and their courses in the Variable of the DAG.
    named = given if given.get("courses") or not given.get("learner_ids") else {**given, "courses": ["1"]}
    try:
        values = ParamValues(RunParams, params=named, conf_keys=named, variables={}, read=lambda _: None)
        today = snapshot_date_at(time.time())
        run_request(values, default_output_path=output_path or "/", snapshot_date=today)
    except InvalidRequest as error:
        raise InvalidKeyword("params", given, str(error)) from None
    return {**DEFAULTS, **given, "output_path": output_path}


def refuse_options(
    *, start_date: object, max_active_runs: object, tags: object, default_args: object
) -> None:
    """:raises InvalidKeyword: where an option of the DAG can't be."""
    if not isinstance(start_date, datetime):
        cure = "write a datetime, such as pendulum.datetime(2026, 1, 1, tz='Europe/Berlin')"
        raise InvalidKeyword("start_date", start_date, cure)
    if isinstance(max_active_runs, bool) or not isinstance(max_active_runs, int) or max_active_runs < 1:
        raise InvalidKeyword("max_active_runs", max_active_runs, "write a whole number from 1")
    if not _are_tags(tags):
        cure = f"write a list of texts of at most {_LONGEST_TAG} characters, such as ['zoho', 'eu']"
        raise InvalidKeyword("tags", tags, cure)
    if not isinstance(default_args, Mapping):
        raise InvalidKeyword(
            "default_args", default_args, "write them by name, such as {'owner': 'learning'}"
        )
    own = sorted(set(_OWN_ARGS).intersection(default_args))
    if own:
        raise InvalidKeyword("default_args", {own[0]: default_args[own[0]]}, _OWN_ARGS[own[0]])


def refuse_datasets(extra_datasets: object) -> None:
    """:raises InvalidKeyword: where it names something that can't be read besides."""
    is_list = isinstance(extra_datasets, Collection) and not isinstance(extra_datasets, str)
    names = list(extra_datasets) if is_list and isinstance(extra_datasets, Collection) else [None]
    if any(names.count(name) > 1 or name not in EXTRA_DATASETS for name in names):
        cure = f"write a list of any of these, each once: {', '.join(EXTRA_DATASETS)}"
        raise InvalidKeyword("extra_datasets", extra_datasets, cure)


def _are_tags(tags: object) -> bool:
    if isinstance(tags, (str, bytes)) or not isinstance(tags, Collection):
        return False
    return all(isinstance(tag, str) and 0 < len(tag) <= _LONGEST_TAG for tag in tags)


def _refuse_pool(keyword: str, pool: object) -> None:
    if not isinstance(pool, str) or not pool or pool != pool.strip() or len(pool) > 256:
        raise InvalidKeyword(keyword, pool, "write the name of a pool")
    if not pool.isprintable():
        raise InvalidKeyword(keyword, pool, "a character of it can't be seen; write the name of a pool anew")
    if pool == "default_pool":
        cure = "tasks of every DAG are in it; make a pool of its own (docs/several-organisations.md)"
        raise InvalidKeyword(keyword, pool, cure)


def _refuse_path(output_path: object) -> None:
    try:
        Location.parse(output_path)
    except InvalidLocation as error:
        raise InvalidKeyword("output_path", output_path, str(error)) from None


def _matches(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None
