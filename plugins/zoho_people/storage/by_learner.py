"""What is known learner by learner, in the order of their ids: read on the way, never held as a whole. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Generic, Protocol, TypeVar

ROWS_AT_A_TIME = 1_024
"""So many rows become Python's objects at a time, many times as large as the columns they come from."""

Value = TypeVar("Value")
Value_co = TypeVar("Value_co", covariant=True)
Left = TypeVar("Left")
Right = TypeVar("Right")


class ByLearner(Protocol[Value_co]):
    """A value per learner, to be gone through as often as needed. A dict whose keys are sorted is one, too."""

    def items(self) -> Iterable[tuple[str, Value_co]]:
        """Each learner's id and value, in the order of the ids (as text)."""


class InTurn(Generic[Value]):
    """Looks up learners who are asked for in the order of their ids."""

    def __init__(self, values: ByLearner[Value]) -> None:
        self._items = iter(values.items())
        self._next = next(self._items, None)

    def get(self, learner_id: str) -> Value | None:
        """The learner's value, None where there is none."""
        while self._next is not None and self._next[0] < learner_id:
            self._next = next(self._items, None)
        return self._next[1] if self._next is not None and self._next[0] == learner_id else None


def side_by_side(
    lefts: Iterable[tuple[str, Left]], rights: Iterable[tuple[str, Right]]
) -> Iterator[tuple[str, Left | None, Right | None]]:
    """Each learner of either, in the order of the ids; None where a side does not have them."""
    left_items, right_items = iter(lefts), iter(rights)
    left, right = next(left_items, None), next(right_items, None)
    while left is not None or right is not None:
        if left is not None and (right is None or left[0] < right[0]):
            yield left[0], left[1], None
            left = next(left_items, None)
        elif right is not None and (left is None or right[0] < left[0]):
            yield right[0], None, right[1]
            right = next(right_items, None)
        elif left is not None and right is not None:
            yield left[0], left[1], right[1]
            left, right = next(left_items, None), next(right_items, None)
