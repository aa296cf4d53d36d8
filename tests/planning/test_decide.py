from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import ClassVar

import pytest

from tests.helpers.samples import COURSE, DAY, NOON, TESTS, unit
from zoho_people.model.entity_type import EntityType
from zoho_people.model.known import Known
from zoho_people.model.outcome import Outcome
from zoho_people.model.planned_unit import PlannedUnit, Reason
from zoho_people.model.policy import Mode, Policy
from zoho_people.planning.decide import Decisions

LINKS = EntityType.LINKS
CHANGED, FULL, NAMED = Policy(), Policy(Mode.FULL), Policy(Mode.NAMED)
Marks = Mapping[str, str | None]


def days_ago(days: float) -> datetime:
    return NOON - timedelta(days=days)


def fetched(days: float = 1, *, rows: int = 3, fingerprint: str | None = "same") -> Known:
    """What is known of a unit that was answered some days ago."""
    outcome = Outcome.FETCHED if rows else Outcome.EMPTY
    return Known(
        outcome, pages=2, rows=rows, fetched_at=days_ago(days), fingerprint=fingerprint, snapshot_date=DAY
    )


def planned(
    learners: Marks, known: Mapping[str, Known], policy: Policy = CHANGED, *, now: datetime = NOON
) -> dict[str, PlannedUnit]:
    """What is decided about each learner's tests."""
    units = Decisions(COURSE, learners, TESTS, dict(sorted(known.items())), now=now, policy=policy)
    return {each.unit.learner_id: each for each in units}


def reasons(learners: Marks, known: Mapping[str, Known], policy: Policy = CHANGED) -> dict[str, str]:
    return {learner: each.reason.value for learner, each in planned(learners, known, policy).items()}


def reason(known: Known | None, *, fingerprint: str | None = "same", policy: Policy = CHANGED) -> Reason:
    """The reason for the only learner of a course."""
    states = {} if known is None else {"7": known}
    return planned({"7": fingerprint}, states, policy)["7"].reason


class TestAUnit:
    def test_of_which_nothing_is_known_is_new(self) -> None:
        assert reason(None) is Reason.NEW
        assert reason(None, fingerprint=None) is Reason.NEW
        assert reason(None, policy=FULL) is Reason.NEW

    def test_whose_learners_record_is_the_same_is_carried(self) -> None:
        assert reason(fetched()) is Reason.CARRIED
        assert reason(fetched(rows=0)) is Reason.CARRIED

    @pytest.mark.parametrize(
        ("fingerprint", "then"), [("other", "same"), (None, "same"), ("same", None), (None, None)]
    )
    def test_whose_learners_record_is_not_known_to_be_the_same_is_changed(
        self, fingerprint: str | None, then: str | None
    ) -> None:
        assert reason(fetched(fingerprint=then), fingerprint=fingerprint) is Reason.CHANGED

    @pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.FORBIDDEN, Outcome.NOT_FOUND])
    @pytest.mark.parametrize("policy", [CHANGED, FULL])
    def test_that_had_no_answer_the_last_time_is_asked_for(self, outcome: str, policy: Policy) -> None:
        known = Known(outcome, fetched_at=days_ago(3), fingerprint="same")
        assert reason(known, policy=policy) is Reason.FAILED
        assert reason(replace(known, fetched_at=None), policy=policy) is Reason.FAILED

    def test_is_due_half_a_day_before_the_limit(self) -> None:
        assert reason(fetched(6.49)) is Reason.CARRIED
        assert reason(fetched(6.5)) is Reason.DUE
        assert reason(fetched(70)) is Reason.DUE

    def test_is_due_by_the_limit_that_is_set(self) -> None:
        assert reason(fetched(0.6), policy=Policy(full_every=timedelta(days=1))) is Reason.DUE
        assert reason(fetched(0.3), policy=Policy(full_every=timedelta(days=1))) is Reason.CARRIED
        assert reason(fetched(0.04), policy=Policy(full_every=timedelta(hours=2))) is Reason.CARRIED
        assert reason(fetched(0.05), policy=Policy(full_every=timedelta(hours=2))) is Reason.DUE

    def test_is_asked_for_in_a_full_refresh(self) -> None:
        assert reason(fetched(), policy=FULL) is Reason.FULL
        assert reason(fetched(), fingerprint="other", policy=FULL) is Reason.CHANGED

    @pytest.mark.parametrize("known", [None, fetched(), Known(Outcome.FAILED)])
    def test_that_is_named_is_asked_for_as_such(self, known: Known | None) -> None:
        assert reason(known, fingerprint=None, policy=NAMED) is Reason.NAMED


