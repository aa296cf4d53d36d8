"""The emulated organisation: its courses, batches and learners, and who has done what.

Nothing is stored: everything follows from the seed, so that any size starts at once, every process that is
given the same seed sees the same organisation, and a test can compute the truth.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from zoho_emulator.draws import Draws
from zoho_emulator.kinds import KINDS, Kind
from zoho_emulator.oddities import NAMES, PEOPLE
from zoho_emulator.records import Entity, Record, make_entity, make_record

SELF_PACED, BLENDED, E_MATERIAL = 1, 2, 3
PUBLISHED, DRAFTED, DISABLED = STATES = ("published", "drafted", "disabled")

_ID_STEP = 22
_BATCHES_OF_A_BLENDED_COURSE = 2


@dataclass(frozen=True, slots=True)
class Course:
    """A course; a blended one has batches and every learner is in exactly one of them."""

    index: int
    course_id: int
    name: str
    type: int
    batch_ids: tuple[int, ...]

    @property
    def has_text_ids(self) -> bool:
        """Whether the answers about this course write ids as JSON strings (else as numbers)."""
        return self.index % 2 == 1

    def render_id(self, number: int) -> int | str:
        """*number* as this course's answers write ids."""
        return str(number) if self.has_text_ids else number


@dataclass(frozen=True, slots=True)
class Learner:
    """A person; each is in every course."""

    index: int
    learner_id: int
    name: str


@dataclass(frozen=True, slots=True)
class Unit:
    """What one progress request asks for: one learner's records of one entity type of a course."""

    course: Course
    batch_id: int | None
    learner: Learner
    kind: Kind


