"""A week of an emulated organisation: every day's snapshot is that day's truth, for a tenth of the requests."""

from __future__ import annotations

import pytest
from upath import UPath

from tests.helpers.company import LEAVES_ON, TYPES, Company, Week, course_of, small
from zoho_people.model.entity_type import EntityType
from zoho_people.model.policy import Mode, Policy
from zoho_people.model.unit import Unit
from zoho_people.publishing.coverage import Coverage

pytestmark = pytest.mark.component


def outcomes(coverage: Coverage, outcome: str) -> int:
    return coverage.outcomes[outcome]


@pytest.fixture
def root(object_store: UPath) -> str:
    """In memory, since a disk takes its time for each of thousands of small files."""
    return str(object_store)


def test_every_day_is_the_truth_of_that_day_for_a_tenth_of_the_requests(root: str) -> None:
    week = Week(Company(), root)
    full = week.run(0)
    week.check_truth()
    for day in range(1, LEAVES_ON + 2):
        requests = week.run(day)
        week.check_truth()
        assert requests <= 0.12 * full, (day, requests, full)
        assert len(list(week.coverage.missing())) == 0
        assert outcomes(week.coverage, "left") == (3 * len(TYPES) if day == LEAVES_ON + 1 else 0)


def test_a_full_refresh_is_the_truth_too_for_all_requests(root: str) -> None:
    week = Week(small(), root, Policy(Mode.FULL))
    first = week.run(0)
    second = week.run(1)
    week.check_truth()
    assert second > 0.9 * first


def test_after_a_week_everybody_is_asked_for_again(root: str) -> None:
    week = Week(small(), root)
    full = week.run(0)
    assert week.run(6) < 0.6 * full
    assert week.run(7) > 0.6 * full
    week.check_truth()


def test_a_unit_that_failed_is_the_only_thing_missing_and_there_the_next_day(root: str) -> None:
    company = small()
    failing = Unit(
        course_of(company.organisation.course_at(0).course_id, None),
        str(company.organisation.learner_id(3)),
        EntityType.ONLINE_TESTS,
    )
    week = Week(company, root)
    week.run(0, failing)
    assert list(week.coverage.missing()) == [(failing, "HTTP 500")]
    week.check_truth(but=failing)
    week.run(1)
    week.check_truth()
