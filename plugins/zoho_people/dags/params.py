"""The Params of the DAGs, made of their models: what a person who triggers them may choose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow.sdk import Param

from zoho_people.steps.dag_names import DagNames
from zoho_people.steps.run_params import DagParams, form_schema


def params_of(kind: type[DagParams], names: DagNames, defaults: Mapping[str, Any]) -> dict[str, Param]:
    """The Params of a DAG whose texts name what belongs to *names*; *defaults* has a default for each."""
    where = f"**{names.output_path}**" if names.output_path else "**data/** in the project"
    return {
        name: Param(
            defaults[name],
            **form_schema(kind, name, variable=names.variables.get(name, ""), output_path=where),
        )
        for name in kind.model_fields
    }
