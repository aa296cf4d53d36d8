"""Takes all that an output path has of some learners out of it, file by file.

Only files that have something of them are written anew, each as a whole; so a reader sees one state or the other,
and who was ended half-way begins once more and finds what is left. Files of other people's (no column
``learner_id``) are left alone: :mod:`.traces` tells what still stands there.

The names and addresses of the learners come last. Until then another try finds them, and can look for them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from zoho_people.endpoints.course_learners import COURSE_LEARNERS
from zoho_people.endpoints.registry import OF_LEARNERS
from zoho_people.endpoints.rows import rows_of
from zoho_people.model.unit import Course
from zoho_people.staging.list_pages import leave_out
from zoho_people.storage import layout
from zoho_people.storage.arrow_columns import total
from zoho_people.storage.row_groups import value_ranges
from zoho_people.storage.store import Store

log = logging.getLogger(__name__)

LEARNER_ID = "learner_id"
_DATASETS = (layout.PROGRESS, layout.COVERAGE, layout.CHANGES, *layout.EXTRA_DATASETS)
_LOOKS_AT_ONCE = 8
_FILES_AT_A_TIME = 1_024
_SCRATCH = ("/_tmp/", "/_writable-")


@dataclass(frozen=True, slots=True)
class Place:
    """Where something was: a dataset (or ``_state``, ``_staging``) and, where it has days, the day."""

    dataset: str
    day: str = ""

    @classmethod
    def of(cls, path: str) -> Place:
        """The place of a file."""
        dataset, *folders = path.split("/")
        days = (
            each.removeprefix(layout.DAY_FOLDER) for each in folders if each.startswith(layout.DAY_FOLDER)
        )
        return cls(dataset, next(days, ""))


@dataclass(slots=True)
class Erased:
    """What was found of the learners and is gone, by place: files and rows.

    ``texts`` are their names and e-mail addresses as far as they were there; ``unreadable`` the files that can't
    be read, and so may still have something.
    """

    files: dict[Place, int] = field(default_factory=dict)
    rows: dict[Place, int] = field(default_factory=dict)
    texts: set[str] = field(default_factory=set)
    unreadable: list[str] = field(default_factory=list)

    def count(self, path: str, rows: int) -> None:
        """Count a file that had *rows* of the learners."""
        place = Place.of(path)
        self.files[place] = self.files.get(place, 0) + 1
        self.rows[place] = self.rows.get(place, 0) + rows


@dataclass(frozen=True, slots=True)
class Erasure:
    """The erasure of *learner_ids* (as they stand in the files) from the output path of *store*.

    Temporary files that a process left behind before *began_at* go as well.
    """

    store: Store
    learner_ids: frozenset[str]
    began_at: datetime
    erased: Erased = field(default_factory=Erased)

    def run(self) -> Erased:
        """Erase; what there was."""
        for folder in (*_DATASETS, layout.STATE, layout.LEARNERS):
            tables = (path for path in self.store.files(folder) if path.endswith(".parquet"))
            self._from_tables(tables)
        # What tasks that are fetching had in hand when the learners were forgotten is here by now.
        for run_key in self.store.names(layout.STAGING):
            self._from_staging(run_key)
        return self.erased

    def _from_staging(self, run_key: str) -> None:
        paths = self.store.files(layout.staging_folder(run_key))
        self._from_tables(path for path in paths if path.endswith(".parquet"))
        self._remove_staged(run_key)
        self._remove_scratch(paths)
        for path in paths:
            if layout.is_staged_roster(path):
                self._attempt(self._from_roster, path)

    def _from_tables(self, paths: Iterator[str]) -> None:
        """From Parquet files with a column ``learner_id``: many are looked at, few have to be written."""
        with ThreadPoolExecutor(_LOOKS_AT_ONCE) as threads:
            while some := list(islice(paths, _FILES_AT_A_TIME)):
                for path, holds in zip(some, threads.map(self._holds, some), strict=True):
                    if holds:
                        self._attempt(self._from_table, path)

    def _holds(self, path: str) -> bool:
        """Whether the file may have rows of the learners; where it can't be read, writing it tells."""
        try:
            with self.store.open(path) as source, pq.ParquetFile(source) as file:
                return _has_learners(file) and any(
                    self._holds_any(file.read_row_group(group, columns=[LEARNER_ID], use_threads=False))
                    for group in _groups_with(file, self.learner_ids)
                )
        except FileNotFoundError:
            return False
        except (pa.ArrowException, OSError, ValueError):
            return True

    def _holds_any(self, table: pa.Table) -> bool:
        return bool(total(pc.is_in(table[LEARNER_ID], value_set=self._ids)))

    def _attempt(self, erase: Callable[[str], int], path: str) -> None:
        """Erase from one file; one that is damaged is kept and told."""
        try:
            rows = erase(path)
        except FileNotFoundError:
            return  # a run has removed it in the meantime
        except (pa.ArrowException, OSError, ValueError) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            log.error("%s can't be read (%s)", path, type(error).__name__)  # noqa: TRY400
            self.erased.unreadable.append(path)
            return
        if rows:
            self.erased.count(path, rows)

    def _from_table(self, path: str) -> int:
        rows = 0
        with (
            self.store.open(path) as source,
            pq.ParquetFile(source) as file,
            self.store.replacing(path) as temporary,
            _like(file, temporary) as writer,
        ):
            for group in range(file.num_row_groups):
                table = file.read_row_group(group)
                theirs: Any = pc.is_in(table[LEARNER_ID], value_set=self._ids)
                self._note_texts(table.filter(theirs))
                kept = table.filter(pc.invert(theirs))
                rows += table.num_rows - kept.num_rows
                if kept.num_rows:
                    writer.write_table(kept)
        return rows

    def _from_roster(self, path: str) -> int:
        found = leave_out(self.store, path, self.learner_ids)
        if found.num_rows:
            self._note_texts(rows_of(found, COURSE_LEARNERS.of(Course("0"))))
        return found.num_rows

    def _note_texts(self, rows: pa.Table) -> None:
        for name in {"learner_name", "email"} & set(rows.column_names):
            self.erased.texts.update(text for text in rows[name].to_pylist() if text)

    def _remove_staged(self, run_key: str) -> None:
        """Remove what was fetched of the learners: it stands under their ids."""
        run = layout.staging_folder(run_key)
        for kind in self.store.names(run):
            for course in self.store.names(f"{run}/{kind}") if kind.startswith(layout.TYPE_FOLDER) else ():
                self._remove_named(f"{run}/{kind}/{course}")
        lists = layout.staged_rosters_folder(run_key)
        self._remove_named(lists, *(endpoint.staged_before_id for endpoint in OF_LEARNERS))

    def _remove_named(self, folder: str, *begins: str) -> None:
        """Remove what is staged in *folder* under the id of one of the learners, behind one of *begins*."""
        theirs = {f"{begin}{learner_id}" for begin in begins or ("",) for learner_id in self.learner_ids}
        for name in self.store.names(folder):
            if name.partition(".")[0] in theirs:
                path = f"{folder}/{name}"
                self.erased.count(path, 0)
                self.store.delete_tree(path)

    def _remove_scratch(self, paths: Collection[str]) -> None:
        for path in paths:
            if any(part in path for part in _SCRATCH) and self._is_left_behind(path):
                self.store.delete(path)

    def _is_left_behind(self, path: str) -> bool:
        try:
            return self.store.modified(path) < self.began_at
        except FileNotFoundError:
            return False

    @property
    def _ids(self) -> pa.Array[Any]:
        return pa.array(sorted(self.learner_ids), pa.string())


def _has_learners(file: pq.ParquetFile) -> bool:
    """Whether the file says of each row whose it is, as all of this project's do that are about learners."""
    schema = file.schema_arrow
    return LEARNER_ID in schema.names and pa.types.is_string(schema.field(LEARNER_ID).type)


def _groups_with(file: pq.ParquetFile, learner_ids: Collection[str]) -> Iterator[int]:
    """The row groups that may have one of *learner_ids*, by their statistics."""
    for group, ids in enumerate(value_ranges(file, LEARNER_ID)):
        if any(map(ids.may_have, learner_ids)):
            yield group


def _like(file: pq.ParquetFile, path: Any) -> pq.ParquetWriter:
    """A new file with the schema and order of *file*."""
    order = file.metadata.row_group(0).sorting_columns if file.num_row_groups else ()
    return pq.ParquetWriter(path, file.schema_arrow, compression="zstd", sorting_columns=list(order) or None)
