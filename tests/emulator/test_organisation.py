from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import Any

import pytest

from zoho_emulator.kinds import KINDS
from zoho_emulator.organisation import BLENDED, Organisation, Unit

LARGE = Organisation(courses=6, learners=12)


def units(organisation: Organisation) -> list[Unit]:
    return [
        unit
        for course in organisation.all_courses()
        for batch_id in course.batch_ids or (None,)
        for unit in organisation.units(course, batch_id)
    ]


def everything(organisation: Organisation, day: int = 0) -> str:
    return json.dumps([organisation.records(unit, day=day) for unit in units(organisation)])


def records(organisation: Organisation) -> list[dict[str, Any]]:
    return [record for unit in units(organisation) for record in organisation.records(unit)]


def test_the_same_seed_gives_the_same_organisation() -> None:
    assert everything(Organisation(seed=3)) == everything(Organisation(seed=3))
    assert everything(Organisation(seed=3)) != everything(Organisation(seed=4))


def test_a_larger_organisation_contains_the_smaller_one() -> None:
    small = Organisation(courses=2, learners=3)
    large = Organisation(courses=5, learners=9)
    assert list(small.all_courses()) == list(large.all_courses())[:2]
    assert [small.learner_at(i) for i in range(3)] == [large.learner_at(i) for i in range(3)]
    for unit in units(small):
        assert small.records(unit) == large.records(unit)


def test_every_learner_is_in_every_course_once() -> None:
    pairs = [(unit.course.course_id, unit.learner.learner_id, unit.kind.code) for unit in units(LARGE)]
    assert len(set(pairs)) == len(pairs) == 6 * 12 * 10


def test_every_third_course_is_blended_and_its_batches_share_the_learners() -> None:
    blended = [course for course in LARGE.all_courses() if course.type == BLENDED]
    assert len(blended) == 2
    for course in blended:
        first, second = (set(LARGE.learners_of(course, batch_id)) for batch_id in course.batch_ids)
        assert first | second == set(range(12))
        assert not first & second
        assert first
        for index in range(12):
            batch_id = LARGE.batch_of(course, LARGE.learner_at(index))
            assert batch_id is not None
            assert index in LARGE.learners_of(course, batch_id)


def test_ids_are_too_large_for_a_float_and_found_again() -> None:
    for course in LARGE.all_courses():
        assert int(float(course.course_id)) != course.course_id
        assert LARGE.find_course(course.course_id) == course
    for index in range(12):
        learner = LARGE.learner_at(index)
        assert int(float(learner.learner_id)) != learner.learner_id
        assert LARGE.find_learner(learner.learner_id) == learner
    beyond = LARGE.learner_at(12).learner_id
    for unknown in (0, 1, beyond, LARGE.learner_at(0).learner_id + 1):
        assert LARGE.find_learner(unknown) is None
        assert LARGE.find_course(unknown) is None


def test_the_records_of_a_unit_have_distinct_ids_that_belong_to_the_course() -> None:
    for course in LARGE.all_courses():
        for kind in KINDS:
            per_learner = []
            for index in range(12):
                learner = LARGE.learner_at(index)
                unit = Unit(course, LARGE.batch_of(course, learner), learner, kind)
                ids = [record[kind.id_field] for record in LARGE.records(unit)]
                assert len(set(ids)) == len(ids)
                assert all(isinstance(each, str if course.has_text_ids else int) for each in ids)
                per_learner.append(set(ids))
            assert len(set.union(*per_learner)) <= 60


