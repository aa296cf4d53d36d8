"""The tables that a connection has: a view for each dataset, and what the questions share."""

from __future__ import annotations

import glob
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from zoho_people.model.completion import COMPLETED
from zoho_people.model.entity_type import ENTITY_TYPE_NAMES
from zoho_people.model.outcome import KNOWN
from zoho_people.reading.chosen_rows import chosen_rows
from zoho_people.reading.daily import daily_views
from zoho_people.reading.dataset_files import DatasetFiles
from zoho_people.reading.days import day_of_path
from zoho_people.reading.due_columns import due_macros
from zoho_people.reading.literals import literal
from zoho_people.reading.people_columns import people_macros
from zoho_people.storage.layout import CHANGES, COURSES, COVERAGE, LEARNERS, PROGRESS
from zoho_people.storage.schema import (
    CHANGES_SCHEMA,
    COURSES_SCHEMA,
    COVERAGE_SCHEMA,
    LEARNERS_SCHEMA,
    PROGRESS_SCHEMA,
)
from zoho_people.storage.store import Store

if TYPE_CHECKING:
    from zoho_people.reading.people import BroughtAlong

Files = Mapping[str, Sequence[str]]
"""By dataset the only files that are read, as paths below the root; of other datasets all files are read."""

ALWAYS_SQL = Path(__file__).with_name("choices_and_names.sql")
DUE_SQL = Path(__file__).with_name("due_dates.sql")
SHARED_SQL = Path(__file__).with_name("relations.sql")
OPEN_SQL = Path(__file__).with_name("open_mandatory.sql")
SCHEMAS: Mapping[str, pa.Schema] = {
    PROGRESS: PROGRESS_SCHEMA,
    COVERAGE: COVERAGE_SCHEMA,
    COURSES: COURSES_SCHEMA,
    LEARNERS: LEARNERS_SCHEMA,
    CHANGES: CHANGES_SCHEMA,
}
VIEW_NAMES = {PROGRESS: "progress"}
"""Where a view is not named as its dataset is."""

_NOTHING_DUE = """
    SELECT
        NULL::VARCHAR AS course_id, NULL::VARCHAR AS batch_id, NULL::VARCHAR AS learner_id,
        NULL::DATE AS due_date, NULL::BOOLEAN AS is_due_exact
    WHERE false
"""
_BY_DAY = {"snapshot_date": "DATE"}
_PARTITIONS = {PROGRESS: {"entity_type": "VARCHAR", **_BY_DAY}}

_TYPES = {
    "string": "VARCHAR",
    "bool": "BOOLEAN",
    "double": "DOUBLE",
    "int32": "INTEGER",
    "int64": "BIGINT",
    "date32[day]": "DATE",
    "timestamp[us, tz=UTC]": "TIMESTAMPTZ",
}
_BLANKS = "".join(char for char in map(chr, range(0x3001)) if char.isspace())


def url_of(store: Store) -> str:
    """The root of *store* as DuckDB names it."""
    return store.root if store.is_local else str(store.fs.unstrip_protocol(store.root))


def relations(
    dataset: DatasetFiles,
    brought: BroughtAlong,
    *,
    daily: Mapping[date, Path],
    files: Files,
    with_questions: bool = True,
) -> Iterator[str]:
    """The statements for all views and macros of a connection that is closed before the next run publishes.

    The macros know which days there are, and open no file of a day that nobody asks for. The tables of what is
    *brought* along are there. What only the questions need is there *with_questions*.
    """
    yield from _views(dataset, files)
    patterns = [] if PROGRESS in files else dataset.patterns()
    days = {day for day, _ in patterns} | set(filter(None, map(day_of_path, files.get(PROGRESS, ()))))
    yield f"CREATE MACRO progress_of(days) AS TABLE {_of_days(dataset, patterns)}"
    yield "CREATE MACRO progress_of_day(day) AS TABLE SELECT * FROM progress_of([day])"
    yield from daily_views(daily, sorted(days | set(daily) if PROGRESS in files else days))
    yield ALWAYS_SQL.read_text("utf-8")
    if with_questions:
        yield from _shared(brought)


def lasting_relations(dataset: DatasetFiles, brought: BroughtAlong) -> Iterator[str]:
    """The same for a file that is to stay: it sees what later runs publish."""
    yield from _views(dataset, {})
    yield "CREATE MACRO progress_of_day(day) AS TABLE SELECT * FROM progress WHERE snapshot_date = day"
    yield "CREATE MACRO progress_of(days) AS TABLE SELECT * FROM progress WHERE list_contains(days, snapshot_date)"
    yield from daily_views({}, [])
    yield ALWAYS_SQL.read_text("utf-8")
    yield from _shared(brought)


def _shared(brought: BroughtAlong) -> Iterator[str]:
    yield from people_macros(brought.people_columns, has_deadlines=brought.has_deadlines)
    yield from due_macros()
    yield from _due_dates(brought)
    yield SHARED_SQL.read_text("utf-8")
    yield from chosen_rows()
    yield OPEN_SQL.read_text("utf-8")


def _due_dates(brought: BroughtAlong) -> Iterator[str]:
    if brought.has_deadlines:
        yield f"CREATE MACRO counts_days() AS {str(brought.has_due_days).lower()}"
        yield DUE_SQL.read_text("utf-8")
    else:
        # What nobody needs costs nothing, neither questions nor macros: no plan, no list of all days' files.
        yield f"CREATE MACRO due_dates(first_day, day) AS TABLE {_NOTHING_DUE}"


