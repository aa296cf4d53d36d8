"""Which earlier snapshot each unit is compared with: the last one in which it was known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from zoho_people.comparing.covered_units import keys
from zoho_people.model.entity_type import EntityType
from zoho_people.storage.arrow_columns import values


@dataclass(frozen=True, slots=True)
class Learners:
    """Learners of a course and entity type who are compared with one *day*: those with rows then, and without."""

    day: date
    with_rows: pa.Array[Any]
    without_rows: pa.Array[Any]

    def __len__(self) -> int:
        return len(self.with_rows) + len(self.without_rows)


@dataclass(frozen=True, slots=True)
class EarlierUnits:
    """What the *known* units of a course today are compared with, by entity type.

    ``first_seen``: number of units that none of the days knew.
    """

    known: pa.Table
    by_type: Mapping[EntityType, tuple[Learners, ...]]
    first_seen: int

    @classmethod
    def among(
        cls, known: pa.Table, days: Iterable[date], known_on: Callable[[date], pa.Table]
    ) -> EarlierUnits:
        """The units of *known*, each with the first of *days* in which *known_on* has it.

        :raises UnusableFile: when the coverage of a day that is needed can't be read.
        """
        open_keys = keys(known)
        found: dict[EntityType, list[Learners]] = {}
        for day in days:
            if not len(open_keys):
                break
            earlier = known_on(day)
            matches = earlier.filter(pc.is_in(keys(earlier), value_set=open_keys))
            open_keys = open_keys.filter(pc.invert(pc.is_in(open_keys, value_set=keys(matches))))
            for entity_type, learners in _by_type(matches, day):
                found.setdefault(entity_type, []).append(learners)
        return cls(known, {each: tuple(found[each]) for each in EntityType if each in found}, len(open_keys))

    def has_rows_today(self, entity_type: EntityType) -> bool:
        """Whether the coverage of today counts rows of the type."""
        of_type: Any = pc.equal(self.known["entity_type"], pa.scalar(entity_type.label))
        return (pc.max(self.known.filter(of_type)["rows"]).as_py() or 0) > 0


def _by_type(units: pa.Table, day: date) -> Iterable[tuple[EntityType, Learners]]:
    for label in values(units["entity_type"].unique()):
        of_type = units.filter(pc.equal(units["entity_type"], pa.scalar(label)))
        has_rows: Any = pc.greater(of_type["rows"], pa.scalar(0))
        ids = of_type["learner_id"]
        with_rows, without = ids.filter(has_rows), ids.filter(pc.invert(has_rows))
        yield EntityType.parse(label), Learners(day, with_rows.combine_chunks(), without.combine_chunks())