class TestWhatIsPlanned:
    def test_says_what_the_unit_cost_and_when_it_was_answered(self) -> None:
        unit = planned({"7": "new"}, {"7": fetched(2)})["7"]
        assert (unit.fingerprint, unit.pages, unit.last_at) == ("new", 2, days_ago(2))
        unit = planned({"7": "new"}, {"7": Known(Outcome.FAILED)})["7"]
        assert (unit.pages, unit.last_at, unit.tried_at) == (1, None, None)
        unit = planned({"7": "new"}, {"7": replace(fetched(2), tried_at=days_ago(1))})["7"]
        assert (unit.last_at, unit.tried_at) == (days_ago(2), days_ago(1))

    def test_says_where_the_rows_are_and_whether_they_may_have_changed(self) -> None:
        for days, fingerprint, then in (
            (1, "same", "same"),
            (30, "same", "same"),
            (1, "b", "a"),
            (1, None, None),
        ):
            unit = planned({"7": fingerprint}, {"7": fetched(days, fingerprint=then)})["7"]
            assert (unit.snapshot_date, unit.rows) == (DAY, 3)
            assert unit.is_outdated == (fingerprint is None or fingerprint != then)
        unit = planned({"7": "same"}, {"7": replace(fetched(), snapshot_date=None)})["7"]
        assert (unit.snapshot_date, unit.rows, unit.is_outdated) == (None, 0, False)

    def test_is_asked_for_where_the_last_try_failed_though_there_are_rows(self) -> None:
        for policy in (CHANGED, FULL):
            unit = planned({"7": "same"}, {"7": replace(fetched(), outcome=Outcome.FAILED)}, policy)["7"]
            assert (unit.reason, unit.snapshot_date, unit.rows) == ("failed", DAY, 3)
        missing = planned({"8": "same"}, {"7": replace(fetched(), outcome=Outcome.FAILED)})["7"]
        assert (missing.reason, missing.rows) == ("carried", 3)

    def test_is_carried_for_want_of_an_answer_and_fine_where_nothing_changed(self) -> None:
        due = planned({"7": "same"}, {"7": fetched(30)})["7"]
        changed = planned({"7": "other"}, {"7": fetched(30)})["7"]
        for reason in Reason:
            is_carried = reason not in ("absent", "left")
            assert replace(due, reason=reason).is_carried == is_carried
            assert replace(changed, reason=reason).is_carried == is_carried
            assert not replace(due, reason=reason, snapshot_date=None).is_carried
            assert replace(due, reason=reason).is_fine_carried == (reason in ("carried", "postponed"))
            assert not replace(changed, reason=reason).is_fine_carried

    def test_comes_in_the_order_of_the_ids_which_are_texts(self) -> None:
        known = {each: fetched() for each in ("10", "11", "9")}
        units = Decisions(COURSE, {"2": "m", "10": "m"}, TESTS, known, now=NOON, policy=CHANGED)
        assert [each.unit for each in units] == [unit(each) for each in ("10", "11", "2", "9")]


