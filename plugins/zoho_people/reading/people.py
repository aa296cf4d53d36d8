"""Where learners work, and what is due when: two files that nobody has to bring along."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb


def add_people(connection: duckdb.DuckDBPyConnection, people: Any) -> None:
    """The table ``people``."""
    connection.execute(
        "CREATE TABLE people (learner_id VARCHAR, email VARCHAR, department VARCHAR, manager VARCHAR, "
        "location VARCHAR)"
    )


def add_deadlines(connection: duckdb.DuckDBPyConnection, deadlines: Any) -> None:
    """The table ``deadlines``."""
    connection.execute(
        "CREATE TABLE deadlines (course_id VARCHAR, batch_id VARCHAR, due_date DATE, due_days INTEGER)"
    )
