"""One request of the page, checked, and its answer, also where files change or can't be read meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from starlette.datastructures import QueryParams

from zoho_people.reading.errors import (
    NoDataset,
    NoSuchDay,
    ReadingError,
    UnknownParameter,
    UnreachableFiles,
    UnreadableFile,
)
from zoho_people.storage.layout import COVERAGE
from zoho_people.web.dataset import PageDataset
from zoho_people.web.groups import refuse_unknown
from zoho_people.web.keeper import Keeper
from zoho_people.web.parameters import Parameters
from zoho_people.web.problem import PageProblem
from zoho_people.web.view import View

T = TypeVar("T")

_TRIES = 20
"""How many damaged files one request leaves out; the next request goes on."""

_STATUS: Mapping[type[ReadingError], int] = {NoDataset: 404, NoSuchDay: 404, UnknownParameter: 400}

NOTHING = "nothing is published yet: trigger a run of the DAG"


@dataclass(frozen=True)
class PageRequest:
    """The dataset and the parameters of a request."""

    dataset: PageDataset
    keeper: Keeper
    parameters: Parameters
    filters: dict[str, Any]
    group_by: str | None

    @classmethod
    def of(
        cls, dataset: PageDataset, keeper: Keeper, given: QueryParams, taken: Collection[str]
    ) -> PageRequest:
        """The parameters that are *given* of those *taken*, checked.

        :raises PageProblem: naming the first that can't be.
        """
        parameters = Parameters.of(given, taken, may_see_names=dataset.may_see_names)
        return cls(dataset, keeper, parameters, parameters.filters(), parameters.group_by())

    @property
    def dag_id(self) -> str:
        """The DAG whose dataset it is about."""
        return self.dataset.dag.dag_id

    @property
    def may_see_names(self) -> bool:
        """Whether names may be told."""
        return self.dataset.may_see_names

    def answer(self, ask: Callable[[View], dict[str, Any]]) -> dict[str, Any]:
        """What *ask* finds, with what is to be said of it."""

        def with_cautions(view: View) -> dict[str, Any]:
            return {
                **ask(view),
                "snapshot_date": view.day.isoformat(),
                "pending_days": view.pending_days,
                "warnings": [*view.warnings, *_cautions(view)],
            }

        return self.look(with_cautions)

    def look(self, ask: Callable[[View], T]) -> T:
        """What *ask* finds. What can't be read is left out, and what was published meanwhile is looked at anew.

        :raises PageProblem: where nothing can be found.
        """
        was_unreachable = False
        for _ in range(_TRIES):
            try:
                with self.keeper.view(self.dataset.source, self.parameters.snapshot_date) as view:
                    refuse_unknown(view, self.filters, self.group_by)
                    return ask(view)
            except UnreadableFile as error:
                if not self.keeper.leave_out(self.dataset.source, error):
                    raise _problem(500, error) from None
            except UnreachableFiles as error:
                # Files may have been replaced or removed since they were listed: once more, and only once.
                if was_unreachable:
                    raise _problem(503, error) from None
                was_unreachable = True
            except ReadingError as error:
                raise _problem(_STATUS.get(type(error), 500), error) from None
        raise PageProblem(503, f"more than {_TRIES} files can't be read", "open the page again, to go on")

    def snapshots(self) -> dict[str, Any]:
        """The days of which there is a snapshot."""
        try:
            state = self.keeper.state(self.dataset.source)
        except ReadingError as error:
            raise _problem(503, error) from None
        days = [day.isoformat() for day in state.snapshots]
        return {
            "dates": days,
            "latest": state.latest.isoformat() if days else None,
            "files_fingerprint": state.short_fingerprint,
            "output_path": str(self.dataset.root),
            "warnings": [*state.unreadable.values(), *([] if days else [NOTHING])],
        }


def _cautions(view: View) -> Iterator[str]:
    """What figures of *view* must not be taken for."""
    there, before = view.courses_known
    if there < before:
        yield (
            f"this snapshot has {there} of the {before} courses and batches that the one before has: a run of a "
            "part of them, perhaps; choose an earlier day, or trigger a run of all"
        )
    if not view.state.files.paths(COVERAGE, [view.day]):
        yield (
            f"there is no coverage of {view.day}, so nobody knows what was asked for on that day; restore its "
            f"files below {COVERAGE}, or trigger a run"
        )
    if view.lacks_due_dates:
        yield "due dates that count from a learner's first day are not known before all days are counted"


def _problem(status: int, error: Exception) -> PageProblem:
    """*error*, whose text is problem and cure."""
    problem, _, cure = str(error).partition("; ")
    return PageProblem(status, problem, cure or "try again")
