"""What is known learner by learner, in the order of their ids: read on the way, never held as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from zoho_people.model.entity_type import EntityType
from zoho_people.storage.arrow_columns import values

Value = TypeVar("Value")
Value_co = TypeVar("Value_co", covariant=True)
Left = TypeVar("Left")
Right = TypeVar("Right")

_END: tuple[None, None] = (None, None)
"""Neither a learner's id nor a value."""


class ByLearner(Protocol[Value_co]):
    """A value per learner, to be gone through as often as needed. A dict whose keys are sorted is one, too."""

    def items(self) -> Iterable[tuple[str, Value_co]]:
        """Each learner's id and value, in the order of the ids (as text)."""


class InTurn(Generic[Value]):
    """Looks up learners who are asked for in the order of their ids."""

    def __init__(self, known: ByLearner[Value]) -> None:
        self._items = iter(known.items())
        self._learner_id: str | None
        self._value: Value | None
        self._step()

    def get(self, learner_id: str) -> Value | None:
        """The learner's value, None where there is none."""
        while self._learner_id is not None and self._learner_id < learner_id:
            self._step()
        return self._value if self._learner_id == learner_id else None

    def _step(self) -> None:
        self._learner_id, self._value = next(self._items, _END)


def side_by_side(
    lefts: Iterable[tuple[str, Left]], rights: Iterable[tuple[str, Right]]
) -> Iterator[tuple[str, Left | None, Right | None]]:
    """Each learner of either, in the order of the ids; None where a side does not have them."""
    left_items, right_items = iter(lefts), iter(rights)
    left_id, left = next(left_items, _END)
    right_id, right = next(right_items, _END)
    while (learner_id := _first(left_id, right_id)) is not None:
        is_left, is_right = left_id == learner_id, right_id == learner_id
        yield learner_id, left if is_left else None, right if is_right else None
        if is_left:
            left_id, left = next(left_items, _END)
        if is_right:
            right_id, right = next(right_items, _END)


def _first(left_id: str | None, right_id: str | None) -> str | None:
    if left_id is None:
        return right_id
    return left_id if right_id is None else min(left_id, right_id)


@dataclass(frozen=True, slots=True)
class Rows(Generic[Value]):
    """The rows of a *table* that is sorted by learner; *read* makes of each what it stands for."""

    table: pa.Table
    read: Callable[[pa.Table], Iterable[tuple[str, Value]]]

    def items(self) -> Iterator[tuple[str, Value]]:
        """See :class:`ByLearner`."""
        return iter(self.read(self.table))


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
