"""Which dataset a request is about: the output path of one DAG that its user may read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from airflow.sdk import ObjectStoragePath
from airflow.sdk.exceptions import AirflowFailException
from starlette.requests import Request

from zoho_people.configuration.brought_files import brought_path, file_limits
from zoho_people.configuration.deployment import InvalidOption
from zoho_people.configuration.privacy import OFF, InvalidPrivacy, learners_root
from zoho_people.configuration.roots import allowed_roots, storage_path
from zoho_people.model.unit import shown
from zoho_people.reading.dataset import Dataset
from zoho_people.steps.request import InvalidRequest, ParamValues
from zoho_people.steps.run_params import RunParams
from zoho_people.storage.brought_file import FileLimits, InvalidBroughtFile
from zoho_people.storage.location import InvalidLocation
from zoho_people.web.door import Door, ProgressDag
from zoho_people.web.login import user_of
from zoho_people.web.problem import PageProblem
from zoho_people.web.source import Source

_ONE = "name one of them as dag=…"


@dataclass(frozen=True)
class PageDataset:
    """What the DAG *dag* has published, and what the user may see of it; *read* reads a Variable."""

    dag: ProgressDag
    may_see_names: bool
    read: Callable[[str], str | None]

    @cached_property
    def root(self) -> Any:
        """The output path that a run of the DAG has where nobody chooses another.

        :raises PageProblem: where it is not one that runs may use.
        """
        names = self.dag.names
        try:
            values = ParamValues(
                RunParams,
                params=self.dag.params,
                conf_keys=(),
                variables=names.variables,
                read=self.read,
                roots=allowed_roots(),
            )
            return storage_path(values.output_path(names.default_output_path))
        except (AirflowFailException, InvalidLocation, InvalidRequest) as error:
            problem, _, cure = str(error).partition("; ")
            cure = f"{cure or 'correct it'}; no run of this DAG could write there either"
            raise PageProblem(
                409, f"the output path of {self.dag.dag_id} can't be: {problem}", cure
            ) from None

    @cached_property
    def source(self) -> Source:
        """What is published there, with the names where the deployer keeps them.

        :raises PageProblem: where a setting can't be.
        """
        try:
            kept = learners_root()
        except InvalidPrivacy as error:
            raise PageProblem(
                500, str(error), "correct it where the API server runs, and restart it"
            ) from None
        own = ObjectStoragePath(kept) if kept not in ("", OFF) else None
        dataset = Dataset.at(self.root, learners_root=own)
        return Source(dataset, self._brought("people"), self._brought("deadlines"), _limits())

    def _brought(self, kind: str) -> Any:
        """The file that people have brought along, if one is named.

        :raises PageProblem: where it may not be read.
        """
        variable = self.dag.names.file_variables[kind]
        text = self.read(variable)
        try:
            return brought_path(text, f"{kind} file") if text else None
        except (AirflowFailException, InvalidBroughtFile) as error:
            problem, _, cure = str(error).partition("; ")
            cure = f"{cure or 'correct it'}; or delete the Variable: the page does without the file then"
            raise PageProblem(409, f"Variable {variable}: {problem}", cure) from None


def readable(door: Door, user: Any) -> Sequence[ProgressDag]:
    """The DAGs of this package that *user* may read."""
    return [dag for dag in door.dags() if door.may_read(user, dag.dag_id)]


def sees_names(door: Door, user: Any, dag_id: str) -> bool:
    """Whether *user* may see names.

    :raises PageProblem: where what the deployer set can't be.
    """
    try:
        return door.may_see_names(user, dag_id)
    except InvalidOption as error:
        raise PageProblem(500, str(error), "correct it where the API server runs, and restart it") from None


def dataset_of(request: Request, door: Door) -> PageDataset:
    """The dataset of the request's parameter ``dag``, or of the only DAG that its user may read.

    :raises PageProblem: where there is none, or more than one, or the user may not read it.
    """
    user = user_of(request)
    dag_id = request.query_params.get("dag")
    dag = _named(door, user, dag_id) if dag_id else _only(readable(door, user))
    return PageDataset(dag, sees_names(door, user, dag.dag_id), door.variable)


def _named(door: Door, user: Any, dag_id: str) -> ProgressDag:
    if not door.may_read(user, dag_id):
        raise PageProblem.of_status(403)
    for dag in door.dags():
        if dag.dag_id == dag_id:
            return dag
    raise PageProblem(
        404,
        f"dag {shown(dag_id)} fetches no learner progress",
        "choose a DAG that learner_progress_dag makes",
    )


def _only(dags: Sequence[ProgressDag]) -> ProgressDag:
    if not dags:
        raise PageProblem(
            403,
            "there is no DAG of learner progress that you may read",
            "ask whoever runs this Airflow for read access to one",
        )
    if len(dags) > 1:
        names = ", ".join(dag.dag_id for dag in dags)
        raise PageProblem(400, f"several DAGs fetch learner progress: {names}", _ONE)
    return dags[0]


def _limits() -> FileLimits:
    """:raises PageProblem: where what the deployer set can't be."""
    try:
        return file_limits("file")
    except InvalidBroughtFile as error:
        raise PageProblem(500, str(error), "correct it where the API server runs, and restart it") from None
