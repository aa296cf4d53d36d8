"""What a run has fetched and not yet published, page by page.

Below ``_staging/<run_key>/entity_type=<label>/course-<id>[-batch-<id>]/``:

* ``<learner>.pages/<start index>.arrow``: one page each, while more are to come;
* ``<learner>.pages/failed.json``: why the last try to fetch this learner failed;
* ``<learner>.arrow``: the unit is done. All its rows, none if the learner has none, sorted by entity id.

How pages are kept is in :mod:`.page_files`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from zoho_people.endpoints.attribute_choice import EVERYTHING, AttributeChoice
from zoho_people.endpoints.progress import of_unit
from zoho_people.endpoints.record import clean_text
from zoho_people.endpoints.rows import staged_page
from zoho_people.model.entity_type import EntityType
from zoho_people.model.outcome import ANSWERED, Outcome
from zoho_people.model.staged_unit import StagedUnit
from zoho_people.model.unit import Course, Unit
from zoho_people.staging.new_fields import names_in
from zoho_people.staging.page_files import PageFiles, RunStaging, StagedProgress
from zoho_people.storage import layout
from zoho_people.storage.arrow_columns import moment
from zoho_people.storage.arrow_file import read_metadata
from zoho_people.storage.forgotten import Forgotten
from zoho_people.zoho.page import Page

FORGOTTEN = "forgotten"
"""The outcome of a unit whose learner was forgotten after it was planned; it is in no coverage."""

_FAILED_FILE = "failed.json"


class Staging(RunStaging):
    """One run's units; *choice* says what is kept of the fields that have no column."""

    def __init__(self, root: Any, run_key: str, choice: AttributeChoice = EVERYTHING) -> None:
        super().__init__(root, run_key)
        self._choice = choice

    def progress(self, unit: Unit) -> StagedProgress:
        """How far *unit* is: two looks for what is finished, one listing, the last page's metadata.

        That of a learner who was forgotten is done, whatever came of it: nothing is asked for or kept of it.
        """
        if unit.learner_id in Forgotten.read(self.store):
            return StagedProgress(0, 0, None, True, FORGOTTEN)
        staged = self.unit(unit)
        if staged is not None and staged.outcome != Outcome.FAILED:
            return StagedProgress(staged.pages, staged.rows, None, True, staged.outcome)
        return replace(self._files(unit).progress(), outcome=Outcome.FAILED if staged else None)

    def add_page(self, unit: Unit, page: Page, fetched_at: datetime, dag_run_id: str) -> StagedProgress:
        """Keep *page*; with the last one the unit is done.

        A page that is kept already, or of a unit that is done, changes nothing. A page that comes again with
        another end takes the place of the old one and of those behind it.

        :raises PageOutOfTurn: when it does not follow the pages that are kept.
        :raises RepeatedPage: when it repeats earlier pages and brings nothing else.
        :raises MalformedRecord: when one of its records can't become a row.
        """
        before = self.progress(unit)
        if before.done and before.outcome in (*ANSWERED, FORGOTTEN):
            return before
        files = self._files(unit)
        table = staged_page(files.resource, page, fetched_at, dag_run_id, self._choice)
        if page.has_more:
            if before.done:
                self.store.delete(files.whole)
            files.keep(page, table)
        else:
            whole, progress = files.finished(page, table)
            files.write(whole, _staged_unit(unit, whole, progress.pages, fetched_at).facts())
        return self._unless_forgotten(unit)

    def add_outcome(self, unit: Unit, outcome: str, error: str | None, at: datetime, dag_run_id: str) -> None:
        """Keep why *unit* has no rows: ``not_found`` and ``forbidden`` are final, ``failed`` is not.

        *error* must name no learner. What is done already stays as it is; pages stay for the retry.
        """
        if outcome not in (Outcome.NOT_FOUND, Outcome.FORBIDDEN, Outcome.FAILED):
            raise ValueError(f"outcome {outcome!r} is not one of not_found, forbidden, failed")
        before = self.progress(unit)
        if before.done and before.outcome != Outcome.FORBIDDEN:
            return
        files = self._files(unit)
        if before.done:
            self.store.delete(files.whole)
        text = None if error is None else clean_text(error)
        pages = before.pages if outcome == Outcome.FAILED else before.pages + 1
        staged = StagedUnit(unit.learner_id, outcome, pages, 0, at, error=text)
        if outcome == Outcome.FAILED:
            facts = staged.facts() | {"dag_run_id": dag_run_id}
            self.store.write(f"{files.folder}/{_FAILED_FILE}", json.dumps(facts).encode())
        else:
            no_rows = staged_page(files.resource, Page(0, (), None), at, dag_run_id)
            files.write(no_rows, staged.facts())
        self._unless_forgotten(unit)

    def _unless_forgotten(self, unit: Unit) -> StagedProgress:
        """How far *unit* is; what was just kept goes where the learner was forgotten in the meantime.

        An erasure notes the learner first and looks for files then. So it finds what was written before the note,
        and whoever writes later sees the note here.
        """
        progress = self.progress(unit)
        if progress.outcome == FORGOTTEN:
            self._files(unit).remove()
        return progress

    def unit(self, unit: Unit) -> StagedUnit | None:
        """What is known of *unit*: that it is done, or that its last try failed; None while neither."""
        files = self._files(unit)
        try:
            return StagedUnit.from_facts(unit.learner_id, read_metadata(self.store, files.whole))
        except FileNotFoundError:
            pass
        try:
            return StagedUnit.from_facts(
                unit.learner_id, json.loads(self.store.read(f"{files.folder}/{_FAILED_FILE}"))
            )
        except FileNotFoundError:
            return None

    def units(self, entity_type: EntityType, course: Course) -> StagedUnits:
        """What there is of the units of one of the dataset's files: one listing."""
        names = self.store.names(layout.staged_course_folder(self.key, entity_type, course))
        return StagedUnits(
            self,
            entity_type,
            course,
            frozenset(name.removesuffix(".arrow") for name in names if name.endswith(".arrow")),
            frozenset(name.removesuffix(".pages") for name in names if name.endswith(".pages")),
        )

    def table(self, unit: Unit) -> pa.Table:
        """The rows of a unit that is done, sorted by entity id."""
        return self._files(unit).table()

    def remove(self) -> None:
        """Remove all that the run staged."""
        self.store.delete_tree(layout.staging_folder(self.key))

    def remove_fetched(self) -> None:
        """Remove what was fetched. The plan stays: a task of the run that is cleared later needs it."""
        folder = layout.staging_folder(self.key)
        for name in self.store.names(folder):
            if name.startswith(layout.TYPE_FOLDER):
                self.store.delete_tree(f"{folder}/{name}")

    def _files(self, unit: Unit) -> PageFiles:
        return PageFiles(self.store, self.key, of_unit(unit))


