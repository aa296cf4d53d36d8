"""The one step of the DAG that forgets learners: what ``python -m zoho_people forget`` does, from the UI."""

from __future__ import annotations

import logging

from airflow.sdk import Context
from airflow.sdk.exceptions import AirflowFailException

from zoho_people.configuration.erasure import forgetting_of
from zoho_people.configuration.privacy import InvalidPrivacy
from zoho_people.configuration.roots import storage_path
from zoho_people.erasing.forgetting import Forgetting
from zoho_people.model.wording import counted
from zoho_people.steps.dag_names import DagNames
from zoho_people.steps.request import InvalidRequest, ParamValues
from zoho_people.steps.run_params import ForgetParams
from zoho_people.steps.triggered import output_path_of, triggered_with
from zoho_people.storage.forgotten import ForgottenUnreadable
from zoho_people.storage.layout import run_digest
from zoho_people.storage.location import InvalidLocation
from zoho_people.storage.origin import OtherOrigin, refuse_beside_other

log = logging.getLogger(__name__)


def forget(context: Context, *, names: DagNames) -> None:
    """Forget the learners of the Param ``learner_ids`` in the output path; counts go to the log, no learner does.

    *names* are those of the DAG that fetched them.

    :raises AirflowFailException: when a Param can't be; and when a file can't be read, or an id still stands
        somewhere.
    :raises Claimed: while a run is planning or publishing; the next try may find it done.
    """
    try:
        values = triggered_with(context, ForgetParams, names)
        params = _checked(values)
        output_path = output_path_of(values, names, does="forgets")
        name = f"dag-{run_digest(context['ti'].dag_id, context['run_id'])}"
        forgetting = forgetting_of([storage_path(output_path)], name=name)
        refuse_beside_other(*forgetting.stores)
        _forget(forgetting, output_path, params)
    except (InvalidRequest, InvalidLocation, InvalidPrivacy, ForgottenUnreadable, OtherOrigin) as error:
        raise AirflowFailException(str(error)) from None


def _checked(values: ParamValues[ForgetParams]) -> ForgetParams:
    """:raises InvalidRequest: naming the first Param that can't be."""
    params = values.checked()
    if not params.learner_ids:
        raise InvalidRequest("Param learner_ids is empty; name the learners to forget")
    return params


def _forget(forgetting: Forgetting, output_path: str, params: ForgetParams) -> None:
    """:raises AirflowFailException: when a person has to see to something."""
    learner_ids = tuple(dict.fromkeys(params.learner_ids))
    named = counted(len(learner_ids), "learner")
    if params.undo:
        count = forgetting.undo(learner_ids)
        log.info("Of %s %d were forgotten in %s; the next run asks for them again", named, count, output_path)
        return
    done = forgetting.forget(learner_ids, look=params.look)
    lines = [line for each in done for line in each.lines()]
    log.info("Forgot %s in\n%s", named, "\n".join(lines))
    if not all(each.is_sure for each in done):
        raise AirflowFailException(
            "all that could be read is erased, but a file can't be read, or an id still stands somewhere: the log "
            "above says where (UNREADABLE, LEFT)"
        )
