"""A DuckDB connection that has the datasets of one output path as tables, and can reach nothing else."""

from __future__ import annotations

import glob
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from zoho_people.reading.dataset_files import DatasetFiles
from zoho_people.reading.days import day_of_path
from zoho_people.reading.errors import ReadingError, UnreachableFiles
from zoho_people.reading.literals import literal
from zoho_people.reading.people import BroughtAlong
from zoho_people.reading.people_columns import USUAL
from zoho_people.reading.questions import Facts, Question
from zoho_people.reading.relations import Files, learner_ids_here, narrowed, relations, url_of
from zoho_people.reading.unreadable import first_unreadable
from zoho_people.storage.brought_file import FileLimits
from zoho_people.storage.layout import COVERAGE, PROGRESS
from zoho_people.storage.store import Store

if TYPE_CHECKING:
    import duckdb


MEMORY_MB = 1_024
MOST_THREADS = 4


@dataclass(frozen=True, slots=True)
class OpenDataset:
    """The tables of *dataset*, as they were when it was opened; one for each thread, see :meth:`cursor`."""

    dataset: DatasetFiles
    connection: duckdb.DuckDBPyConnection
    days: tuple[date, ...]
    """The days of its snapshots, the newest first."""

    files: Files = field(default_factory=dict)
    """Of the datasets in it only these files are read."""

    latest: date | None = None
    """The snapshot that ``latest`` means, see :meth:`.dataset_files.DatasetFiles.latest`; None is the newest."""

    people_columns: tuple[str, ...] = USUAL
    """The columns of the people file."""

    has_deadlines: bool = False
    """Whether there are due dates."""

    scratch: Path | None = None
    """The folder for what doesn't fit into memory; removed when this is closed."""

    def run(self, question: str, parameters: Mapping[str, Any] | None = None) -> pa.Table:
        """The answer to *question*, the name of one of the SQL files.

        A parameter that is left out is null, which means all, or the default that the file's head tells.
        ``snapshot_date`` is the latest day where it is left out.

        :raises UnknownQuestion: when there is no such file.
        :raises UnknownParameter: naming one that the question does not have.
        :raises ReadingError: when it can't be answered.
        """
        return self.sql(*Question.named(question).prepared(parameters or {}, self.facts))

    @property
    def facts(self) -> Facts:
        """What there is to ask about."""
        return Facts(
            self.days, self.latest, self.people_columns, self.has_deadlines, self.dataset.partial_days
        )

    def sql(self, query: str, parameters: Mapping[str, Any] | None = None) -> pa.Table:
        """The rows of any *query* in SQL, with *parameters* for its ``$names``.

        :raises ReadingError: when a file can't be read; DuckDB's own error when the query is no sound SQL.
        """
        with self._errors_named():
            relation = self.connection.sql(query, params=dict(parameters) if parameters else None)
            table: pa.Table = relation.to_arrow_table()
        return table

    def execute(self, statement: str) -> None:
        """Run a *statement* that gives no rows; with the errors of :meth:`sql`."""
        with self._errors_named():
            self.connection.execute(statement)

    def cursor(self, *, files: Files | None = None) -> OpenDataset:
        """The same tables for another thread; of the datasets in *files* with the rows of these files only."""
        cursor = self.connection.cursor()
        for statement in narrowed(self.dataset, files or {}):
            cursor.execute(statement)
        return replace(self, connection=cursor, files={**self.files, **(files or {})}, scratch=None)

    def close(self) -> None:
        """Give back memory and files."""
        self.connection.close()
        if self.scratch is not None:
            shutil.rmtree(self.scratch, ignore_errors=True)

    def __enter__(self) -> OpenDataset:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _errors_named(self) -> Iterator[None]:
        import duckdb

        try:
            yield
        except (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException):
            raise
        except (duckdb.Error, OSError) as error:
            raise self._named(error) from error

    def _named(self, error: Exception) -> Exception:
        """*error* as one that names the file it comes from, if there is one."""
        import duckdb

        if isinstance(error, duckdb.OutOfMemoryException):
            return ReadingError(
                "the answer needs more memory than it may have; ask for less, or raise memory_mb"
            )
        return first_unreadable(self.dataset, str(error), self.files) or (
            UnreachableFiles(f"the files can't be read now ({type(error).__name__}); try again")
            if isinstance(error, (duckdb.IOException, OSError))
            else error
        )


