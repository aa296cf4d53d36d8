"""What a DAG that fetches nothing itself is asked for: where another DAG's runs write, and its own Params."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from airflow.sdk.configuration import conf

from zoho_people.configuration.roots import allowed_roots
from zoho_people.model.run_xcoms import Request
from zoho_people.shared.variables import read_variable
from zoho_people.steps.check import DEFAULT_OUTPUT_PATH
from zoho_people.steps.dag_names import DagNames
from zoho_people.steps.request import DEFAULTS, Asked, InvalidRequest, refuse_unheard
from zoho_people.storage.location import Location

if TYPE_CHECKING:
    from airflow.sdk import Context


def refuse_unknown_params(context: Context) -> None:
    """:raises InvalidRequest: naming a Param that the run was triggered with, and that it doesn't have or hear."""
    given = context["dag_run"].conf or {}
    refuse_unheard(
        given, context["params"], overrides=conf.getboolean("core", "dag_run_conf_overrides_params")
    )
    unknown = sorted(set(given) - set(context["dag"].params))
    if unknown:
        raise InvalidRequest(f"Param {unknown[0]!r} is unknown; allowed: {', '.join(context['dag'].params)}")


def request_of(params: Mapping[str, Any], names: DagNames, *, does: str) -> Request:
    """*params*, some of those of the DAG with *names*, as it would take them for a run.

    *does* says what is done there. By its file it is done in the DAG's own output path and below only.

    :raises InvalidRequest: naming the first Param or Variable that can't be.
    """
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
        _refuse_elsewhere(request.output_path, names.output_path, does)
    return request


def _refuse_elsewhere(output_path: str, own: str, does: str) -> None:
    """:raises InvalidRequest: where *output_path* is neither the DAG's *own* nor below it."""
    root = Location.parse(own)
    if Location.parse(output_path).below(root) is None:
        raise InvalidRequest(
            f"output_path '{output_path}' is outside of '{root}', and by its file this DAG {does} there and "
            "below only; name a place there, or trigger the DAG whose file names the other"
        )
