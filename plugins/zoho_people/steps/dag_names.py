"""The names that one DAG goes by: what it shares with no other organisation's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from zoho_people.model.pool_names import API_POOL, PUBLISH_POOL

DAG_ID = "zoho_learner_progress"
CONN_ID = "zoho_people_default"

VARIABLE_ENDINGS: Mapping[str, str] = {
    "courses": "courses",
    "learner_ids": "learners",
    "output_path": "output",
    "roster_file": "roster_file",
}
"""How the Variable's name ends that stands in for a Param left empty; it begins with the DAG's id."""


FILE_ENDINGS = ("people", "deadlines")
"""How the Variables' names end that name files for who reads the data; no run needs them."""


def project_data(package: Path) -> str:
    """``data`` in the project that has the *package* in its ``plugins``; empty for one that is installed."""
    return str(package.parents[1] / "data") if package.parent.name == "plugins" else ""


PROJECT_DATA = project_data(Path(__file__).parents[1])


@dataclass(frozen=True, slots=True)
class DagNames:
    """``pool`` has a slot for each request of the last minute, ``publish_pool`` one slot in all.

    ``output_path`` is where the DAG's file says that runs write; where it says nothing they do in ``data``.
    """

    dag_id: str = DAG_ID
    conn_id: str = CONN_ID
    pool: str = API_POOL
    publish_pool: str = PUBLISH_POOL
    output_path: str | None = None
    data: str = PROJECT_DATA

    @property
    def default_output_path(self) -> str:
        """Where a run writes that nobody gave another place."""
        return self.output_path or self.data

    @property
    def variables(self) -> dict[str, str]:
        """The Variable that stands in for each Param that is left empty."""
        return {param: f"{self.dag_id}_{ending}" for param, ending in VARIABLE_ENDINGS.items()}

    @property
    def file_variables(self) -> dict[str, str]:
        """The Variable that names each file that is read with the data: ``people`` and ``deadlines``."""
        return {ending: f"{self.dag_id}_{ending}" for ending in FILE_ENDINGS}