@dataclass(frozen=True, slots=True)
class StagedUnits:
    """The units of one of the dataset's files, as they were listed; each is looked at when it is asked for.

    ``done`` are the learners whose unit is done, ``begun`` those of whom there is something else.
    """

    staging: Staging
    entity_type: EntityType
    course: Course
    done: frozenset[str]
    begun: frozenset[str]

    def finished(self, learner_id: str) -> StagedUnit | None:
        """The learner's unit if it is done."""
        return self.staging.unit(self.unit(learner_id)) if learner_id in self.done else None

    def failed(self, learner_id: str) -> StagedUnit | None:
        """The learner's unit if it is not done, and its last try failed."""
        is_open = learner_id in self.begun and learner_id not in self.done
        return self.staging.unit(self.unit(learner_id)) if is_open else None

    def progress(self, learner_id: str) -> StagedProgress:
        """How far the learner's unit is."""
        return self.staging.progress(self.unit(learner_id))

    def table(self, learner_id: str) -> pa.Table:
        """The rows of a unit that is done, sorted by entity id."""
        return self.staging.table(self.unit(learner_id))

    def unit(self, learner_id: str) -> Unit:
        """The learner's unit."""
        return Unit(self.course, learner_id, self.entity_type)


def _staged_unit(unit: Unit, whole: pa.Table, pages: int, fetched_at: datetime) -> StagedUnit:
    return StagedUnit(
        unit.learner_id,
        Outcome.FETCHED if whole.num_rows else Outcome.EMPTY,
        pages,
        whole.num_rows,
        fetched_at,
        _latest(whole["fetched_at"]),
        fields=names_in(whole["attributes"].to_pylist(), unit.entity_type),
    )


def _latest(moments: Any) -> datetime | None:
    """The newest of a column of moments. Not by way of a timestamp's ``as_py``: that imports pandas, too."""
    microseconds: int | None = pc.max(moments.cast(pa.int64())).as_py()
    return None if microseconds is None else moment(microseconds)
