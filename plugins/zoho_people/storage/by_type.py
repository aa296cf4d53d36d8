"""The rows of a table, entity type by entity type and learner by learner."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from zoho_people.model.entity_type import EntityType
from zoho_people.storage.arrow_columns import values
from zoho_people.storage.by_learner import ROWS_AT_A_TIME

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Rows(Generic[Value]):
    """The rows of a *table* that is sorted by learner; *read* makes of some of them what they stand for."""

    table: pa.Table
    read: Callable[[pa.Table], Iterable[tuple[str, Value]]]

    def items(self) -> Iterator[tuple[str, Value]]:
        """See :class:`~zoho_people.storage.by_learner.ByLearner`."""
        for first in range(0, self.table.num_rows, ROWS_AT_A_TIME):
            yield from self.read(self.table.slice(first, ROWS_AT_A_TIME))


def by_type(
    table: pa.Table, read: Callable[[pa.Table], Iterable[tuple[str, Value]]]
) -> dict[EntityType, Rows[Value]]:
    """The rows of *table*, which has the columns ``entity_type`` and ``learner_id``, a learner once a type.

    :raises ValueError: when one of its types is none.
    """
    labels = values(table["entity_type"].unique())
    return {EntityType.parse(label): Rows(_part(table, label), read) for label in labels}


def _part(table: pa.Table, label: str) -> pa.Table:
    part = table.filter(pc.equal(table["entity_type"], pa.scalar(label)))
    return part.sort_by("learner_id")
