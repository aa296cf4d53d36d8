"""The datasets as pandas data frames, for a notebook or a script: ids as text, dates as dates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from zoho_people.reading.dataset import Dataset
from zoho_people.reading.days import LATEST, Day, snapshot_of
from zoho_people.reading.parameters import read_parameters
from zoho_people.reading.people_columns import columns_beside
from zoho_people.reading.relations import SCHEMAS, VIEW_NAMES
from zoho_people.storage.layout import CHANGES, COURSES, COVERAGE, LEARNERS, PROGRESS

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from zoho_people.model.entity_type import EntityType
    from zoho_people.model.unit import Course

Names = Iterable[str] | str | None
"""One or several; None is all."""

_NAMES_SQL = """
SELECT t.*, c.course_name, l.learner_name, l.email
FROM ({rows}) AS t
LEFT JOIN course_names($snapshot_date) AS c
    ON c.course_id = t.course_id AND c.batch_id IS NOT DISTINCT FROM t.batch_id
LEFT JOIN learner_names($snapshot_date) AS l ON l.learner_id = t.learner_id
"""
_NAMES = ("course_name", "learner_name", "email")
_PEOPLE_SQL = "SELECT t.*, {columns} FROM ({rows}) AS t LEFT JOIN people AS w ON w.learner_id = t.learner_id"
_ORDER = ("course_id", "batch_id", "learner_id", "entity_type", "entity_id", "dag_run_id")
_CHOICES = {
    "courses": "is_chosen_course($courses, course_id, batch_id)",
    "entity_types": "is_chosen($entity_types, entity_type)",
    "learner_ids": "is_chosen($learner_ids, learner_id)",
}


def progress(
    output_path: Any,
    snapshot_date: Day = LATEST,
    *,
    entity_types: Iterable[EntityType | str] | EntityType | str | None = None,
    courses: Iterable[Course | str] | Course | str | None = None,
    learners: Names = None,
    with_names: bool = True,
    people: Any = None,
    learners_root: Any = None,
    storage_options: Mapping[str, Any] | None = None,
) -> pd.DataFrame:
    """A row per course, batch, learner and entity of one day.

    :param output_path: that of the runs: a path, a URL that fsspec knows, a ``UPath`` or ``ObjectStoragePath``.
    :param snapshot_date: a date, or text ``YYYY-MM-DD``; ``latest``.
    :param entity_types: such as ``online_tests``; None is all.
    :param courses: ``course_id`` for a course with all its batches, ``course_id/batch_id`` for one of them.
    :param learners: learners' ids (or pseudonyms, where the dataset has those).
    :param with_names: whether ``course_name``, ``learner_name`` and ``email`` are added; null where not known.
    :param people: a people file (see :mod:`zoho_people.reading.people`): its columns are added, to group by.
    :param learners_root: where names are kept, if not below the output path.
    :param storage_options: credentials and the like of an object store, as fsspec takes them.
    :raises ReadingError: for what is not there or can't be read; see :mod:`zoho_people.reading.errors`.
    """
    given = {"courses": courses, "entity_types": entity_types, "learner_ids": learners}
    dataset = Dataset.at(output_path, learners_root=learners_root, storage_options=storage_options)
    return _frame(dataset, PROGRESS, snapshot_date, given, with_names=with_names, people=people)


def coverage(
    output_path: Any,
    snapshot_date: Day = LATEST,
    *,
    entity_types: Iterable[EntityType | str] | EntityType | str | None = None,
    courses: Iterable[Course | str] | Course | str | None = None,
    learners: Names = None,
    people: Any = None,
    storage_options: Mapping[str, Any] | None = None,
) -> pd.DataFrame:
    """A row per unit (course, batch, learner, entity type) that each run of one day set out to fetch.

    The parameters and errors are those of :func:`progress`.
    """
    given = {"courses": courses, "entity_types": entity_types, "learner_ids": learners}
    dataset = Dataset.at(output_path, storage_options=storage_options)
    return _frame(dataset, COVERAGE, snapshot_date, given, people=people)


def learners(
    output_path: Any,
    snapshot_date: Day = LATEST,
    *,
    courses: Iterable[Course | str] | Course | str | None = None,
    learners: Names = None,
    people: Any = None,
    learners_root: Any = None,
    storage_options: Mapping[str, Any] | None = None,
) -> pd.DataFrame:
    """A row per learner in a course or batch, with names, as the lists of one day had them.

    The parameters and errors are those of :func:`progress`.
    """
    given = {"courses": courses, "learner_ids": learners}
    dataset = Dataset.at(output_path, learners_root=learners_root, storage_options=storage_options)
    return _frame(dataset, LEARNERS, snapshot_date, given, people=people)


def courses(
    output_path: Any,
    snapshot_date: Day = LATEST,
    *,
    courses: Iterable[Course | str] | Course | str | None = None,
    storage_options: Mapping[str, Any] | None = None,
) -> pd.DataFrame:
    """A row per course, and per batch, as the list of one day had them.

    The parameters and errors are those of :func:`progress`.
    """
    given = {"courses": courses}
    return _frame(Dataset.at(output_path, storage_options=storage_options), COURSES, snapshot_date, given)


def changes(
    output_path: Any,
    snapshot_date: Day = LATEST,
    *,
    entity_types: Iterable[EntityType | str] | EntityType | str | None = None,
    courses: Iterable[Course | str] | Course | str | None = None,
    learners: Names = None,
    with_names: bool = True,
    people: Any = None,
    learners_root: Any = None,
    storage_options: Mapping[str, Any] | None = None,
) -> pd.DataFrame:
    """A row per entity of a learner that changed on one day, against the snapshot before.

    The parameters and errors are those of :func:`progress`.
    """
    given = {"courses": courses, "entity_types": entity_types, "learner_ids": learners}
    dataset = Dataset.at(output_path, learners_root=learners_root, storage_options=storage_options)
    return _frame(dataset, CHANGES, snapshot_date, given, with_names=with_names, people=people)


def answer(
    output_path: Any,
    question: str,
    *,
    people: Any = None,
    deadlines: Any = None,
    learners_root: Any = None,
    storage_options: Mapping[str, Any] | None = None,
    **parameters: Any,
) -> pd.DataFrame:
    """The answer to *question*, one of the SQL files: ``answer("/data/zoho", "overdue", people="people.csv")``.

    :param people: a file that says where learners work; ``group_by="department"`` then makes a row per group.
    :param deadlines: a file that says what is due when.
    :param parameters: the question's own, as its file tells; what is left out is all, or its default.
    :raises ReadingError: for what is not there or can't be read, or is no question or parameter.
    :raises InvalidBroughtFile: when one of the two files can't be what it is taken for.
    """
    dataset = Dataset.at(output_path, learners_root=learners_root, storage_options=storage_options)
    with dataset.open(people=people, deadlines=deadlines) as opened:
        return frame_of(opened.run(question, parameters))


def _frame(
    dataset: Dataset,
    name: str,
    snapshot_date: Day,
    given: Mapping[str, Any],
    *,
    with_names: bool = False,
    people: Any = None,
) -> pd.DataFrame:
    chosen = read_parameters(given)
    is_main = name in (PROGRESS, COVERAGE)
    days = dataset.snapshots() if is_main else dataset.days(name)
    is_latest = is_main and days and snapshot_date == LATEST
    day = dataset.latest(days) if is_latest else snapshot_of(snapshot_date, days, name)
    where = " AND ".join(["snapshot_date = $snapshot_date", *(f"({_CHOICES[each]})" for each in given)])
    columns = [*SCHEMAS[name].names, *(["entity_type"] if name == PROGRESS else [])]
    order = ", ".join(column for column in _ORDER if column in columns)
    rows = f"SELECT * FROM {VIEW_NAMES.get(name, name)} WHERE {where}"
    with dataset.open(people=people, with_questions=False) as opened:
        query = _NAMES_SQL.format(rows=rows) if with_names else rows
        if people is not None:
            taken = [*columns, "snapshot_date", "is_completed", *(_NAMES if with_names else ())]
            query = _PEOPLE_SQL.format(rows=query, columns=columns_beside(opened.people_columns, taken))
        table = opened.sql(f"SELECT * FROM ({query}) ORDER BY {order}", {**chosen, "snapshot_date": day})
    return frame_of(table)


def frame_of(table: pa.Table) -> pd.DataFrame:
    """*table* with Arrow's types: ids stay text, days dates, and nothing becomes a float."""
    import pandas as pd

    return table.to_pandas(types_mapper=pd.ArrowDtype)
