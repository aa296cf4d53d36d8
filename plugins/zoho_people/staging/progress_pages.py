"""What a run has fetched and not yet published, page by page.

Below ``_staging/<run_key>/entity_type=<label>/course-<id>[-batch-<id>]/``:

* ``<learner>.pages/<start index>.arrow``: one page each, while more are to come;
* ``<learner>.pages/failed.json``: why the last try to fetch this learner failed;
* ``<learner>.arrow``: the unit is done. All its rows, none if the learner has none, sorted by entity id.

Every file is replaced as a whole and says in its schema's metadata what came before it, so a task that died
at any point goes on behind the last page that is there. A page is only kept in its turn; so the last one
vouches for those before it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from zoho_people.model.entity_type import EntityType
from zoho_people.model.outcome import ANSWERED, Outcome
from zoho_people.model.staged_unit import StagedUnit
from zoho_people.model.unit import Course, Unit
from zoho_people.staging.attribute_choice import EVERYTHING, AttributeChoice
from zoho_people.staging.new_fields import names_in
from zoho_people.staging.progress_rows import as_utc, normalize_page
from zoho_people.staging.record import clean_text
from zoho_people.storage import layout
from zoho_people.storage.arrow_columns import column, moment
from zoho_people.storage.arrow_file import read_metadata, read_table, write_table
from zoho_people.storage.forgotten import Forgotten
from zoho_people.storage.schema import PROGRESS_SCHEMA
from zoho_people.storage.store import Store
from zoho_people.zoho.page import ProgressPage

FORGOTTEN = "forgotten"
"""The outcome of a unit whose learner was forgotten after it was planned; it is in no coverage."""

_FAILED_FILE = "failed.json"


class RepeatedPage(ValueError):
    """A page with nothing but records that earlier pages had, and more to come: reading on would never end.

    The unit's pages are dropped, so that the next try begins at the first one.
    """

    def __init__(self, unit: Unit, *, start_index: int) -> None:
        super().__init__(
            f"{unit}: the page at {start_index} repeats records of earlier pages and brings no other"
        )
        self.start_index = start_index


class PageOutOfTurn(ValueError):
    """A page that does not follow what is staged; ``expected`` is where to go on."""

    def __init__(self, unit: Unit, *, start_index: int, expected: int) -> None:
        super().__init__(f"{unit}: the page at {start_index} is out of turn; go on at {expected}")
        self.start_index = start_index
        self.expected = expected


@dataclass(frozen=True, slots=True)
class StagedProgress:
    """How far a unit is. ``rows`` counts records as they came; once ``done``, the rows to publish.

    ``next_start_index`` is where to go on (None once done). ``outcome`` is one of
    an outcome or :data:`FORGOTTEN`, None while nothing is decided; a unit that ``failed`` is
    not done.
    """

    pages: int = 0
    rows: int = 0
    next_start_index: int | None = 0
    done: bool = False
    outcome: str | None = None


class Staging:
    """One run's staging below *root* (see :class:`Store` for what that may be).

    *choice* says what is kept of the fields that have no column.
    """

    def __init__(self, root: Any, run_key: str, choice: AttributeChoice = EVERYTHING) -> None:
        self.root = root
        self.key = run_key
        self._choice = choice

    run_key = staticmethod(layout.run_key)

    @cached_property
    def store(self) -> Store:
        """The files; temporary ones are within this run's folder and go with it."""
        return Store(self.root, scratch=f"{layout.staging_folder(self.key)}/_tmp")

    def progress(self, unit: Unit) -> StagedProgress:
        """How far *unit* is: two looks for what is finished, one listing, the last page's metadata.

        That of a learner who was forgotten is done, whatever came of it: nothing is asked for or kept of it.
        """
        if unit.learner_id in Forgotten.read(self.store):
            return StagedProgress(0, 0, None, True, FORGOTTEN)
        staged = self.unit(unit)
        if staged is not None and staged.outcome != Outcome.FAILED:
            return StagedProgress(staged.pages, staged.rows, None, True, staged.outcome)
        kept = self._last_page(unit)
        outcome = Outcome.FAILED if staged else None
        return StagedProgress(kept["pages"], kept["rows"], kept["next_start_index"], False, outcome)

    def add_page(
        self, unit: Unit, page: ProgressPage, fetched_at: datetime, dag_run_id: str
    ) -> StagedProgress:
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
        table = normalize_page(unit, page, fetched_at, dag_run_id, self._choice)
        starts = self._page_starts(unit)
        self._check_turn(unit, page, starts)
        self._check_news(unit, page, table, starts)
        if before.done and page.next_start_index is not None:
            self.store.delete(self._done(unit))
        if page.next_start_index is None:
            self._finish(unit, [start for start in starts if start < page.start_index], table, fetched_at)
        else:
            self._keep(unit, page, table, starts)
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
        if before.done:
            self.store.delete(self._done(unit))
        text = None if error is None else clean_text(error)
        pages = before.pages if outcome == Outcome.FAILED else before.pages + 1
        staged = StagedUnit(unit.learner_id, outcome, pages, 0, as_utc(at), error=text)
        if outcome == Outcome.FAILED:
            facts = staged.facts() | {"dag_run_id": dag_run_id}
            self.store.write(f"{self._pages(unit)}/{_FAILED_FILE}", json.dumps(facts).encode())
        else:
            self._write_unit(unit, staged, _no_rows())
        self._unless_forgotten(unit)

    def _unless_forgotten(self, unit: Unit) -> StagedProgress:
        """How far *unit* is; what was just kept goes where the learner was forgotten in the meantime.

        An erasure notes the learner first and looks for files then. So it finds what was written before the note,
        and whoever writes later sees the note here.
        """
        progress = self.progress(unit)
        if progress.outcome == FORGOTTEN:
            self.store.delete(self._done(unit))
            self.store.delete_tree(self._pages(unit))
        return progress

    def unit(self, unit: Unit) -> StagedUnit | None:
        """What is known of *unit*: that it is done, or that its last try failed; None while neither."""
        try:
            return StagedUnit.from_facts(unit.learner_id, read_metadata(self.store, self._done(unit)))
        except FileNotFoundError:
            pass
        try:
            return StagedUnit.from_facts(
                unit.learner_id, json.loads(self.store.read(f"{self._pages(unit)}/{_FAILED_FILE}"))
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
        return read_table(self.store, self._done(unit), PROGRESS_SCHEMA)

    def remove(self) -> None:
        """Remove all that the run staged."""
        self.store.delete_tree(layout.staging_folder(self.key))

    def remove_fetched(self) -> None:
        """Remove what was fetched. The plan stays: a task of the run that is cleared later needs it."""
        folder = layout.staging_folder(self.key)
        for name in self.store.names(folder):
            if name.startswith("entity_type="):
                self.store.delete_tree(f"{folder}/{name}")

    def _folder(self, unit: Unit) -> str:
        return layout.staged_course_folder(self.key, unit.entity_type, unit.course)

    def _done(self, unit: Unit) -> str:
        return f"{self._folder(unit)}/{unit.learner_id}.arrow"

    def _pages(self, unit: Unit) -> str:
        return f"{self._folder(unit)}/{unit.learner_id}.pages"

    def _page(self, unit: Unit, start: int) -> str:
        return f"{self._pages(unit)}/{start:012d}.arrow"

    def _rows_of_page(self, unit: Unit, start: int) -> pa.Table:
        return read_table(self.store, self._page(unit, start), PROGRESS_SCHEMA)

    def _page_starts(self, unit: Unit) -> list[int]:
        names = self.store.names(self._pages(unit))
        return [int(name.removesuffix(".arrow")) for name in names if name.endswith(".arrow")]

    def _last_page(self, unit: Unit) -> dict[str, Any]:
        starts = self._page_starts(unit)
        if not starts:
            return {"pages": 0, "rows": 0, "next_start_index": 0}
        return read_metadata(self.store, self._page(unit, starts[-1]))

    def _check_turn(self, unit: Unit, page: ProgressPage, starts: list[int]) -> None:
        expected = self._last_page(unit)["next_start_index"]
        if page.start_index != expected and page.start_index not in starts:
            raise PageOutOfTurn(unit, start_index=page.start_index, expected=expected)

    def _check_news(self, unit: Unit, page: ProgressPage, table: pa.Table, starts: list[int]) -> None:
        earlier = [start for start in starts if start < page.start_index]
        if not earlier or not table.num_rows or page.next_start_index is None:
            return
        known = pa.concat_tables(self._rows_of_page(unit, start) for start in earlier)
        news = pc.invert(pc.is_in(table["entity_id"], value_set=known["entity_id"].combine_chunks()))
        if not pc.any(news).as_py():
            self.store.delete_tree(self._pages(unit))
            raise RepeatedPage(unit, start_index=page.start_index)

    def _keep(self, unit: Unit, page: ProgressPage, table: pa.Table, starts: list[int]) -> None:
        path = self._page(unit, page.start_index)
        if page.start_index in starts:
            if read_metadata(self.store, path)["next_start_index"] == page.next_start_index:
                return
            for start in reversed([start for start in starts if start >= page.start_index]):
                self.store.delete(self._page(unit, start))
        before = self._last_page(unit)
        facts = {
            "pages": before["pages"] + 1,
            "rows": before["rows"] + table.num_rows,
            "next_start_index": page.next_start_index,
        }
        write_table(self.store, path, table, facts)

    def _finish(self, unit: Unit, starts: list[int], last: pa.Table, fetched_at: datetime) -> None:
        kept = [self._rows_of_page(unit, start) for start in starts]
        table = _one_row_per_entity(pa.concat_tables([*kept, last]))
        latest = _latest(table["fetched_at"])
        outcome = Outcome.FETCHED if table.num_rows else Outcome.EMPTY
        staged = StagedUnit(
            unit.learner_id,
            outcome,
            len(kept) + 1,
            table.num_rows,
            as_utc(fetched_at),
            latest,
            fields=names_in(table["attributes"].to_pylist(), unit.entity_type),
        )
        self._write_unit(unit, staged, table)

    def _write_unit(self, unit: Unit, staged: StagedUnit, table: pa.Table) -> None:
        """Write the file that makes the unit done; pages that a crash leaves are never looked at."""
        write_table(self.store, self._done(unit), table, staged.facts())
        self.store.delete_tree(self._pages(unit))


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


def _no_rows() -> pa.Table:
    return pa.Table.from_arrays([column((), field.type) for field in PROGRESS_SCHEMA], schema=PROGRESS_SCHEMA)


def _latest(moments: Any) -> datetime | None:
    """The newest of a column of moments. Not by way of a timestamp's ``as_py``: that imports pandas, too."""
    microseconds: int | None = pc.max(moments.cast(pa.int64())).as_py()
    return None if microseconds is None else moment(microseconds)


def _one_row_per_entity(table: pa.Table) -> pa.Table:
    """*table* sorted by entity id, each entity once, as it came last.

    Zoho's pages are offsets into a list that may change while it is read: an entity that is added in the
    meantime pushes a record from the end of one page to the start of the next, where it comes again. What
    came last was read last.
    """
    entity_ids: list[Any] = table["entity_id"].to_pylist()
    last_row = {entity_id: row for row, entity_id in enumerate(entity_ids)}
    rows = column((last_row[entity_id] for entity_id in sorted(last_row)), pa.int64())
    return table.take(rows).combine_chunks()
