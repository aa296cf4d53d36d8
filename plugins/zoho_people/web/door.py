"""What the page asks Airflow for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from zoho_people.model.run_xcoms import PlanFigures, Spent
from zoho_people.steps.dag_names import DagNames

if TYPE_CHECKING:
    from starlette.requests import Request

    from zoho_people.shared.connection_state import SharedState
    from zoho_people.zoho.settings import ConnectionSettings


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


@dataclass(frozen=True, slots=True)
class Run:
    """A run of the DAG. ``plan`` has its figures, None where it was not planned (yet)."""

    run_id: str
    state: str
    start: datetime | None
    end: datetime | None
    is_dry: bool = False
    plan: PlanFigures | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """A task that failed, and what it said last; empty where its log can't be read, or not by the user.

    *error* is the class of the error, *label* what a mapped task is called: course, entity type and learner id.
    """

    run_id: str
    task_id: str
    map_index: int
    when: datetime | None
    said: str = ""
    error: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class PoolUse:
    """A pool's slots, and how many of them are taken now."""

    slots: int
    in_use: int


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

    def variable(self, key: str) -> str | None:
        """An Airflow Variable, None where there is none."""

    def settings(self, conn_id: str) -> ConnectionSettings:
        """The values of a connection.

        :raises InvalidSettings: where they can't be.
        """

    def shared(self, conn_id: str) -> SharedState:
        """What the tasks know of a connection."""

    def pool(self, name: str) -> PoolUse | None:
        """A pool; None where it is missing."""

    def runs(self, user: Any, dag_id: str, *, most: int) -> Sequence[Run]:
        """The latest runs of the DAG, the newest first; none where *user* may not read runs."""

    def failures(self, user: Any, dag_id: str, *, most: int) -> Sequence[Failure]:
        """The last tasks that failed, the newest first; none where *user* may not read task instances."""

    def counts_since(self, user: Any, dag_id: str, since: datetime) -> Sequence[tuple[str, Spent]]:
        """The counts of the tasks that sent requests, each with its run's id; those written since *since*."""
