from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.helpers.samples import DAY, NOON, at, unit
from zoho_people.model.known import Known
from zoho_people.model.planned_unit import PlannedUnit, Reason
from zoho_people.model.staged_unit import StagedUnit
from zoho_people.planning.known_after_publish import KnownAfterPublish, Result

YESTERDAY, TOMORROW = DAY - timedelta(days=1), DAY + timedelta(days=1)
KNOWN = Known("fetched", 2, 30, at(0), "old", YESTERDAY)


def after(
    planned: PlannedUnit,
    before: Known | None,
    staged: StagedUnit | None = None,
    *,
    lost: bool = False,
    failed_at: datetime | None = None,
    now: datetime = NOON,
) -> Known | None:
    """What is known of the only unit of a course afterwards."""
    result, known_after = Result(staged, lost, failed_at), KnownAfterPublish(DAY, now)
    known = known_after.after(planned, result, before)
    assert known == KnownAfterPublish(DAY, now + timedelta(days=3)).after(planned, result, known), (
        "publishing again changes what is known"
    )
    return known


def planned(reason: Reason, **facts: Any) -> PlannedUnit:
    return PlannedUnit(unit(7), reason, **{"fingerprint": "new", "pages": 2, "last_at": at(0), **facts})


def carried(**facts: Any) -> PlannedUnit:
    return planned(Reason.CARRIED, **{"fingerprint": "old", "rows": 30, "snapshot_date": YESTERDAY, **facts})


def answer(minute: int, rows: int = 5) -> StagedUnit:
    return StagedUnit("7", "fetched" if rows else "empty", 1, rows, at(minute))


@pytest.mark.parametrize("reason", [reason for reason in Reason if reason.is_to_fetch])
def test_an_answer_is_known_with_the_mark_of_its_plan(reason: Reason) -> None:
    known = Known("fetched", 1, 5, at(9), "new", DAY)
    assert after(planned(reason), KNOWN, answer(9)) == known
    assert after(planned(reason, last_at=None), None, answer(9)) == known
    assert after(planned(reason), Known("failed", fetched_at=at(0)), answer(9)) == known
    assert after(planned(reason, last_at=None), Known("type_absent", since=at(-9)), answer(9)) == known


def test_a_later_answer_of_another_run_stays() -> None:
    later = Known("fetched", 1, 7, at(10), "other", DAY)
    assert after(planned(Reason.DUE), later, answer(9)) == later


@pytest.mark.parametrize("later", [Known("empty", 1, 0, at(9), "x", TOMORROW), Known("failed", 1, 5, at(9))])
def test_the_same_answer_does_not_come_back_over_what_was_made_of_it(later: Known) -> None:
    assert after(planned(Reason.DUE), later, answer(9)) == later


def test_no_answer_is_known_with_what_was_known_before() -> None:
    assert after(planned(Reason.CHANGED), KNOWN) == Known("failed", 2, 30, at(0), None, None)
    assert after(planned(Reason.NEW, last_at=None), None) == Known("failed")
    refused = StagedUnit("7", "forbidden", 1, 0, at(9))
    known = Known("forbidden", 2, 30, at(0), None, None, tried_at=at(9))
    assert after(planned(Reason.CHANGED), KNOWN, refused) == known


def test_a_try_without_an_answer_is_noted_until_there_is_one() -> None:
    new, failed = planned(Reason.NEW, last_at=None), planned(Reason.FAILED, last_at=None)
    refused = StagedUnit("7", "not_found", 1, 0, at(9))
    tried = Known("not_found", tried_at=at(9))
    assert after(new, None, refused) == tried
    assert after(new, None, failed_at=at(9)) == Known("failed", tried_at=at(9))
    assert after(failed, tried) == Known("failed", tried_at=at(9))
    assert after(failed, tried, failed_at=at(8)) == Known("failed", tried_at=at(9))
    assert after(failed, tried, failed_at=at(11)) == Known("failed", tried_at=at(11))
    assert after(failed, tried, answer(12)) == Known("fetched", 1, 5, at(12), "new", DAY)
    postponed = planned(Reason.POSTPONED, last_at=None)
    assert after(postponed, tried) == tried


def test_no_answer_leaves_the_rows_that_were_carried_instead() -> None:
    due = planned(Reason.DUE, fingerprint="old", rows=30, snapshot_date=YESTERDAY)
    changed = planned(Reason.CHANGED, rows=30, snapshot_date=YESTERDAY, is_outdated=True)
    kept = Known("failed", 2, 30, at(0), "old", DAY, tried_at=at(9))
    assert after(due, KNOWN, failed_at=at(9)) == kept
    assert after(changed, KNOWN, failed_at=at(9)) == kept
    assert after(changed, None, failed_at=at(9)) == replace(kept, fingerprint=None)
    assert after(changed, replace(KNOWN, snapshot_date=TOMORROW)) == Known(
        "failed", 2, 30, at(0), "old", TOMORROW
    )
    assert after(changed, KNOWN, lost=True) == Known("failed", 2, 30, at(0), None, None)
    postponed = replace(changed, reason=Reason.POSTPONED)
    assert after(postponed, KNOWN) == replace(KNOWN, snapshot_date=DAY)
    assert after(postponed, replace(kept, snapshot_date=YESTERDAY)) == kept
    assert after(postponed, None) == Known("fetched", 2, 30, at(0), None, DAY)