def opened(
    dataset: DatasetFiles,
    *,
    people: Any = None,
    deadlines: Any = None,
    limits: FileLimits | None = None,
    daily: Mapping[date, Path] | None = None,
    files: Files | None = None,
    with_questions: bool = True,
    memory_mb: int = MEMORY_MB,
    threads: int | None = None,
) -> OpenDataset:
    """A connection with a view for each dataset, of today's columns whichever version wrote a file.

    A dataset of which there is no file yet is empty. Nothing outside of the output path can be reached by SQL, no
    extension is loaded, nothing is written but what doesn't fit into *memory_mb* (into the system's folder for
    temporary files). DuckDB takes some 250 MB more.

    :param people: a file that says where learners work, see :mod:`zoho_people.reading.people`.
    :param deadlines: a file that says what is due when, see there as well.
    :param limits: how large these two may be.
    :param daily: by day, a file by :func:`~zoho_people.reading.daily_file.write_daily`; other days are computed.
    :param files: by dataset, the paths of the only files that are read of it; so nothing has to be listed.
    :param with_questions: whether questions can be asked; for rows and names alone it takes a third of the time.
    :param threads: how many cores it may use; at most four of those that there are by default.
    :raises ReadingError: when something can't be read.
    :raises InvalidBroughtFile: when one of the two files can't be what it is taken for.
    :raises BroughtFileUnreachable: when one of them can't be read now.
    """
    import duckdb

    brought = BroughtAlong.read(people, deadlines, limits or FileLimits())
    scratch = Path(tempfile.mkdtemp(prefix="zoho-people-"))  # rows of learners: nobody else may look in
    connection = duckdb.connect(
        config={
            "memory_limit": f"{memory_mb}MB",
            "threads": threads or min(MOST_THREADS, os.cpu_count() or 1),
            "temp_directory": str(scratch / "spill"),
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "python_enable_replacements": "false",
        }
    )
    stores = (dataset.store, dataset.learners_store)
    try:
        connection.execute("SET GLOBAL TimeZone = 'UTC'")
        for fs in {id(store.fs): store.fs for store in stores if not store.is_local}.values():
            connection.register_filesystem(fs)
        brought.create(connection)
        for statement in relations(
            dataset, brought, daily=daily or {}, files=files or {}, with_questions=with_questions
        ):
            connection.execute(statement)
        brought.fill(connection, learner_ids_here(dataset, files or {}))
        _lock(
            connection, {place for store in stores for place in _places(store)}, list((daily or {}).values())
        )
        days = tuple(_days(dataset, daily or {}, files or {}))
        latest = dataset.day() if days and not files else None
    except BaseException:
        connection.close()
        shutil.rmtree(scratch, ignore_errors=True)
        raise
    columns, has_deadlines = brought.people_columns, brought.has_deadlines
    return OpenDataset(dataset, connection, days, files or {}, latest, columns, has_deadlines, scratch)


def _days(dataset: DatasetFiles, daily: Iterable[date], files: Files) -> list[date]:
    """The days of the snapshots, the newest first."""
    if not {PROGRESS, COVERAGE} <= set(files):
        return dataset.snapshots()
    named = (day_of_path(path) for name in (PROGRESS, COVERAGE) for path in files[name])
    return sorted({*filter(None, named), *daily}, reverse=True)


def _places(store: Store) -> set[str]:
    """The root of *store*, and where a link that it is leads to."""
    root = url_of(store)
    return {root, os.path.realpath(root)} if store.is_local else {root}


def _lock(connection: duckdb.DuckDBPyConnection, folders: Iterable[str], files: Iterable[Path]) -> None:
    """Nothing but *folders* and *files* can be read from now on, and nobody can change that."""
    # DuckDB compares patterns as well as the paths that they stand for.
    places = ", ".join(literal(f"{each}/") for folder in folders for each in {folder, glob.escape(folder)})
    paths = ", ".join(literal(str(path)) for path in files)
    connection.execute(f"SET allowed_directories = [{places}]")
    connection.execute(f"SET allowed_paths = [{paths}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