class TestALearnerWhoLeft:
    STATE: ClassVar[Mapping[EntityType, Mapping[str, Known]]] = {
        TESTS: {"1": fetched(), "2": replace(fetched(), missed_at=days_ago(1)), "3": Known(Outcome.FAILED)},
        LINKS: {"2": replace(fetched(), missed_at=days_ago(1))},
    }

    def left(self, kinds: Iterable[EntityType], policy: Policy) -> list[tuple[str, EntityType]]:
        units = [
            each
            for kind in kinds
            for each in Decisions(COURSE, {"1": "same"}, kind, self.STATE[kind], now=NOON, policy=policy)
        ]
        return [(each.unit.learner_id, each.unit.entity_type) for each in units if each.reason == "left"]

    @pytest.mark.parametrize("policy", [CHANGED, FULL])
    def test_is_told_for_each_type_that_the_run_is_about(self, policy: Policy) -> None:
        assert self.left([TESTS, LINKS], policy) == [("2", TESTS), ("3", TESTS), ("2", LINKS)]
        assert self.left([LINKS], policy) == [("2", LINKS)]

    @pytest.mark.parametrize("policy", [CHANGED, FULL])
    def test_is_carried_the_first_time_and_has_left_on_a_later_day(self, policy: Policy) -> None:
        absent = Known("type_absent", since=days_ago(3))
        states = {"1": fetched(), "2": fetched(30, fingerprint=None), "3": absent}
        units = planned({"1": "same"}, states, policy)
        assert [units[each].reason for each in ("2", "3")] == ["carried", "absent"]
        assert (units["2"].rows, units["2"].snapshot_date, units["2"].last_at) == (3, DAY, days_ago(30))
        assert [units[each].missed_at for each in ("1", "2", "3")] == [None, NOON, NOON]
        missed = {learner: replace(known, missed_at=NOON) for learner, known in states.items()}
        for hours, reason in ((11, "carried"), (13, "left")):
            now = NOON + timedelta(hours=hours)
            units = planned({"1": "same"}, missed, policy, now=now)
            assert units["2"].reason == reason
            assert units["1"].missed_at is None
        assert planned({"1": "same"}, missed, policy)["2"].missed_at == NOON

    def test_is_as_missing_as_before_where_not_all_learners_are_given(self) -> None:
        known = {"1": replace(fetched(), missed_at=days_ago(1))}
        for policy in (NAMED, Policy(finds_left=False)):
            assert planned({"1": "same"}, known, policy)["1"].missed_at == days_ago(1)

    def test_is_not_taken_to_be_missing_by_an_empty_list(self) -> None:
        for missed_at in (None, days_ago(3)):
            unit = planned({}, {"1": replace(fetched(), missed_at=missed_at)})["1"]
            assert (unit.reason, unit.missed_at) == ("carried", missed_at)

    @pytest.mark.parametrize("policy", [CHANGED, FULL])
    def test_is_nobody_where_the_course_has_no_learners_at_all(self, policy: Policy) -> None:
        unmarked, absent = fetched(30, rows=0, fingerprint=None), Known("type_absent", since=days_ago(3))
        units = planned({}, self.STATE[TESTS] | {"4": unmarked, "5": absent}, policy)
        found = {learner: (each.reason.value, each.fingerprint, each.rows) for learner, each in units.items()}
        assert found == {
            "1": ("carried", "same", 3),
            "2": ("carried", "same", 3),
            "4": ("carried", None, 0),
            "5": ("absent", None, 0),
        }
        assert [units[learner].snapshot_date for learner in ("1", "2", "4", "5")] == [DAY, DAY, DAY, None]
        assert planned({}, self.STATE[TESTS], Policy(finds_left=False)) == {}

    def test_is_not_told_where_not_all_learners_of_the_course_are_given(self) -> None:
        assert self.left([TESTS], NAMED) == []
        assert self.left([TESTS], Policy(finds_left=False)) == []