def test_every_oddity_of_the_real_service_occurs() -> None:
    found = records(LARGE)
    assert {"duration" in record for record in found if "testId" in record} == {True, False}
    for field in ("userMark", "testMark", "status", "isMandatory", "testName", "maximumAttemptsAllowed"):
        values = [record.get(field, "missing") for record in found if "testId" in record]
        assert None in values, field
        assert "missing" in values, field
    durations = {record.get("duration") for record in found}
    assert {"", "10 minutes", "1 hour 30 minutes", "01:30:00", "about an hour"} <= durations
    assert any(isinstance(record.get("userMark"), float) for record in found)
    names = " ".join(str(value) for record in found for key, value in record.items() if key.endswith("Name"))
    for character in ("🔥", "ا", "\u0301", "/", '"', "\n", "\u0007"):
        assert character in names
    assert any(isinstance(record.get("evaluator"), dict) for record in found)
    assert any(isinstance(record.get("attempts"), list) for record in found)
    assert {record["checksum"] > 2**64 - 1 for record in found if "checksum" in record} == {True}
    counts = [len(LARGE.records(unit)) for unit in units(LARGE)]
    assert min(counts) == 0
    assert max(counts) > 25


def test_a_limit_of_entities_holds() -> None:
    assert max(len(LARGE.records(unit)) for unit in units(LARGE)) > 3
    small = Organisation(courses=3, learners=3, max_entities=3)
    assert max(len(small.records(unit)) for unit in units(small)) == 3


def test_a_course_has_so_many_types_of_entities_and_another_course_others() -> None:
    all_types = Organisation(courses=3, learners=20, max_entities=3)
    two_types = replace(all_types, types_of_a_course=2)
    with_records = set()
    for unit in units(two_types):
        has_type = unit.kind.code in (unit.course.index, unit.course.index + 1)
        found = two_types.records(unit)
        assert found == (all_types.records(unit) if has_type else [])
        if found:
            with_records.add((unit.course.index, unit.kind.code))
    assert with_records == {(0, 0), (0, 1), (1, 1), (1, 2), (2, 2), (2, 3)}


def test_on_each_day_the_given_share_changes_and_nothing_else() -> None:
    organisation = Organisation(courses=4, learners=100, changed_share=0.1, max_entities=3)
    pairs = [
        (course, organisation.learner_at(index))
        for course in organisation.all_courses()
        for index in range(100)
    ]
    changed = [organisation.changed_on(course, learner, day=1) for course, learner in pairs]
    assert set(changed) == {0, 1}
    assert 20 <= sum(changed) <= 60
    for (course, learner), day in zip(pairs, changed, strict=True):
        batch_id = organisation.batch_of(course, learner)
        before, after = (
            [organisation.records(Unit(course, batch_id, learner, kind), day=at) for kind in KINDS]
            for at in (0, 1)
        )
        assert (before != after) == (day == 1)


def test_days_are_reproducible_and_a_share_of_zero_changes_nothing() -> None:
    still = Organisation(changed_share=0.0)
    assert everything(still, day=50) == everything(still)
    lively = Organisation(changed_share=1.0)
    assert everything(lively, day=2) == everything(lively, day=2) != everything(lively, day=1)


@pytest.mark.parametrize("day", [0, 3])
def test_a_huge_organisation_costs_nothing_until_it_is_asked(day: int) -> None:
    began = time.process_time()
    huge = Organisation(courses=20, learners=1_000_000)
    last = huge.learner_at(999_999)
    course = huge.course_at(19)
    assert huge.find_learner(last.learner_id) == last
    for kind in KINDS:
        huge.records(Unit(course, huge.batch_of(course, last), last, kind), day=day)
    assert time.process_time() - began < 1


def test_sessions_exist_only_in_batches() -> None:
    with_sessions = {unit.course.type for unit in units(LARGE) if unit.kind.code == 5 and LARGE.records(unit)}
    assert with_sessions == {BLENDED}


def test_courses_are_published_unless_all_states_are_wanted() -> None:
    courses = list(Organisation(courses=7).all_courses())
    assert {Organisation().state_of(course) for course in courses} == {"published"}
    states = [Organisation(all_states=True).state_of(course) for course in courses]
    assert states == ["published", "published", "drafted", "published", "published", "disabled", "published"]