def _views(dataset: DatasetFiles, files: Files) -> Iterator[str]:
    for name, schema in SCHEMAS.items():
        yield f"CREATE VIEW {VIEW_NAMES.get(name, name)} AS {_view(dataset, name, schema, files)}"
    yield f"CREATE VIEW entity_type_names AS SELECT unnest([{_literals(ENTITY_TYPE_NAMES)}]) AS entity_type"
    yield f"CREATE MACRO has_answer(outcome) AS coalesce(outcome IN ({_literals(KNOWN)}), false)"


def pattern_of(dataset: DatasetFiles, name: str) -> str:
    """The pattern of the names of all files of a dataset, as DuckDB has it."""
    folders = "".join(f"{part}=*/" for part in _PARTITIONS.get(name, _BY_DAY))
    return f"{glob.escape(url_of(dataset.store_of(name)))}/{name}/{folders}*.parquet"


def learner_ids_here(dataset: DatasetFiles, files: Files) -> str:
    """The query for the ids of all learners below the output path, whichever day they were there.

    Where only *files* are read, the learners of all days that are counted are among them.
    """
    if PROGRESS in files:
        return " UNION ".join(f"SELECT learner_id FROM {name}" for name in ("daily", COVERAGE, LEARNERS))
    uncovered = sorted({day for day, _ in dataset.patterns()} - set(dataset.days(COVERAGE)))
    parts = ["SELECT learner_id FROM coverage", "SELECT learner_id FROM learners"]
    if uncovered:
        days = ", ".join(f"DATE '{day}'" for day in uncovered)
        parts.append(f"SELECT learner_id FROM progress_of([{days}])")
    return " UNION ".join(parts)


def narrowed(dataset: DatasetFiles, files: Files) -> Iterator[str]:
    """The statements that let one cursor read only *files* of the datasets that these name."""
    for name in files:
        view = VIEW_NAMES.get(name, name)
        yield f"CREATE TEMP VIEW {view} AS {_view(dataset, name, SCHEMAS[name], files)}"
    if PROGRESS in files:
        yield f"CREATE TEMP MACRO progress_of(days) AS TABLE {_of_days(dataset, [])}"


def _of_days(dataset: DatasetFiles, patterns: Sequence[tuple[date, str]]) -> str:
    """The rows of progress of some days, without a look at the files of others."""
    if not patterns:
        return "SELECT * FROM progress WHERE list_contains(days, snapshot_date)"
    root = glob.escape(url_of(dataset.store))
    known = ", ".join(
        f"{{day: DATE '{day}', files: {literal(f'{root}/{files}')}}}" for day, files in patterns
    )
    is_wanted = "list_contains(days, struct_extract(each, 'day'))"
    files = f"[struct_extract(each, 'files') FOR each IN [{known}] IF {is_wanted}]"
    # A pattern has to match something, so one is there where none of the days is.
    _, any_files = patterns[-1]
    some = f"coalesce(nullif({files}, []), [{literal(f'{root}/{any_files}')}])"
    rows = _with_completed(_read(some, PROGRESS_SCHEMA, _PARTITIONS[PROGRESS]))
    return f"SELECT * FROM ({rows}) WHERE list_contains(days, snapshot_date)"


def _view(dataset: DatasetFiles, name: str, schema: pa.Schema, files: Files) -> str:
    rows = _rows(dataset, name, schema, files)
    if name == PROGRESS:
        return _with_completed(rows)
    if name == LEARNERS and dataset.learners_store is not dataset.store:
        # Several output paths may share the place of names: who is in another one's courses is not shown here.
        return (
            f"SELECT l.* FROM ({rows}) AS l SEMI JOIN coverage AS c ON c.course_id = l.course_id "
            "AND c.batch_id IS NOT DISTINCT FROM l.batch_id AND c.learner_id = l.learner_id"
        )
    return rows


def _with_completed(rows: str) -> str:
    return f"SELECT *, {is_completed_sql('status')} AS is_completed FROM ({rows})"


def is_completed_sql(status: str) -> str:
    """What :func:`zoho_people.model.completion.is_completed` says, in SQL."""
    word = literal(COMPLETED)
    return f"coalesce({status} = {word} OR lower(trim({status}, {literal(_BLANKS)})) = {word}, false)"


def _rows(dataset: DatasetFiles, name: str, schema: pa.Schema, files: Files) -> str:
    """All rows of a dataset, in today's columns; of one without files none."""
    parts = _PARTITIONS.get(name, _BY_DAY)
    if not (files[name] if name in files else dataset.has_files(name)):
        columns = {**{field.name: _TYPES[str(field.type)] for field in schema}, **parts}
        return (
            f"SELECT {', '.join(f'NULL::{kind} AS {column}' for column, kind in columns.items())} WHERE false"
        )
    if name in files:
        root = glob.escape(url_of(dataset.store_of(name)))
        return _read(f"[{_literals([f'{root}/{glob.escape(path)}' for path in files[name]])}]", schema, parts)
    return _read(literal(pattern_of(dataset, name)), schema, parts)


def _read(files: str, schema: pa.Schema, parts: Mapping[str, str]) -> str:
    columns = ", ".join(_column(field.name, _TYPES[str(field.type)]) for field in schema)
    hive = ", ".join(f"{part}: {kind}" for part, kind in parts.items())
    return (
        f"SELECT * FROM read_parquet({files}, schema = MAP {{{columns}}}, "
        f"hive_partitioning = true, hive_types = {{{hive}}})"
    )


def _column(name: str, kind: str) -> str:
    """A column by its name in the file; null where an older file lacks it."""
    return f"{literal(name)}: {{name: {literal(name)}, type: {literal(kind)}, default_value: NULL}}"


def _literals(words: Sequence[str]) -> str:
    return ", ".join(literal(str(word)) for word in words)