class TestATypeThatIsAbsent:
    LEARNERS: ClassVar[Marks] = {str(number): "same" for number in range(20)}

    @staticmethod
    def empty(count: int, **facts: float) -> dict[str, Known]:
        return {str(number): fetched(rows=0, **facts) for number in range(count)}  # type: ignore[arg-type]

    def count(self, reason: str, known: Mapping[str, Known], policy: Policy = CHANGED) -> int:
        return list(reasons(self.LEARNERS, known, policy).values()).count(reason)

    def test_is_not_asked_for_but_of_a_sample(self) -> None:
        found = reasons(self.LEARNERS, self.empty(5))
        assert sorted(found.values()) == ["absent"] * 12 + ["carried"] * 5 + ["probe"] * 3

    def test_is_one_that_several_learners_lack_and_none_has(self) -> None:
        assert self.count("new", self.empty(4)) == 16
        assert self.count("new", self.empty(9) | {"9": fetched()}) == 10
        assert self.count("new", self.empty(4) | {"9": Known(Outcome.FAILED)}) == 15
        assert self.count("new", self.empty(5), Policy(absent_after=6)) == 15

    def test_is_asked_for_where_that_is_wanted(self) -> None:
        assert self.count("new", self.empty(5), Policy(skip_absent_types=False)) == 15
        assert self.count("full", self.empty(5), FULL) == 5
        assert self.count("named", self.empty(5), NAMED) == 20

    def test_is_not_asked_for_because_a_learner_changed(self) -> None:
        changed = dict.fromkeys(self.LEARNERS, "other")
        found = reasons(changed, self.empty(20))
        assert sorted(found.values()) == ["absent"] * 17 + ["probe"] * 3

    def test_is_asked_for_where_the_last_try_failed(self) -> None:
        assert self.count("failed", self.empty(5) | {"9": Known(Outcome.FAILED)}) == 1

    def test_is_probed_on_those_longest_not_asked(self) -> None:
        known = {str(number): fetched(1 + (number * 7 % 20) / 4, rows=0) for number in range(20)}
        oldest = sorted(known, key=lambda learner: known[learner].fetched_at or NOON)[:3]
        found = reasons(self.LEARNERS, known)
        assert sorted(oldest) == sorted(learner for learner, reason in found.items() if reason == "probe")

    def test_is_probed_on_a_new_sample_each_day(self) -> None:
        known = self.empty(20)
        seen: set[str] = set()
        for day in range(5):
            now = NOON + timedelta(days=day)
            probes = {
                each.unit.learner_id
                for each in planned(self.LEARNERS, known, now=now).values()
                if each.reason == "probe"
            }
            assert len(probes - seen) == 3
            seen |= probes
            known |= {learner: replace(known[learner], fetched_at=now) for learner in probes}

    def test_is_probed_on_as_many_as_is_set(self) -> None:
        assert self.count("probe", self.empty(5), Policy(probes=0)) == 0
        assert self.count("probe", self.empty(5), Policy(probes=50)) == 20

    def test_is_asked_for_when_it_is_due(self) -> None:
        assert self.count("due", self.empty(20, days=7)) == 20
        assert self.count("due", self.empty(5) | {"9": Known("type_absent", since=days_ago(7))}) == 1
        assert self.count("due", self.empty(5) | {"9": Known("type_absent", since=days_ago(6))}) == 0

    def test_is_new_to_all_who_were_not_asked_once_it_is_there(self) -> None:
        known = {"0": fetched(), "1": Known("type_absent", since=days_ago(1))}
        assert reasons(self.LEARNERS, known)["1"] == "new"


class TestATypeThatTheCourseCannotHave:
    LEARNERS: ClassVar[Marks] = {"1": "same", "2": "other", "3": None, "4": "same", "5": "same"}
    KNOWN: ClassVar[Mapping[str, Known]] = {
        "2": fetched(30, rows=0),
        "4": Known(Outcome.FAILED),
        "5": Known("type_absent", since=days_ago(30)),
        "6": Known("type_absent", since=days_ago(30)),
    }

    def reasons(self, known: Mapping[str, Known], policy: Policy) -> dict[str, str]:
        units = Decisions(
            COURSE, self.LEARNERS, LINKS, dict(known), now=NOON, policy=policy, never_there=True
        )
        return {each.unit.learner_id: each.reason.value for each in units}

    @pytest.mark.parametrize("policy", [CHANGED, FULL])
    def test_is_asked_of_nobody_at_any_time(self, policy: Policy) -> None:
        found = self.reasons(self.KNOWN, policy)
        assert found == dict.fromkeys("123456", "absent")

    def test_is_asked_for_where_that_is_wanted_or_learners_are_named(self) -> None:
        off = self.reasons(self.KNOWN, Policy(skip_absent_types=False))
        assert [off[learner] for learner in "12345"] == ["new", "changed", "new", "failed", "new"]
        assert set(self.reasons({}, NAMED).values()) == {"named"}

    def test_is_asked_for_as_ever_where_somebody_has_it_all_the_same(self) -> None:
        assert self.reasons({"1": fetched()}, CHANGED) == {
            "1": "carried",
            "2": "new",
            "3": "new",
            "4": "new",
            "5": "new",
        }
