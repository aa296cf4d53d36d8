from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.helpers.samples import COURSE, DAY, NOON, TESTS, at, planned_of, unit, write_known
from zoho_people.model.entity_type import EntityType
from zoho_people.model.known import Known
from zoho_people.model.planned_unit import PlannedUnit, Reason
from zoho_people.model.policy import Mode, Policy
from zoho_people.model.unit import Course, Unit
from zoho_people.planning.plan import plan_units
from zoho_people.planning.plan_file import PlanFile
from zoho_people.storage.store import Store

OTHER = Course("2", "5")
LINKS = EntityType.LINKS


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def test_every_course_is_decided_on_by_what_is_known_of_it(store: Store) -> None:
    known = Known("fetched", 2, 30, at(5), "same", DAY)
    write_known(store, COURSE, {TESTS: {"1": known, "2": known}})
    write_known(store, OTHER, {LINKS: {"1": known, "9": Known("failed")}})
    courses = [(COURSE, {"1": "same", "2": "other"}), (OTHER, {"1": "other"})]
    plan = plan_units(store, "run", courses, [TESTS, LINKS], policy=Policy(), now=NOON)
    assert [(course, [each.reason.value for each in units]) for course, units in planned_of(plan)] == [
        (COURSE, ["carried", "changed", "new", "new"]),
        (OTHER, ["new", "changed", "left"]),
    ]
    carried = planned_of(plan)[0][1][0]
    assert carried == PlannedUnit(unit(1), Reason.CARRIED, "same", 2, at(5), 30, DAY)


def test_named_learners_are_all_asked_for_and_none_has_left(store: Store) -> None:
    write_known(
        store, COURSE, {TESTS: {"1": Known("fetched", 2, 30, at(5), "same", DAY), "3": Known("failed")}}
    )
    named = [(COURSE, dict.fromkeys(["1", "2"]))]
    plan = plan_units(store, "run", named, [TESTS], policy=Policy(Mode.NAMED), now=NOON)
    assert planned_of(plan) == [
        (
            COURSE,
            [
                PlannedUnit(unit(1), Reason.NAMED, None, 2, at(5), 30, DAY, is_outdated=True),
                PlannedUnit(unit(2), Reason.NAMED),
            ],
        )
    ]


def test_of_a_course_comes_entity_type_by_entity_type_once_each(store: Store) -> None:
    learners = {"2": "m", "10": "m"}
    kinds = [TESTS, LINKS, TESTS]
    plan = plan_units(store, "run", [(COURSE, learners), (OTHER, learners)], kinds, policy=Policy(), now=NOON)
    assert [
        [(kind, [each.unit for each in units]) for kind, units in files] for _, files in plan.courses()
    ] == [
        [(kind, [Unit(course, learner, kind) for learner in sorted(learners)]) for kind in (TESTS, LINKS)]
        for course in (COURSE, OTHER)
    ]


def test_what_is_first_known_of_a_course_is_all_entity_types_of_few_learners(store: Store) -> None:
    learners = dict.fromkeys(map(str, range(9)), "mark")
    plan = plan_units(store, "run", [(COURSE, learners)], list(EntityType), policy=Policy(), now=NOON)
    first = 2 * len(EntityType)
    assert plan.fit(first) == (first, 7 * len(EntityType))
    assert {(each.learner_id, each.entity_type) for each in plan.to_fetch(0, 99)} == {
        (learner, kind) for learner in "01" for kind in EntityType
    }


def test_courses_are_read_one_at_a_time_and_the_plan_is_there_at_the_end(store: Store) -> None:
    seen = []

    def courses() -> Iterator[tuple[Course, Mapping[str, str | None]]]:
        for number in (1, 2, 3):
            seen.append(PlanFile(store, "run").exists())
            yield Course(str(number)), {"7": "mark"}

    plan = plan_units(store, "run", courses(), [TESTS], policy=Policy(), now=NOON)
    assert seen == [False] * 3
    assert plan.to_fetch(0, 9) == [Unit(Course(str(number)), "7", TESTS) for number in (1, 2, 3)]


def test_a_course_without_learners_is_no_part_of_the_plan(store: Store) -> None:
    plan = plan_units(store, "run", [(COURSE, {}), (OTHER, {"1": None})], [TESTS], policy=Policy(), now=NOON)
    assert [course for course, _ in plan.courses()] == [OTHER]


def test_a_course_that_lost_all_its_learners_at_once_is_named(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    write_known(store, OTHER, {LINKS: {"1": Known("fetched", 2, 30, at(5), "same", DAY)}})
    plan = plan_units(store, "run", [(COURSE, {}), (OTHER, {})], [LINKS], policy=Policy(), now=NOON)
    assert [(course, [each.reason for each in units]) for course, units in planned_of(plan)] == [
        (OTHER, ["carried"])
    ]
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert f"Course {OTHER} has no learners any more" in caplog.text


def test_a_course_that_comes_twice_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="one course at a time"):
        plan_units(
            store, "run", [(COURSE, {"1": None}), (COURSE, {"2": None})], [TESTS], policy=Policy(), now=NOON
        )
    assert not PlanFile(store, "run").exists()
