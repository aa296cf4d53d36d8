"""What the page answers where it can't show what it was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

PROBLEMS: Mapping[int, tuple[str, str]] = {
    401: ("you are not signed in to Airflow, or no longer", "sign in, and open the page again"),
    403: ("you may not see this", "ask whoever runs this Airflow for read access to the DAG"),
    404: ("there is nothing at this address", "open the page from Airflow's navigation"),
    405: ("this address can only be read", "open the page from Airflow's navigation"),
}
"""What Airflow or the web framework refuses, by status, and the cure."""

UNEXPECTED = (
    "the page met an error of its own",
    "try again; where it comes back, the log of Airflow's API server names it",
)


class PageProblem(Exception):
    """A request that can't be answered: *problem* names the field and the value, *cure* what to do."""

    def __init__(self, status: int, problem: str, cure: str) -> None:
        super().__init__(f"{problem}; {cure}")
        self.status = status
        self.problem = problem
        self.cure = cure

    @classmethod
    def of_status(cls, status: int) -> PageProblem:
        """What is told of a *status* that has no more to it."""
        return cls(status, *PROBLEMS.get(status, UNEXPECTED))

    def body(self) -> dict[str, Any]:
        """As JSON."""
        return {"detail": {"problem": self.problem, "cure": self.cure}}
