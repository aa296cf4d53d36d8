"""A small DuckDB file for business intelligence tools: views over the published files, and the questions.

It has no rows but those of the people and deadlines files; the views read what is published when somebody asks,
days that come later included.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from zoho_people.reading.daily import DAILY_COLUMNS
from zoho_people.reading.dataset import Dataset
from zoho_people.reading.dataset_files import COMPARED_DAYS
from zoho_people.reading.due_columns import DUE_RANGE
from zoho_people.reading.errors import NoDataset
from zoho_people.reading.literals import literal
from zoho_people.reading.parameters import COMPARED, SNAPSHOT
from zoho_people.reading.people import BroughtAlong
from zoho_people.reading.people_columns import columns_beside
from zoho_people.reading.questions import GROUP, PARTIAL, PEOPLE, SHORT, Question, question_names
from zoho_people.reading.relations import lasting_relations, learner_ids_here, pattern_of
from zoho_people.storage.brought_file import FileLimits
from zoho_people.storage.layout import PROGRESS
from zoho_people.storage.schema import CHANGES_SCHEMA, COVERAGE_SCHEMA, PROGRESS_SCHEMA

PREFIX = "p_"
"""How a macro's parameters begin: without it they would be taken for columns."""

_DAY = f"coalesce({PREFIX}snapshot_date, (SELECT max(snapshot_date) FROM snapshots WHERE NOT is_partial))"
_BEFORE = (
    f"coalesce({PREFIX}compared_with, "
    f"(SELECT max(snapshot_date) FROM snapshots WHERE snapshot_date <= {_DAY} - 7), "
    f"(SELECT min(snapshot_date) FROM snapshots WHERE snapshot_date < {_DAY}))"
)

_PEOPLE = f"asked_people({PREFIX}{PEOPLE}, {', '.join(f'{PREFIX}{name}' for name in SHORT)})"
_PARTIAL = "(SELECT list(snapshot_date) FROM snapshots WHERE is_partial)"


def _listed(name: str) -> str:
    """The parameter *name* as a list: of due dates the first or the last one may be told."""
    one = f"CASE WHEN {name} IS NOT NULL THEN [{name}::DATE::VARCHAR] END"
    return one if name in DUE_RANGE else f"{name}::VARCHAR[]"


_ASKED_PEOPLE = f"""
CREATE MACRO asked_people(people_with, {", ".join(SHORT)}) AS map_from_entries(list_filter(
    map_entries(map_concat(
        MAP {{{", ".join(f"{literal(column)}: {_listed(name)}" for name, column in SHORT.items())}}},
        coalesce(people_with::MAP(VARCHAR, VARCHAR[]), MAP {{}}::MAP(VARCHAR, VARCHAR[]))
    )),
    lambda each: each.value IS NOT NULL
))
"""
_SNAPSHOTS = """
CREATE VIEW snapshots AS
SELECT
    snapshot_date, count(*) AS files,
    2 * count(*) < max(count(*)) OVER (ORDER BY snapshot_date ROWS {before} PRECEDING) AS is_partial
FROM (SELECT regexp_extract(file, 'snapshot_date=([0-9-]{{10}})/', 1)::DATE AS snapshot_date FROM glob({files}))
GROUP BY snapshot_date
"""
"""As :func:`.dataset.partial_of` has it."""

_NAMED = """
CREATE VIEW {view}_named AS
SELECT p.*, c.name AS course_name, b.name AS batch_name, l.learner_name, l.email, {people}
FROM {view} AS p
LEFT JOIN courses AS c
    ON c.snapshot_date = p.snapshot_date AND c.course_id = p.course_id AND c.batch_id IS NULL
LEFT JOIN courses AS b
    ON b.snapshot_date = p.snapshot_date AND b.course_id = p.course_id AND b.batch_id = p.batch_id
LEFT JOIN learners AS l
    ON l.snapshot_date = p.snapshot_date AND l.course_id = p.course_id
    AND l.batch_id IS NOT DISTINCT FROM p.batch_id AND l.learner_id = p.learner_id
LEFT JOIN people AS w ON w.learner_id = p.learner_id
"""
"""Rows with names and the columns of people. A self-paced course has no batch, so the joins are safe for null."""

_NAMES = ("snapshot_date", "course_name", "batch_name", "learner_name", "email")
_WITH_NAMES = {
    "progress": (*PROGRESS_SCHEMA.names, "entity_type", "is_completed"),
    "coverage": COVERAGE_SCHEMA.names,
    "changes": CHANGES_SCHEMA.names,
    "daily": DAILY_COLUMNS,
}
"""The views about learners in courses, and their columns."""


def write_bi_file(
    dataset: Dataset,
    path: Path,
    *,
    people: Any = None,
    deadlines: Any = None,
    limits: FileLimits | None = None,
) -> None:
    """Write the file at *path*, in place of one that is there.

    :raises NoDataset: when nothing is published yet.
    :raises ReadingError: when it can't be read; and as :meth:`.people.BroughtAlong.read` does.
    """
    import duckdb

    if not dataset.snapshots():
        raise NoDataset("nothing is published below the output path yet; check it, or wait for the first run")
    brought = BroughtAlong.read(people, deadlines, limits or FileLimits())
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".zoho-people-") as folder:
        whole = Path(folder) / path.name
        config: dict[str, str | bool | int | float | list[str]] = {
            "autoinstall_known_extensions": "false",
            "python_enable_replacements": "false",
        }
        with duckdb.connect(str(whole), config=config) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            for store in (dataset.store, dataset.learners_store):
                if not store.is_local:
                    connection.register_filesystem(store.fs)
            brought.create(connection)
            for statement in _statements(dataset, brought):
                connection.execute(statement)
            brought.fill(connection, learner_ids_here(dataset, {}))
        whole.replace(path)


def _statements(dataset: Dataset, brought: BroughtAlong) -> Iterator[str]:
    people = brought.people_columns
    yield from lasting_relations(dataset, brought)
    yield _SNAPSHOTS.format(before=COMPARED_DAYS - 1, files=literal(pattern_of(dataset, PROGRESS)))
    for view, columns in _WITH_NAMES.items():
        yield _NAMED.format(view=view, people=columns_beside(people, (*columns, *_NAMES)))
    yield _ASKED_PEOPLE
    for name in question_names():
        question = Question.named(name)
        own = sorted(question.parameters - {PEOPLE, PARTIAL, GROUP})
        taken = (*own, PEOPLE, *SHORT)
        if question.has_groups:
            yield _macro(name, question.statement, (*taken, GROUP))
        else:
            yield _macro(name, question.statement, taken)
        yield _macro(f"{name}_by", question.grouped, taken, first=(GROUP,))


def _macro(name: str, body: str, taken: Sequence[str], first: Sequence[str] = ()) -> str:
    """*body* as a table that takes its parameters: ``FROM overdue(p_departments := ['Sales'])``."""
    values = {SNAPSHOT: _DAY, COMPARED: _BEFORE, PEOPLE: _PEOPLE, PARTIAL: _PARTIAL}
    for each in sorted({*taken, *first, *values}, key=len, reverse=True):
        body = body.replace(f"${each}", values.get(each, f"{PREFIX}{each}"))
    parameters = [*(f"{PREFIX}{each}" for each in first), *(f"{PREFIX}{each} := NULL" for each in taken)]
    return f"CREATE MACRO {name}({', '.join(parameters)}) AS TABLE {body}"
