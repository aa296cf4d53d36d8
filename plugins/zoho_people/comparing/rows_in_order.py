"""Files that are sorted by learner, gone through side by side: memory doesn't depend on their size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from zoho_people.publishing.course_file import CourseFile
from zoho_people.storage.arrow_columns import total
from zoho_people.storage.schema import PROGRESS_SCHEMA


class RowsInOrder:
    """*columns* of the rows that *file* has of *learners*, taken learner by learner.

    Holds one row group, or several where a learner's rows go on. ``learner_id`` is one of *columns*.
    """

    def __init__(self, file: CourseFile, columns: Sequence[str], learners: pa.Array[Any]) -> None:
        self._nothing = PROGRESS_SCHEMA.empty_table().select(columns)
        self._tables = self._read(file, list(columns), learners)
        self._held: pa.Table | None = next(self._tables, None)

    @staticmethod
    def _read(file: CourseFile, columns: list[str], learners: pa.Array[Any]) -> Iterator[pa.Table]:
        for _, table in file.groups(columns) if len(learners) else ():
            kept = table.filter(pc.is_in(table["learner_id"], value_set=learners))
            if kept.num_rows:
                yield kept

    @property
    def last(self) -> str | None:
        """The last learner of whom rows are held; None at the end."""
        return None if self._held is None else str(self._held["learner_id"][-1])

    def until(self, learner_id: str) -> pa.Table:
        """The rows, not taken before, of all learners up to and with *learner_id*."""
        taken = [self._nothing]
        while self._held is not None:
            held = self._held
            is_wanted: Any = pc.less_equal(held["learner_id"], pa.scalar(learner_id))
            count = int(total(is_wanted))
            taken.append(held.slice(0, count))
            if count < held.num_rows:
                self._held = held.slice(count)
                break
            self._held = next(self._tables, None)
        return pa.concat_tables(taken)


def side_by_side(*sides: RowsInOrder) -> Iterator[list[pa.Table]]:
    """The rows of the next learners from each of *sides*, until none are left; of a learner always all rows."""
    while lasts := [side.last for side in sides if side.last is not None]:
        upto = min(lasts)
        yield [side.until(upto) for side in sides]
