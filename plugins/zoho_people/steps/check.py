"""The first step: what can be checked without a request to the API is checked here."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

from airflow.sdk import Context, ObjectStoragePath
from airflow.sdk.exceptions import AirflowFailException

from zoho_people.configuration.deployment import SECTION
from zoho_people.configuration.kept_attributes import attribute_choice
from zoho_people.configuration.privacy import LEARNERS_ROOT, InvalidPrivacy, Privacy
from zoho_people.configuration.roots import storage_path
from zoho_people.hooks.zoho_people import ZohoLearnerProgressHook
from zoho_people.model.pool_names import POOL_SLOTS_OF_A_ROSTER
from zoho_people.model.run_xcoms import Request
from zoho_people.model.snapshot_date import snapshot_date_at
from zoho_people.operators.brief_log import brief_log
from zoho_people.shared.pools import (
    POOLS_VARIABLE,
    PoolUnusable,
    judge,
    read_heartbeat_timeout_s,
    read_pools,
    refuse_short_heartbeat_timeout,
    refuse_smaller,
    usable_slots,
)
from zoho_people.shared.process import THIS_PROCESS, Process
from zoho_people.shared.variables import read_variable
from zoho_people.steps.brought_along import check_brought_along
from zoho_people.steps.dag_names import DagNames
from zoho_people.steps.origins import note_origins, refuse_other_organisations
from zoho_people.steps.output_path import (
    refuse_full_disk,
    remove_stale_staging,
    writable,
)
from zoho_people.steps.request import InvalidRequest, run_request
from zoho_people.steps.retention import days_kept
from zoho_people.steps.run import Run
from zoho_people.steps.run_params import RunParams
from zoho_people.steps.triggered import triggered_with
from zoho_people.storage.forgotten import Forgotten, ForgottenUnreadable
from zoho_people.storage.key_note import OtherKey, check_key
from zoho_people.storage.location import InvalidLocation
from zoho_people.storage.origin import OtherOrigin
from zoho_people.storage.store import Store
from zoho_people.zoho.errors import TemporaryFailure, TokenThrottled, ZohoError
from zoho_people.zoho.origin import origin_of

log = logging.getLogger(__name__)

_RIVAL_MINTS_S = 30.0
"""So long it is worth waiting in the worker for the token that another task mints."""


@brief_log()
def check_request(context: Context, *, names: DagNames, process: Process = THIS_PROCESS) -> dict[str, Any]:
    """The request, as JSON values, of a run of the DAG with *names*.

    The access token is minted here, unless the shared one will do, so that wrong credentials are found once and
    not by every task.

    :raises AirflowFailException: naming the field, the value and the cure. No request was spent.
    :raises TemporaryFailure: when the accounts server can't be reached; the next try may find it.
    :raises BroughtFileUnreachable: when the roster file can't be read now, in the same way.
    """
    _refuse_backfill(context)
    try:
        seen = read_variable(POOLS_VARIABLE)
        started = context["dag_run"].start_date
        # What the scheduler saw of the pools when this run started; None when it said nothing since.
        pools = read_pools(seen, since=started.timestamp() if started else 0.0)
        verdict = judge(pools, pool=names.pool, publish_pool=names.publish_pool)
        request = run_request(
            triggered_with(context, RunParams, names),
            default_output_path=names.default_output_path,
            snapshot_date=snapshot_date_at(process.now()),
            may_defer=verdict.may_defer,
            slots=usable_slots(pools, names.pool),
        )
        days_kept()
        choice = attribute_choice()
        if not request.names_everybody:
            refuse_smaller(pools, names.pool, POOL_SLOTS_OF_A_ROSTER)
        check_brought_along(request)
        run = _with_privacy(context, replace(request, publish_pool=names.publish_pool))
        hook = ZohoLearnerProgressHook(names.conn_id, process=process)
        refuse_short_heartbeat_timeout(read_heartbeat_timeout_s(seen), window_s=hook.settings.window_s)
        refuse_other_organisations(run, origin_of(hook.settings))
        hook.begin_run()
        _have_token(hook)
        if not request.dry_run:
            note_origins(run, origin_of(hook.settings))
    except TemporaryFailure:
        raise
    except (
        ForgottenUnreadable,
        InvalidRequest,
        InvalidLocation,
        InvalidPrivacy,
        OtherKey,
        OtherOrigin,
        PoolUnusable,
        ZohoError,
    ) as error:
        raise AirflowFailException(str(error)) from None
    if verdict.advice:
        log.warning(verdict.advice)
    if str(choice):
        log.info("Of the fields without a column attributes gets %s, as the deployer set it", choice)
    run.begin_staging()
    for store in run.stores:
        remove_stale_staging(store)
    return run.request.to_json()


def needs_rosters(context: Context) -> bool:
    """Whether Zoho has to be asked who is in the courses: where courses and learners are named, it has not."""
    return not Run.of(context).request.names_everybody


def _refuse_backfill(context: Context) -> None:
    """:raises AirflowFailException: in a run that a backfill made."""
    if context["dag_run"].run_type == "backfill":
        raise AirflowFailException(
            "this DAG can't be backfilled: Zoho tells only the present, so each run of a backfill would fetch the "
            "same again. For today's progress trigger a single run, with refresh=full to ask for everything anew; "
            "a day that was missed can't be fetched later"
        )


def _with_privacy(context: Context, request: Request) -> Run:
    """The run of *request*, with what the deployer set of privacy and with learners as the dataset knows them.

    :raises InvalidPrivacy: when that can't be.
    :raises InvalidRequest: when nothing can be written below one of the run's roots.
    :raises OtherKey, ForgottenUnreadable: when no learner may be, by what is there.
    """
    privacy = Privacy.configured()
    request = replace(request, learner_ids=privacy.named_all(request.learner_ids), privacy=privacy.facts())
    run = Run(context, request, privacy)
    store = writable(lambda: Store(storage_path(request.output_path)), "output_path", request.output_path)
    refuse_full_disk(store, request.output_path)
    if root := privacy.own_root:
        writable(lambda: Store(ObjectStoragePath(root)), f"[{SECTION}] {LEARNERS_ROOT}", root)
    for each in run.stores:
        check_key(each, privacy.key_fingerprint)
        Forgotten.read(each)
    return run


def _have_token(hook: ZohoLearnerProgressHook) -> None:
    """Try the credentials. Where no token may be minted now, the tasks wait for one without spending a try."""
    for is_last in (False, True):
        try:
            hook.access_token()
        except TokenThrottled as error:
            wait_s = error.retry_after_s or 0.0
            if is_last or wait_s > _RIVAL_MINTS_S:
                log.warning("%s; the tasks wait for it", error)
                return
            hook.process.sleep(wait_s)
        else:
            return
