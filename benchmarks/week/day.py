"""What a day of the week came to, what differs from the day before, and what is not as promised."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from benchmarks.week.run import Place
from benchmarks.week.snapshot import Seen


@dataclass(frozen=True)
class Day:
    """What a day came to, by the emulator's journal, its truth, and what was written."""

    name: str
    lists: int
    progress: int
    refused: int
    fingerprints: Mapping[Place, str]
    seen: Seen
    uncovered: Mapping[str, int]

    @property
    def requests(self) -> int:
        """All that it asked for."""
        return self.lists + self.progress


@dataclass(frozen=True)
class Change:
    """What differs from the day before: learners in a course, by either of Zoho's records, and entity records."""

    by_course_progress: int
    by_entities: int
    entities: int

    @classmethod
    def between(cls, before: Day, after: Day) -> Change:
        """From one day to the next."""
        then, now = before.seen.truth.records, after.seen.truth.records
        places = then.keys() | now.keys()
        other = [len(now.get(place, set()) ^ then.get(place, set())) for place in places]
        return cls(
            by_course_progress=sum(
                before.fingerprints.get(place) != now_is for place, now_is in after.fingerprints.items()
            ),
            by_entities=sum(map(bool, other)),
            entities=sum(len(now.get(place, set()) - then.get(place, set())) for place in places),
        )


def problems(days: list[Day], changes: list[Change | None], full: float, most_share: float) -> Iterator[str]:
    """What is not as promised."""
    for number, (day, change) in enumerate(zip(days, changes, strict=True)):
        if not day.seen.differences.complete:
            yield f"day {day.name}: rows missing / wrong / doubled: {day.seen.differences}"
        if not day.seen.rows:
            yield f"day {day.name}: there are no rows"
        if any(day.uncovered.values()):
            yield f"day {day.name}: units are not covered exactly once: {day.uncovered}"
        if day.refused:
            yield f"day {day.name}: {day.refused} requests were refused"
        if 0 < number < len(days) - 1 and day.requests > most_share * full:
            yield f"day {day.name}: {day.requests} requests are more than {most_share:.0%} of {full:.0f}"
        if change and not (change.by_course_progress and change.entities):
            yield f"day {day.name}: nothing changed: {change}"
