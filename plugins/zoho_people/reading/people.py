"""Where learners work, and what is due when: two files that somebody may bring along.

``people`` has ``learner_id`` or ``email``, and ``department``, ``manager``, ``location`` and any further columns.
``deadlines`` has ``course_id``, perhaps ``batch_id``, and ``due_date`` or ``due_days``. Both are read as a roster
file is, see :mod:`zoho_people.storage.brought_file`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from zoho_people.reading.literals import identifier
from zoho_people.storage.brought_file import Column, Columns, FileLimits, InvalidBroughtFile, Kind, read_file

if TYPE_CHECKING:
    import duckdb


def _optional(name: str, kind: Kind = Kind.TEXT) -> Column:
    return Column(name, kind, is_optional=True)


PEOPLE = Columns(
    "people file",
    (
        _optional("learner_id", Kind.LEARNER),
        _optional("email"),
        _optional("department"),
        _optional("manager"),
        _optional("location"),
    ),
    one_of=("learner_id", "email"),
    has_others=True,
)
DEADLINES = Columns(
    "deadlines file",
    (
        Column("course_id"),
        _optional("batch_id", Kind.ID),
        _optional("due_date", Kind.DAY),
        _optional("due_days", Kind.COUNT),
    ),
    one_of=("due_date", "due_days"),
)
_KINDS = {"due_date": "DATE", "due_days": "INTEGER"}


@dataclass(frozen=True, slots=True)
class BroughtAlong:
    """The rows of both files; without rows where nobody brought one along."""

    people: pa.Table
    deadlines: pa.Table

    @classmethod
    def read(cls, people: Any, deadlines: Any, limits: FileLimits) -> BroughtAlong:
        """The files at *people* and *deadlines*; None is no file.

        :raises InvalidBroughtFile: naming line and column of the first value that can't be.
        :raises BroughtFileUnreachable: when one can't be read now.
        """
        return cls(_read(people, PEOPLE, limits), _read(deadlines, DEADLINES, limits))

    @property
    def people_columns(self) -> tuple[str, ...]:
        """The columns of the table ``people``."""
        return tuple(self.people.column_names)

    @property
    def has_deadlines(self) -> bool:
        """Whether anything is due."""
        return self.deadlines.num_rows > 0

    @property
    def has_due_days(self) -> bool:
        """Whether any due date counts from a learner's first day."""
        return self.deadlines["due_days"].null_count < self.deadlines.num_rows

    def create(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Make the tables ``people``, still empty, and ``deadlines``.

        :raises InvalidBroughtFile: when a course has two deadlines.
        """
        columns = ", ".join(f"{identifier(name)} VARCHAR" for name in self.people_columns)
        connection.execute(f"CREATE TABLE people ({columns})")
        casts = ", ".join(f"{name}::{_KINDS.get(name, 'VARCHAR')} AS {name}" for name in DEADLINES.names)
        with _registered(connection, "deadlines_file", self.deadlines):
            connection.execute(f"CREATE TABLE deadlines AS SELECT DISTINCT {casts} FROM deadlines_file")
        _refuse_doubled(connection, "deadlines", "course_id, batch_id", DEADLINES, "courses or batches are")

    def fill(self, connection: duckdb.DuckDBPyConnection, learner_ids: str) -> None:
        """Fill ``people`` with those whose id is among *learner_ids*, a query: nobody else is shown.

        Who has no ``learner_id`` in the file is found by the e-mail address that the latest list has of anybody.

        :raises InvalidBroughtFile: when a learner is in two rows that differ.
        """
        if not self.people.num_rows:
            return
        with _registered(connection, "people_file", self.people):
            connection.execute(_FILL.format(learner_ids=learner_ids))
        _refuse_doubled(connection, "people", "learner_id", PEOPLE, "learners are")


_FILL = """
INSERT INTO people BY NAME
WITH here AS ({learner_ids}), addresses AS (
    SELECT learner_id AS found_id, lower(trim(arg_max(email, snapshot_date))) AS address
    FROM learners
    WHERE email IS NOT NULL
    GROUP BY learner_id
), by_id AS (
    SELECT * FROM people_file WHERE learner_id IN (FROM here)
), by_address AS (
    SELECT p.* REPLACE (a.found_id AS learner_id)
    FROM people_file AS p JOIN addresses AS a ON a.address = lower(trim(p.email))
    WHERE p.learner_id IS NULL AND a.found_id IN (FROM here)
)
SELECT DISTINCT * FROM by_id
UNION ALL
SELECT DISTINCT * FROM by_address WHERE learner_id NOT IN (SELECT learner_id FROM by_id)
"""


def _read(source: Any, columns: Columns, limits: FileLimits) -> pa.Table:
    return columns.empty_table() if source is None else read_file(source, columns, limits)


@contextmanager
def _registered(connection: duckdb.DuckDBPyConnection, name: str, table: pa.Table) -> Iterator[None]:
    """*table* is there under *name*."""
    connection.register(name, table)
    try:
        yield
    finally:
        connection.unregister(name)


def _refuse_doubled(
    connection: duckdb.DuckDBPyConnection, table: str, key: str, columns: Columns, what: str
) -> None:
    """:raises InvalidBroughtFile: where two rows of *table* have the same *key*: each would count twice."""
    query = f"SELECT count(*) FROM (SELECT {key} FROM {table} GROUP BY {key} HAVING count(*) > 1)"
    (doubled,) = connection.execute(query).fetchone() or (0,)
    if doubled:
        raise InvalidBroughtFile(
            f"{doubled} {what} there more than once, with different values; write each once",
            label=columns.label,
        )
