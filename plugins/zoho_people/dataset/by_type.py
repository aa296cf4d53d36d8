"""What is known of a course, entity type by entity type."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from zoho_people.api.entity_type import EntityType

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True, eq=False)
class ByType(Mapping[EntityType, Mapping[str, Value]]):
    """By entity type and learner; held as *parts*, the columns of each type.

    Python's objects, many times as large, are made anew (by *read*) whenever a type is asked for, and of no
    other: so whoever takes one type after the other holds the objects of one.
    """

    parts: Mapping[EntityType, pa.Table]
    read: Callable[[pa.Table], dict[str, Value]]

    @classmethod
    def of(cls, table: pa.Table, read: Callable[[pa.Table], dict[str, Value]]) -> ByType[Value]:
        """The rows of *table*, which has a column ``entity_type``.

        :raises ValueError: when one of its types is none.
        """
        labels: list[Any] = table["entity_type"].unique().to_pylist()
        parts = {EntityType.parse(label): _part(table, label) for label in labels}
        return cls(parts, read)

    def __getitem__(self, entity_type: EntityType) -> dict[str, Value]:
        return self.read(self.parts[entity_type])

    def __iter__(self) -> Iterator[EntityType]:
        return iter(self.parts)

    def __len__(self) -> int:
        return len(self.parts)

    def replacing(self, entity_type: EntityType, part: pa.Table) -> ByType[Value]:
        """The same with *part* for *entity_type*."""
        return ByType({**self.parts, entity_type: part}, self.read)


def _part(table: pa.Table, label: str) -> pa.Table:
    return table.filter(pc.equal(table["entity_type"], pa.scalar(label)))