def test_no_answer_takes_nothing_back_that_came_since_the_plan() -> None:
    later = Known("fetched", 1, 7, at(5), "other", DAY)
    assert after(planned(Reason.CHANGED), later) == later
    assert after(planned(Reason.NEW, last_at=None), later) == later


def test_rows_that_were_carried_are_known_to_be_in_the_days_snapshot() -> None:
    there = Known("fetched", 2, 30, at(0), "old", DAY)
    assert after(carried(), KNOWN) == there
    assert after(carried(), None) == there
    assert after(carried(rows=0), None) == Known("empty", 2, 0, at(0), "old", DAY)
    postponed = planned(Reason.POSTPONED, fingerprint="old", rows=30, snapshot_date=YESTERDAY)
    assert after(postponed, KNOWN) == there


@pytest.mark.parametrize(
    "later",
    [Known("fetched", 2, 30, at(0), "old", TOMORROW), Known("fetched", 2, 7, at(5), "other", YESTERDAY)],
)
def test_rows_that_were_carried_do_not_go_back_behind_what_is_known(later: Known) -> None:
    assert after(carried(), later) == later
    assert after(carried(), later, lost=True) == later


def test_rows_that_are_lost_are_not_known_any_more() -> None:
    assert after(carried(), KNOWN, lost=True) is None
    assert after(carried(), None, lost=True) is None


def test_a_postponed_unit_is_as_it_was() -> None:
    for before in (KNOWN, None):
        assert after(planned(Reason.POSTPONED), before) == before
    assert after(planned(Reason.POSTPONED), KNOWN, answer(9)) == Known("fetched", 1, 5, at(9), "new", DAY)


def test_a_type_that_is_left_out_is_noted_once() -> None:
    absent = planned(Reason.ABSENT, last_at=None)
    assert after(absent, None, now=at(5)) == Known("type_absent", since=at(5))
    assert after(planned(Reason.ABSENT), KNOWN) == KNOWN


def test_who_is_missing_is_known_to_be_until_seen_again() -> None:
    missed = Known("fetched", 2, 30, at(0), "old", DAY, missed_at=at(5))
    assert after(carried(missed_at=at(5)), KNOWN) == missed
    assert after(carried(), missed) == replace(missed, missed_at=None)
    assert after(planned(Reason.CHANGED), missed, answer(9)) == Known("fetched", 1, 5, at(9), "new", DAY)
    assert after(planned(Reason.NAMED, missed_at=at(5)), missed, answer(9)) == Known(
        "fetched", 1, 5, at(9), "new", DAY, missed_at=at(5)
    )
    absent = Known("type_absent", since=at(0))
    seen = planned(Reason.ABSENT, last_at=None)
    assert after(replace(seen, missed_at=at(5)), absent) == replace(absent, missed_at=at(5))
    assert after(seen, replace(absent, missed_at=at(5))) == absent


def test_who_left_is_not_known_any_more_but_by_what_came_since() -> None:
    assert after(planned(Reason.LEFT), KNOWN) is None
    assert after(planned(Reason.LEFT, last_at=None), Known("type_absent", since=at(0))) is None
    later = Known("fetched", 1, 7, at(5), "other", DAY)
    assert after(planned(Reason.LEFT), later) == later


class TestTheFirstRowsOfAType:
    EMPTY = Known("empty", 1, 0, at(0), "old", YESTERDAY)
    FIRST = KnownAfterPublish(DAY, NOON, is_first=True)

    @pytest.mark.parametrize(
        "each", [None, PlannedUnit(unit(7), Reason.CARRIED, "old", 1, at(0), 0, YESTERDAY)]
    )
    def test_make_doubtful_who_was_found_without_before(self, each: PlannedUnit | None) -> None:
        doubtful = Known("type_absent", 1, 0, at(0), None, None, NOON)
        assert self.FIRST.after(each, Result(), self.EMPTY) == doubtful
        assert KnownAfterPublish(DAY, NOON).after(None, Result(), self.EMPTY) == self.EMPTY

    def test_leave_what_the_run_has_found_itself(self) -> None:
        for rows in (0, 4):
            known = self.FIRST.after(PlannedUnit(unit(7), Reason.PROBE), Result(answer(9, rows)), self.EMPTY)
            assert known == Known("fetched" if rows else "empty", 1, rows, at(9), None, DAY)

    @pytest.mark.parametrize("before", [Known("failed"), Known("type_absent", since=at(1)), KNOWN, None])
    def test_leave_what_is_no_answer_or_has_rows(self, before: Known | None) -> None:
        assert self.FIRST.after(None, Result(), before) == before
