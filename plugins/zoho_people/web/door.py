"""What the page asks Airflow for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from zoho_people.steps.dag_names import DagNames

if TYPE_CHECKING:
    from starlette.requests import Request


class NotSignedIn(Exception):
    """Nobody is signed in, or with a token that opens nothing (any more)."""


@dataclass(frozen=True, slots=True)
class ProgressDag:
    """A DAG that ``learner_progress_dag`` made: its names, and the defaults of its Params."""

    names: DagNames
    display_name: str
    params: Mapping[str, Any]

    @property
    def dag_id(self) -> str:
        """The DAG's id."""
        return self.names.dag_id


class Door(Protocol):
    """Airflow, as far as the page knows it. *user* is what :meth:`user_of` gave."""

    async def user_of(self, request: Request) -> Any:
        """Who sent *request*.

        :raises NotSignedIn: where that is nobody.
        """

    def dags(self) -> Sequence[ProgressDag]:
        """The DAGs of this package, whoever may see them."""

    def may_read(self, user: Any, dag_id: str) -> bool:
        """Whether *user* may read the DAG."""

    def may_see_names(self, user: Any, dag_id: str) -> bool:
        """Whether *user* may see the names and e-mail addresses of the DAG's learners."""
