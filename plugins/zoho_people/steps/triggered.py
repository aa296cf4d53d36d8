"""What a run was triggered with; of a DAG that fetches nothing itself, too, and where another DAG's runs write."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from airflow.sdk import Context, conf

from zoho_people.configuration.roots import allowed_roots
from zoho_people.shared.variables import read_variable
from zoho_people.steps.dag_names import DagNames
from zoho_people.steps.request import InvalidRequest, Params, ParamValues, refuse_unheard
from zoho_people.steps.run_params import RunParams
from zoho_people.storage.location import Location


def triggered_with(context: Context, kind: type[Params], names: DagNames) -> ParamValues[Params]:
    """The Params of the run, of the DAG with *names* or of one that goes with it.

    :raises InvalidRequest: where it was triggered with something else.
    """
    given = context["dag_run"].conf or {}
    refuse_unheard(
        given, context["params"], overrides=conf.getboolean("core", "dag_run_conf_overrides_params")
    )
    # Airflow adds unknown keys of a run's conf to its params: the DAG's own are the known ones.
    params = {name: context["params"][name] for name in context["dag"].params}
    return values_of(params, kind, names, conf_keys=given)


def values_of(
    params: Mapping[str, Any], kind: type[Params], names: DagNames, *, conf_keys: Iterable[str] = ()
) -> ParamValues[Params]:
    """*params*, and the Variables of the DAG with *names*; for another DAG just the one for its output path."""
    own = names.variables
    return ParamValues(
        kind,
        params=params,
        conf_keys=tuple(conf_keys),
        variables=own if kind is RunParams else {"output_path": own["output_path"]},
        read=read_variable,
        roots=allowed_roots(),
    )


def output_path_of(values: ParamValues[Params], names: DagNames, *, does: str) -> str:
    """The output path; by its file a DAG does what it *does* in the output path of *names* and below only.

    :raises InvalidRequest: when that can't be.
    """
    output_path = values.output_path(names.default_output_path)
    root = Location.parse(names.output_path) if names.output_path else None
    if root and Location.parse(output_path).below(root) is None:
        raise InvalidRequest(
            f"output_path '{output_path}' is outside of '{root}', and by its file this DAG {does} there and "
            "below only; name a place there, or trigger the DAG whose file names the other"
        )
    return output_path
