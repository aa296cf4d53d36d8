"""The one step of the DAG that forgets learners: what ``python -m zoho_people forget`` does, from the UI."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from airflow.sdk.configuration import conf
from airflow.sdk.exceptions import AirflowFailException

from zoho_people.configuration.privacy import InvalidPrivacy
from zoho_people.configuration.roots import allowed_roots, storage_path
from zoho_people.model.wording import counted
from zoho_people.shared.variables import read_variable
from zoho_people.steps.check import DEFAULT_OUTPUT_PATH
from zoho_people.steps.dag_names import DagNames
from zoho_people.steps.request import DEFAULTS, Asked, InvalidRequest, refuse_unheard
from zoho_people.storage.location import InvalidLocation, Location

if TYPE_CHECKING:
    from airflow.sdk import Context

    from zoho_people.erasing.forgetting import Done, Forgetting

log = logging.getLogger(__name__)


def forget(context: Context, *, names: DagNames) -> None:
    """Forget the learners of the Param ``learner_ids`` in the output path; counts go to the log, no learner does.

    *names* are those of the DAG that fetched them.

    :raises AirflowFailException: when a Param can't be; and when a file can't be read, or an id still stands
        somewhere.
    :raises Claimed: while a run is planning or publishing; the next try may find it done.
    """
    from zoho_people.configuration.erasure import forgetting_of
    from zoho_people.storage.forgotten import ForgottenUnreadable
    from zoho_people.storage.layout import run_digest
    from zoho_people.storage.origin import OtherOrigin, refuse_beside_other

    try:
        output_path, learner_ids = _asked(context, names)
        name = f"dag-{run_digest(context['ti'].dag_id, context['run_id'])}"
        forgetting = forgetting_of([storage_path(output_path)], name=name)
        refuse_beside_other(*forgetting.stores)
        _forget(forgetting, output_path, learner_ids, context["params"])
    except (InvalidRequest, InvalidLocation, InvalidPrivacy, ForgottenUnreadable, OtherOrigin) as error:
        raise AirflowFailException(str(error)) from None


def _asked(context: Context, names: DagNames) -> tuple[str, tuple[str, ...]]:
    """The output path, and the learners.

    :raises InvalidRequest: naming the first Param that can't be.
    """
    given = context["dag_run"].conf or {}
    refuse_unheard(
        given, context["params"], overrides=conf.getboolean("core", "dag_run_conf_overrides_params")
    )
    unknown = sorted(set(given) - set(context["dag"].params))
    if unknown:
        raise InvalidRequest(f"Param {unknown[0]!r} is unknown; allowed: {', '.join(context['dag'].params)}")
    params = {name: context["params"][name] for name in ("learner_ids", "output_path")}
    if not params["learner_ids"]:
        raise InvalidRequest("Param learner_ids is empty; name the learners to forget")
    request = Asked(
        params={**DEFAULTS, **params, "courses": ["0"]},
        conf_keys=(),
        variables={"output_path": names.variables["output_path"]},
        read=read_variable,
        roots=allowed_roots(),
    ).request(
        default_output_path=names.output_path or DEFAULT_OUTPUT_PATH, snapshot_date=datetime.now(UTC).date()
    )
    if names.output_path:
        _refuse_elsewhere(request.output_path, names.output_path)
    return request.output_path, request.learner_ids


def _refuse_elsewhere(output_path: str, own: str) -> None:
    """:raises InvalidRequest: where *output_path* is neither the DAG's *own* nor below it."""
    root = Location.parse(own)
    if Location.parse(output_path).below(root) is None:
        raise InvalidRequest(
            f"output_path '{output_path}' is outside of '{root}', and by its file this DAG forgets there and "
            "below only; name a place there, or trigger the DAG whose file names the other"
        )


def _forget(
    forgetting: Forgetting, output_path: str, learner_ids: tuple[str, ...], params: dict[str, Any]
) -> None:
    named = counted(len(learner_ids), "learner")
    if params["undo"]:
        count = forgetting.undo(learner_ids)
        log.info("Of %s %d were forgotten in %s; the next run asks for them again", named, count, output_path)
        return
    done = forgetting.forget(learner_ids, look=params["look"])
    lines = [line for each in done for line in each.lines()]
    log.info("Forgot %s in\n%s", named, "\n".join(lines))
    _refuse_unsure(done)


def _refuse_unsure(done: Sequence[Done]) -> None:
    """:raises AirflowFailException: when a person has to see to something."""
    if not all(each.is_sure for each in done):
        raise AirflowFailException(
            "all that could be read is erased, but a file can't be read, or an id still stands somewhere: the log "
            "above says where (UNREADABLE, LEFT)"
        )
