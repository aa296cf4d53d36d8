"""A small DuckDB file for business intelligence tools: views over the published files, and the questions.

It has no rows but those of the people and deadlines files; the views read what is published when somebody asks,
days that come later included.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from zoho_people.reading.dataset import Dataset
from zoho_people.reading.errors import NoDataset
from zoho_people.reading.literals import quoted
from zoho_people.reading.parameters import COMPARED, SNAPSHOT
from zoho_people.reading.people import BroughtAlong
from zoho_people.reading.questions import Question, question_names
from zoho_people.reading.relations import lasting_relations, learner_ids_here, pattern_of
from zoho_people.storage.brought_file import FileLimits
from zoho_people.storage.layout import PROGRESS

PREFIX = "p_"
"""How a macro's parameters begin: without it they would be taken for columns."""

_DAY = f"coalesce({PREFIX}snapshot_date, (SELECT max(snapshot_date) FROM snapshots))"
_BEFORE = (
    f"coalesce({PREFIX}compared_with, "
    f"(SELECT max(snapshot_date) FROM snapshots WHERE snapshot_date <= {_DAY} - 7), "
    f"(SELECT min(snapshot_date) FROM snapshots WHERE snapshot_date < {_DAY}))"
)

_NAMED = """
CREATE VIEW progress_named AS
SELECT p.*, c.name AS course_name, b.name AS batch_name, l.learner_name, l.email, w.* EXCLUDE (learner_id, email)
FROM progress AS p
LEFT JOIN courses AS c
    ON c.snapshot_date = p.snapshot_date AND c.course_id = p.course_id AND c.batch_id IS NULL
LEFT JOIN courses AS b
    ON b.snapshot_date = p.snapshot_date AND b.course_id = p.course_id AND b.batch_id = p.batch_id
LEFT JOIN learners AS l
    ON l.snapshot_date = p.snapshot_date AND l.course_id = p.course_id
    AND l.batch_id IS NOT DISTINCT FROM p.batch_id AND l.learner_id = p.learner_id
LEFT JOIN people AS w ON w.learner_id = p.learner_id
"""
"""Every row with its names: self-paced courses have no batch, so the joins have to be safe for null."""


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
            for statement in _statements(dataset):
                connection.execute(statement)
            brought.fill(connection, learner_ids_here(dataset, {}))
        whole.replace(path)


def _statements(dataset: Dataset) -> Iterator[str]:
    yield from lasting_relations(dataset)
    yield (
        "CREATE VIEW snapshots AS SELECT DISTINCT regexp_extract(file, 'snapshot_date=([0-9-]{10})/', 1)::DATE "
        f"AS snapshot_date FROM glob({quoted(pattern_of(dataset, PROGRESS))})"
    )
    yield _NAMED
    for name in question_names():
        yield _macro(Question.named(name))


def _macro(question: Question) -> str:
    """The question as a table that takes its parameters: ``FROM overdue(p_departments := ['Sales'])``."""
    values = {SNAPSHOT: _DAY, COMPARED: _BEFORE}
    names = sorted(question.parameters)
    taken = ", ".join(f"{PREFIX}{name} := NULL" for name in names)
    body = question.statement
    for name in sorted(names, key=len, reverse=True):
        body = body.replace(f"${name}", values.get(name, f"{PREFIX}{name}"))
    return f"CREATE MACRO {question.name}({taken}) AS TABLE {body}"
