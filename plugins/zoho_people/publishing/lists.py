"""The datasets that lists become: what they said of courses and learners, beside the progress.

Files are replaced as a whole and only when they would say something else. What was fetched last wins, in
whatever order runs publish; two publishings into one file must not run at once: the caller sees to that.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq

from zoho_people.endpoints.attribute_choice import EVERYTHING, AttributeChoice
from zoho_people.endpoints.course_learners import COURSE_LEARNERS
from zoho_people.endpoints.courses import BATCHES, COURSES
from zoho_people.endpoints.endpoint import Endpoint, Resource, Table
from zoho_people.endpoints.rows import rows_of
from zoho_people.model.unit import Course
from zoho_people.publishing.course_file import ForeignFile, contract_change
from zoho_people.staging.list_pages import ListStaging, NotStaged
from zoho_people.staging.staged_lists import listed_courses, staged_courses
from zoho_people.storage.arrow_columns import column, values
from zoho_people.storage.store import Store

log = logging.getLogger(__name__)

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListFile:
    """A file of these datasets after publishing; ``path`` is relative to the output path.

    ``rows`` are this run's. ``error`` is why the file could not be merged, None where it was.
    """

    path: str
    rows: int
    changed: bool = False
    error: str | None = None


def publish_lists(
    staging: ListStaging,
    snapshot_date: date,
    choice: AttributeChoice = EVERYTHING,
    *,
    courses_in: Store | None = None,
    keeps_learners: bool = True,
) -> list[ListFile]:
    """Merge the lists that *staging* has into their datasets of *snapshot_date*.

    Learners go below the root of *staging* or, where they are not kept, nowhere; courses into *courses_in*, by
    default the same.

    What a list says takes the place of what was known of the same: of each course and batch listed; of all
    learners of a course. A file that can't be merged (other columns, damaged) is left as it is and says why. There
    are no files where the run read no lists. *choice* says what is kept of the fields that have no column.
    """
    files: list[ListFile] = []
    with suppress(NotStaged):
        courses = COURSES.of()
        rows = _courses(staging, courses, choice)
        files.append(_merge(courses_in or staging.store, [courses], snapshot_date, rows))
    if keeps_learners:
        files += _publish_learners(staging, snapshot_date, choice)
    return files


def _publish_learners(
    staging: ListStaging, snapshot_date: date, choice: AttributeChoice
) -> Iterator[ListFile]:
    with suppress(NotStaged):
        for course in staged_courses(staging):
            learners = COURSE_LEARNERS.of(course)
            if staging.progress(learners).has_records:  # else they are published already
                rows = rows_of(staging.table(learners), learners, choice)
                yield _merge(staging.store, [learners], snapshot_date, rows)


def publish_of_learners(
    endpoint: Endpoint, staging: ListStaging, snapshot_date: date, choice: AttributeChoice = EVERYTHING
) -> ListFile | None:
    """Merge the lists of *endpoint* that *staging* has, one learner's each, into its dataset of *snapshot_date*.

    What a list says takes the place of all that was known of the learner. None where there is nothing to publish.
    """
    lists = staging.complete(endpoint)
    if not lists:
        return None
    rows = pa.concat_tables(rows_of(staging.table(each), each, choice) for each in lists)
    return _merge(staging.store, lists, snapshot_date, rows)


def _courses(staging: ListStaging, courses: Resource, choice: AttributeChoice) -> pa.Table:
    """The listed courses and those of their batches that are staged."""
    tables = [rows_of(staging.table(courses), courses, choice)]
    for course in listed_courses(staging).values():
        batches = BATCHES.of(Course(course.course_id))
        with suppress(NotStaged):
            tables.append(
                rows_of(staging.table(batches), batches, choice, type=course.type and course.type.value)
            )
    return pa.concat_tables(tables)


def _merge(store: Store, lists: Sequence[Resource], snapshot_date: date, rows: pa.Table) -> ListFile:
    """Merge the *rows* of *lists*, whose file is the same."""
    any_list = lists[0]
    path, table = any_list.file(snapshot_date), any_list.endpoint.table
    # A list without rows replaces what it had before, too.
    read = {tuple(getattr(each, name) or "" for name in table.replaced_by) for each in lists}
    try:
        before = _read(store, path, rows.schema)
        after = _merged(before, rows, table, read)
        changed = before is None or not after.equals(before)
        if changed:
            with store.replacing(path) as temporary:
                pq.write_table(after, temporary, compression="zstd")
    except (ForeignFile, pa.ArrowException, OSError) as error:
        log.error("%s could not be merged, so it stays as it is (%s)", path, error)  # noqa: TRY400
        return ListFile(path, rows.num_rows, error=str(error))
    return ListFile(path, rows.num_rows, changed=changed)


def _read(store: Store, path: str, schema: pa.Schema) -> pa.Table | None:
    try:
        source = store.open(path)
    except FileNotFoundError:
        return None
    with source, pq.ParquetFile(source) as file:
        return contract_change(path, file, schema).complete(file.read())


def _merged(before: pa.Table | None, rows: pa.Table, table: Table, read: Collection[Key]) -> pa.Table:
    """*rows* in the place of those *before* that are replaced with them, as far as these are not newer.

    So are rows alike in what *read* has, also where none has come in their place.
    """
    if before is None or not before.num_rows:
        return _latest(rows, table)
    known, news = _newest(before, table), _newest(rows, table)
    replaced = {*news, *read} - {key for key, instant in known.items() if key in news and instant > news[key]}
    stays = _rows_where(before, table, lambda key: key not in replaced)
    takes = _rows_where(rows, table, lambda key: key in replaced)
    return _latest(pa.concat_tables([stays, takes]), table)


def _newest(rows: pa.Table, table: Table) -> dict[Key, int]:
    """When the newest was fetched of the rows that are replaced together."""
    newest: dict[Key, int] = {}
    for key, instant in zip(_keys(rows, table.replaced_by), _instants(rows), strict=True):
        newest[key] = max(instant, newest.get(key, instant))
    return newest


def _rows_where(rows: pa.Table, table: Table, is_taken: Callable[[Key], bool]) -> pa.Table:
    taken = (position for position, key in enumerate(_keys(rows, table.replaced_by)) if is_taken(key))
    return rows.take(column(taken, pa.int64()))


def _latest(rows: pa.Table, table: Table) -> pa.Table:
    """Of rows with the same key the one fetched last; sorted by it."""
    last: dict[Key, int] = {}
    instants = _instants(rows)
    for position, key in enumerate(_keys(rows, table.key)):
        if instants[position] >= instants[last.get(key, position)]:
            last[key] = position
    taken = column((last[key] for key in sorted(last)), pa.int64())
    return rows.take(taken).combine_chunks()


def _keys(rows: pa.Table, names: Iterable[str]) -> Iterator[Key]:
    """What each row has in the columns *names*."""
    columns = [values(rows[name]) for name in names]
    if not columns:
        return itertools.repeat((), rows.num_rows)
    return zip(*([value or "" for value in each] for each in columns), strict=True)


def _instants(rows: pa.Table) -> list[int]:
    """When each row was fetched, in microseconds. Not by way of ``as_py``: that imports pandas, too."""
    return values(rows["fetched_at"].cast(pa.int64()))