@dataclass(frozen=True, slots=True)
class Organisation:
    """*courses* courses with *learners* learners each.

    :param max_entities: the most records that a unit has; None leaves it to the seed (about 60).
    :param types_of_a_course: how many of the ten entity types a course may have something of, one behind the other
        from one that differs from course to course; None is all.
    :param all_states: every third course (the third, the sixth, …) is drafted or disabled, in turn.
    :param changed_share: the share of (course, learner) pairs whose records change each day.
    """

    courses: int = 2
    learners: int = 3
    seed: int = 7
    max_entities: int | None = None
    changed_share: float = 0.05
    types_of_a_course: int | None = None
    all_states: bool = False

    def course_at(self, index: int) -> Course:
        """Course number *index*, from 0."""
        return _course(self.seed, index)

    def learner_at(self, index: int) -> Learner:
        """Learner number *index*, from 0."""
        return Learner(index, self.learner_id(index), Draws(self.seed, "learner", index).pick(PEOPLE))

    def learner_id(self, index: int) -> int:
        """The id of learner number *index*."""
        return _id_base(self.seed, "learner", 14) + index * _ID_STEP

    def all_courses(self) -> Iterator[Course]:
        """Every course, in the order of the course list."""
        return (self.course_at(index) for index in range(self.courses))

    def state_of(self, course: Course) -> str:
        """The state that the course is in: published, drafted or disabled."""
        if not self.all_states or course.index % 3 != 2:
            return PUBLISHED
        return (DRAFTED, DISABLED)[course.index // 3 % 2]

    def find_course(self, course_id: int) -> Course | None:
        """The course with that id."""
        index = _index_of(course_id, _id_base(self.seed, "course", 15), self.courses)
        return None if index is None else self.course_at(index)

    def find_learner(self, learner_id: int) -> Learner | None:
        """The learner with that id."""
        index = _index_of(learner_id, _id_base(self.seed, "learner", 14), self.learners)
        return None if index is None else self.learner_at(index)

    def batch_of(self, course: Course, learner: Learner) -> int | None:
        """The batch in which the learner takes a blended course; None in the other courses."""
        if not course.batch_ids:
            return None
        return course.batch_ids[(course.index + learner.index) % len(course.batch_ids)]

    def learners_of(self, course: Course, batch_id: int | None) -> range:
        """The indices of the learners of a course or of one of its batches."""
        if batch_id is None:
            return range(self.learners)
        number = course.batch_ids.index(batch_id)
        first = (number - course.index) % len(course.batch_ids)
        return range(first, self.learners, len(course.batch_ids))

    def units(self, course: Course, batch_id: int | None) -> Iterator[Unit]:
        """Every unit of a course or of one of its batches."""
        for index in self.learners_of(course, batch_id):
            learner = self.learner_at(index)
            for kind in KINDS:
                yield Unit(course, batch_id, learner, kind)

    def records(self, unit: Unit, *, day: int = 0) -> list[Record]:
        """All records of *unit* as they stand on *day*; their entity ids are distinct."""
        key = (self.seed, unit.course.index, unit.learner.index, unit.kind.code)
        if Draws("has none", *key).chance(0.12):
            return []
        version = self.changed_on(unit.course, unit.learner, day=day)
        if not self.has_type(unit.course, unit.kind):
            return []
        entities = _entities(self.seed, unit.course.index, unit.kind.code, self.max_entities)
        return [
            make_record(entity, Draws("record", *key, number, version))
            for number, entity in enumerate(entities)
            if not Draws("lacks", *key, number).chance(0.1)
        ]

    def has_type(self, course: Course, kind: Kind) -> bool:
        """Whether the course may have something of that entity type: sessions exist only in batches."""
        if kind.only_in_batches and not course.batch_ids:
            return False
        most = self.types_of_a_course
        return most is None or (kind.code - course.index) % len(KINDS) < most

    def changed_on(self, course: Course, learner: Learner, *, day: int) -> int:
        """The last day up to *day* on which the learner's records in the course changed; 0 for never."""
        for past_day in range(day, 0, -1):
            draws = Draws("changed", self.seed, course.index, learner.index, past_day)
            if draws.chance(self.changed_share):
                return past_day
        return 0


@lru_cache(maxsize=1024)
def _id_base(seed: int, what: str, zeros: int) -> int:
    """The first id of *what*, of *zeros* + 4 digits: far above 2^53 and odd, so that no float holds it."""
    draws = Draws("ids", seed, what)
    magnitude: int = 10**zeros
    return draws.between(1000, 8999) * magnitude + 32_000_001 + 2 * draws.below(10**6)


def _index_of(number: int, base: int, count: int) -> int | None:
    index, rest = divmod(number - base, _ID_STEP)
    return index if rest == 0 and 0 <= index < count else None


@lru_cache(maxsize=1024)
def _course(seed: int, index: int) -> Course:
    draws = Draws(seed, "course", index)
    course_id = _id_base(seed, "course", 15) + index * _ID_STEP
    course_type = BLENDED if index % 3 == 1 else E_MATERIAL if index % 9 == 8 else SELF_PACED
    batches = _BATCHES_OF_A_BLENDED_COURSE if course_type == BLENDED else 0
    first_batch = _id_base(seed, "batch", 15) + index * _ID_STEP * _BATCHES_OF_A_BLENDED_COURSE
    batch_ids = tuple(first_batch + number * _ID_STEP for number in range(batches))
    return Course(index, course_id, f"{draws.pick(NAMES)} {index + 1}", course_type, batch_ids)


@lru_cache(maxsize=1024)
def _entities(seed: int, course: int, code: int, max_entities: int | None) -> tuple[Entity, ...]:
    """The entities of one type of a course: the same for all its learners."""
    count = _entity_count(seed, course, code)
    base = _id_base(seed, f"entity {course} {code}", 14)
    render = _course(seed, course).render_id
    return tuple(
        make_entity(
            Draws(seed, "entity", course, code, number),
            kind=KINDS[code],
            number=number,
            entity_id=render(base + number * _ID_STEP),
        )
        for number in range(count if max_entities is None else min(count, max_entities))
    )


def _entity_count(seed: int, course: int, code: int) -> int:
    """Mostly a handful; one type in each course has several pages and one has nothing at all."""
    draws = Draws(seed, "entity count", course, code)
    if code == (course + 1) % len(KINDS):
        return draws.between(40, 60)
    if code == (course + 6) % len(KINDS):
        return 0
    return draws.between(6, 25) if draws.chance(0.2) else draws.between(1, 5)
