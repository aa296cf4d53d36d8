"""Rows of earlier days that stand for today's: where they come from, where they go, and what is known then."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.helpers.samples import (
    COURSE,
    DAY,
    NOON,
    TESTS,
    cover,
    ids_by_learner,
    known_of,
    plan_of,
    publish_units,
    published,
    records,
    stage,
    unit,
)
from zoho_people.model.known import Known
from zoho_people.model.policy import Mode, Policy
from zoho_people.model.unit import Unit
from zoho_people.planning.plan import plan_units
from zoho_people.planning.plan_file import PlanFile
from zoho_people.publishing.publish import PublishReport, publish
from zoho_people.staging.progress_pages import Staging
from zoho_people.storage.layout import progress_file, state_file
from zoho_people.storage.store import Store
from zoho_people.zoho.page import Page

SAME = {str(learner): "same" for learner in (1, 2, 3)}


def day(number: int) -> date:
    return DAY + timedelta(days=number)


def noon(number: int, minute: int = 0) -> datetime:
    return NOON + timedelta(days=number, minutes=minute)


class Company:
    """Runs against one output path; a run fetches what it planned, from what *answers* says."""

    def __init__(self, root: Any) -> None:
        self.root = root
        self.store = Store(root)
        self.answers: dict[str, tuple[int, ...]] = {"1": (1, 2), "2": (1,), "3": ()}

    def plan(self, number: int, fingerprints: dict[str, Any] = SAME, *, key: str = "", **policy: Any) -> Run:
        staging = Staging(self.root, key or f"run-{number}")
        plan = plan_units(
            self.store,
            staging.key,
            [(COURSE, fingerprints)],
            [TESTS],
            policy=Policy(**policy),
            now=noon(number),
        )
        return Run(self, staging, plan, number)

    def run(self, number: int, fingerprints: dict[str, Any] = SAME, **policy: Any) -> PublishReport:
        """A whole run on that day."""
        run = self.plan(number, fingerprints, **policy)
        run.fetch()
        return run.publish()

    def known(self, learner: int) -> Known | None:
        return known_of(self.store).get(TESTS, {}).get(str(learner))

    def rows(self, number: int) -> dict[str, list[str]]:
        return ids_by_learner(published(self.root, day=day(number)))

    def path(self, number: int) -> str:
        return progress_file(TESTS, COURSE, day(number))


class Run:
    def __init__(self, company: Company, staging: Staging, plan: PlanFile, number: int) -> None:
        self.company, self.staging, self.plan, self.number = company, staging, plan, number

    @property
    def asked(self) -> list[str]:
        return [each.learner_id for each in self.plan.to_fetch(0, 99)]

    def fetch(self, *, minute: int = 0) -> None:
        for each in self.plan.to_fetch(0, 99):
            answer = records(*self.company.answers[each.learner_id])
            page = Page(0, answer, None)
            self.staging.add_page(each, page, noon(self.number, minute), f"run-{self.number}")

    def publish(self) -> PublishReport:
        report = publish(self.staging, self.plan, day(self.number), noon(self.number, 59), row_group_rows=2)
        self.cover()
        return report

    def cover(self) -> list[tuple[str, str]]:
        from zoho_people.publishing.coverage import write_coverage

        table = write_coverage(self.staging, self.plan, day(self.number), "run").read()
        return list(zip(table["learner_id"].to_pylist(), table["outcome"].to_pylist(), strict=True))


@pytest.fixture
def company(object_store: Any) -> Company:
    return Company(object_store)


def test_rows_of_who_has_not_changed_are_in_every_days_snapshot_as_they_were_fetched(
    company: Company,
) -> None:
    company.run(0)
    for number in (1, 2):
        (file,) = company.run(number).files
        assert (file.rows, file.rows_carried) == (0, 3)
    assert published(company.root, day=day(2)).equals(published(company.root))
    assert company.known(1) == Known("fetched", 1, 2, noon(0), "same", day(2))
    assert company.known(3) == Known("empty", 1, 0, noon(0), "same", day(2))


def test_who_changed_is_fetched_and_the_others_are_carried(company: Company) -> None:
    company.run(0)
    company.answers["2"] = (7, 8, 9)
    run = company.plan(1, SAME | {"2": "other"})
    assert run.asked == ["2"]
    run.fetch()
    run.publish()
    assert company.rows(1) == {"1": ["1", "2"], "2": ["7", "8", "9"]}
    assert run.cover() == [("1", "carried_forward"), ("2", "fetched"), ("3", "carried_forward")]
    moments = published(company.root, day=day(1))["fetched_at"].to_pylist()
    assert moments == [noon(0)] * 2 + [noon(1)] * 3
    assert company.rows(0) == {"1": ["1", "2"], "2": ["1"]}


def test_a_day_without_a_run_is_bridged(company: Company) -> None:
    company.run(0)
    company.run(3)
    assert company.rows(3) == company.rows(0)


def test_rows_may_come_from_several_days(company: Company) -> None:
    company.run(0)
    company.run(1, {"1": "other"}, finds_left=False)
    company.run(2, SAME | {"1": "other"})
    assert company.rows(2) == company.rows(0)
    assert published(company.root, day=day(2))["fetched_at"].to_pylist() == [noon(1)] * 2 + [noon(0)]


def test_publishing_again_changes_nothing(company: Company) -> None:
    company.run(0)
    run = company.plan(1, SAME | {"2": "other"})
    run.fetch()
    assert len(run.publish().changed) == 1
    before = company.store.read(company.path(1)), company.store.read(state_file(COURSE))
    assert run.publish().changed == ()
    company.run(2, SAME | {"2": "other"})
    state = known_of(company.store)
    assert run.publish().changed == ()
    assert company.store.read(company.path(1)) == before[0]
    assert known_of(company.store) == state


def test_a_run_that_is_completed_after_the_next_one_completes_its_own_snapshot(company: Company) -> None:
    late = company.plan(0)
    late.publish()
    assert late.cover()[0] == ("1", "failed")
    company.run(1, key="next")
    late.fetch()
    late.publish()
    assert company.rows(0) == {"1": ["1", "2"], "2": ["1"]}
    assert company.known(1) == Known("fetched", 1, 2, noon(1), "same", day(1))


def test_a_snapshot_that_is_published_late_is_not_filled_with_what_came_later(company: Company) -> None:
    company.run(0)
    late = company.plan(1)
    company.answers["1"] = (9,)
    company.run(2, SAME | {"1": "other"})
    late.publish()
    assert company.rows(1) == {"1": ["1", "2"], "2": ["1"]}
    assert company.rows(2) == {"1": ["9"], "2": ["1"]}
    assert company.known(1) == Known("fetched", 1, 1, noon(2), "other", day(2))
    assert company.known(2) == Known("fetched", 1, 1, noon(0), "same", day(2))


def test_two_runs_of_a_day_end_with_what_was_fetched_last(company: Company) -> None:
    company.run(0)
    first = company.plan(1, SAME | {"1": "other"}, key="first")
    company.answers["1"] = (5,)
    first.fetch()
    second = company.plan(1, key="second")
    for run in (first, second, first):
        run.publish()
        assert run.cover()[0][1] in ("fetched", "carried_forward")
    assert company.rows(1) == {"1": ["5"], "2": ["1"]}
    assert company.known(1) == Known("fetched", 1, 1, noon(1), "other", day(1))


def test_rows_that_are_there_from_a_run_of_the_same_day_stay(company: Company) -> None:
    company.run(0)
    run = company.plan(0, key="again")
    assert run.asked == []
    assert run.publish().changed == ()
    assert {outcome for _, outcome in run.cover()} == {"carried_forward"}
    assert company.rows(0) == {"1": ["1", "2"], "2": ["1"]}


def test_older_rows_of_the_day_give_way_to_later_ones_of_an_earlier_snapshot(company: Company) -> None:
    first = company.plan(0)
    today = company.plan(1, key="today")
    today.fetch()
    today.publish()
    company.answers |= {"1": (8, 9), "2": ()}
    first.fetch(minute=24 * 60 + 5)
    first.publish()
    company.plan(1, key="again").publish()
    assert company.rows(1) == {"1": ["8", "9"]}


def test_rows_that_were_fetched_for_the_earlier_snapshot_since_the_plan_are_carried(company: Company) -> None:
    company.run(0)
    plan = company.plan(1)
    today, late = (
        company.plan(1, dict.fromkeys(SAME), key="today"),
        company.plan(0, dict.fromkeys(SAME), key="late"),
    )
    today.fetch()
    today.publish()
    company.answers["1"] = (7, 8, 9)
    late.fetch(minute=24 * 60 + 5)
    late.publish()
    plan.publish()
    assert company.rows(1) == {"1": ["7", "8", "9"], "2": ["1"]}
    assert plan.cover()[0] == ("1", "carried_forward")


def test_a_learner_without_rows_who_is_carried_gets_none_from_a_run_that_asked_before(
    company: Company,
) -> None:
    before = company.plan(1, dict.fromkeys(SAME), key="before")
    before.fetch(minute=-24 * 60 - 5)
    company.answers["1"] = ()
    company.run(0)
    company.run(1)
    before.publish()
    assert company.rows(1) == {"2": ["1"]}


class TestRowsThatAreGone:
    def test_are_missing_today_and_asked_for_the_next_time(self, company: Company) -> None:
        company.run(0)
        company.store.delete(company.path(0))
        run = company.plan(1)
        run.publish()
        assert run.cover() == [("1", "failed"), ("2", "failed"), ("3", "carried_forward")]
        assert company.known(1) is None
        assert company.plan(2).asked == ["1", "2"]
        company.run(2)
        assert company.rows(2) == {"1": ["1", "2"], "2": ["1"]}

    def test_in_part_are_not_carried_in_part(self, company: Company) -> None:
        company.run(0)
        with company.store.open(company.path(0)) as source:
            table = pq.read_table(source)
        with company.store.replacing(company.path(0)) as temporary:
            pq.write_table(table.slice(1), temporary)
        run = company.plan(1)
        run.publish()
        assert run.cover()[:2] == [("1", "failed"), ("2", "carried_forward")]
        assert company.rows(1) == {"2": ["1"]}
        assert company.plan(2).asked == ["1"]

    def test_after_they_were_carried_are_not_missed(self, company: Company) -> None:
        company.run(0)
        run = company.plan(1)
        run.publish()
        company.store.delete(company.path(0))
        assert run.publish().changed == ()
        assert run.cover()[0] == ("1", "carried_forward")
        assert company.plan(2).asked == []

    def test_from_an_old_snapshot_do_not_undo_what_later_ones_have(self, company: Company) -> None:
        company.run(0)
        late = company.plan(1)
        company.run(2)
        company.store.delete(company.path(0))
        late.publish()
        assert company.known(1) == Known("fetched", 1, 2, noon(0), "same", day(2))

    @pytest.mark.parametrize("column", ["learner_id", "attributes", None])
    def test_because_their_file_is_damaged_keep_nobody_elses_from_being_published(
        self, company: Company, column: str | None, caplog: pytest.LogCaptureFixture
    ) -> None:
        company.run(0)
        spoil(company.store, company.path(0), column)
        run = company.plan(1, SAME | {"2": "other"})
        run.fetch()
        report = run.publish()
        assert report.failures == {}
        assert company.rows(1) == {"2": ["1"]}
        assert run.cover()[0] == ("1", "failed")
        assert company.path(0) in caplog.text
        assert company.plan(2, SAME | {"2": "other"}).asked == ["1"]

    def test_because_of_a_damaged_file_of_today_are_carried_tomorrow(self, company: Company) -> None:
        company.run(0)
        company.store.write(company.path(1), b"no parquet")
        run = company.plan(1)
        assert list(run.publish().failures) == [company.path(1)]
        assert run.cover()[0] == ("1", "failed")
        assert company.known(1) == Known("fetched", 1, 2, noon(0), "same", day(0))
        company.run(2)
        assert company.rows(2) == company.rows(0)


class TestAfterACrash:
    def test_before_what_is_known_was_written_the_units_are_asked_for_again(self, company: Company) -> None:
        company.run(0)
        company.store.delete(state_file(COURSE))
        run = company.plan(1)
        assert run.asked == ["1", "2", "3"]
        run.fetch()
        run.publish()
        assert company.rows(1) == company.rows(0)

    def test_between_the_file_and_what_is_known_nothing_is_lost(self, company: Company) -> None:
        company.run(0)
        known = company.store.read(state_file(COURSE))
        company.answers["1"] = (4, 5, 6)
        company.run(1, SAME | {"1": "other"})
        company.store.write(state_file(COURSE), known)
        company.run(2)
        assert company.rows(2) == {"1": ["1", "2"], "2": ["1"]}
        company.run(3, SAME | {"1": "other"})
        assert company.rows(3) == {"1": ["4", "5", "6"], "2": ["1"]}


class TestWhoLeft:
    def test_is_carried_once_then_told_once_and_keeps_the_rows_of_earlier_days(
        self, company: Company
    ) -> None:
        here = {"2": "same", "3": "same"}
        company.run(0)
        for key in ("run-1", "again"):
            run = company.plan(1, here, key=key)
            run.publish()
            assert ("1", "carried_forward") in run.cover()
            assert company.rows(1) == company.rows(0)
        run = company.plan(2, here)
        run.publish()
        assert ("1", "left") in run.cover()
        assert company.rows(2) == {"2": ["1"]}
        assert company.rows(1) == {"1": ["1", "2"], "2": ["1"]}
        run = company.plan(3, here)
        assert run.publish().failures == {}
        assert run.cover() == [("2", "carried_forward"), ("3", "carried_forward")]

    def test_is_nobody_who_is_missing_for_a_day(self, company: Company) -> None:
        for number, fingerprints in enumerate([SAME, {"2": "same"}, SAME, {"2": "same"}, SAME]):
            run = company.plan(number, fingerprints)
            assert run.asked == ([] if number else ["1", "2", "3"])
            run.fetch()
            run.publish()
            assert company.rows(number) == {"1": ["1", "2"], "2": ["1"]}

    def test_and_comes_back_is_new(self, company: Company) -> None:
        company.run(0)
        company.run(1, {"2": "same"})
        left = company.plan(2, {"2": "same"})
        left.publish()
        assert company.plan(3).asked == ["1", "3"]
        company.run(3)
        left.publish()
        assert company.known(1) == Known("fetched", 1, 2, noon(3), "same", day(3))


def test_a_course_without_learners_keeps_what_it_had(company: Company) -> None:
    company.run(0)
    for number in (1, 8):
        run = company.plan(number, {})
        run.publish()
        assert {outcome for _, outcome in run.cover()} == {"carried_forward"}
        assert company.rows(number) == company.rows(0)
    assert company.known(1) == Known("fetched", 1, 2, noon(0), "same", day(8))
    assert company.plan(9).plan.counts()["due"] == 3


class TestPostponedUnits:
    def test_keep_their_rows_and_are_missing_where_the_learner_changed(self, company: Company) -> None:
        company.run(0)
        run = company.plan(9, SAME | {"2": "other"})
        assert run.plan.fit(0) == (0, 3)
        run.publish()
        assert run.cover() == [("1", "carried_forward"), ("2", "failed"), ("3", "carried_forward")]
        assert company.rows(9) == company.rows(0)
        assert company.known(2) == Known("fetched", 1, 1, noon(0), "same", day(9))
        run = company.plan(10, SAME | {"2": "other"})
        assert run.plan.counts()["due"] == 2
        assert run.asked == ["1", "2", "3"]


class TestNamedLearners:
    def test_are_known_afterwards_but_for_their_record(self, company: Company) -> None:
        company.run(0, dict.fromkeys(SAME), mode=Mode.NAMED)
        assert company.known(1) == Known("fetched", 1, 2, noon(0), None, day(0))
        run = company.plan(1)
        assert run.plan.counts()["changed"] == 3
        run.fetch()
        run.publish()
        assert company.plan(2).asked == []


class TestAUnitWithoutAnAnswer:
    @pytest.mark.parametrize("fingerprint", ["same", "other"])
    def test_keeps_the_rows_of_the_last_one_day_by_day(self, company: Company, fingerprint: str) -> None:
        company.run(0)
        fingerprints = SAME | {"1": fingerprint}
        for number in (7, 8):
            run = company.plan(number, fingerprints)
            reason = "failed" if number == 8 else "due" if fingerprint == "same" else "changed"
            assert run.plan.counts()[reason]
            run.staging.add_outcome(unit(1), "failed", "HTTP 500", noon(number), "run")
            for again in range(2):
                assert bool(run.publish().changed) != bool(again)
                assert run.cover()[0] == ("1", "failed")
                assert company.rows(number)["1"] == ["1", "2"]
                known = Known("failed", 1, 2, noon(0), "same", day(number), tried_at=noon(number))
                assert company.known(1) == known
        postponed = company.plan(9, fingerprints)
        postponed.plan.fit(0)
        postponed.publish()
        assert postponed.cover()[0] == ("1", "carried_forward" if fingerprint == "same" else "failed")
        assert company.known(1) == Known("failed", 1, 2, noon(0), "same", day(9), tried_at=noon(8))
        late = company.plan(10, fingerprints)
        late.publish()
        assert late.cover()[0] == ("1", "failed")
        assert company.rows(10) == company.rows(0)
        company.answers["1"] = (5,)
        late.fetch()
        late.publish()
        assert late.cover()[0] == ("1", "fetched")
        assert company.rows(10)["1"] == ["5"]
        assert company.known(1) == Known("fetched", 1, 1, noon(10), fingerprint, day(10))

    def test_and_whose_rows_are_gone_has_none(self, company: Company) -> None:
        company.run(0)
        company.store.delete(company.path(0))
        run = company.plan(1, SAME | {"1": "other"})
        run.publish()
        assert company.known(1) == Known("failed", 1, 2, noon(0), None, None)
        assert run.cover()[0] == ("1", "failed")

    def test_keeps_none_of_which_another_run_found_that_there_are_none_any_more(
        self, company: Company
    ) -> None:
        company.run(0)
        run, other = (company.plan(1, SAME | {"1": "other"}, key=key) for key in ("run", "other"))
        company.answers["1"] = ()
        other.fetch()
        other.publish()
        run.publish()
        assert "1" not in company.rows(1)
        assert company.known(1) == Known("empty", 1, 0, noon(1), "other", day(1))

    @pytest.mark.parametrize("outcome", ["empty", "not_found", "fetched"])
    def test_since_it_was_removed_when_it_was_published_is_published_again_as_it_was(
        self, company: Company, outcome: str
    ) -> None:
        company.run(0)
        run = company.plan(1, SAME | {"1": "other"})
        if outcome == "not_found":
            run.staging.add_outcome(unit(1), outcome, "HTTP 404", noon(1), "run")
        else:
            company.answers["1"] = (5,) if outcome == "fetched" else ()
            run.fetch()
        run.publish()
        run.staging.remove_fetched()
        assert run.publish().changed == ()
        assert run.cover()[0] == ("1", outcome)
        assert company.rows(1) == ({"1": ["5"]} if outcome == "fetched" else {}) | {"2": ["1"]}

    @pytest.mark.parametrize("outcome", ["forbidden", "not_found"])
    def test_because_zoho_refused_it_is_asked_for_again_and_has_no_rows_today(
        self, company: Company, outcome: str
    ) -> None:
        company.run(0)
        run = company.plan(1, SAME | {"1": "other"})
        run.staging.add_outcome(unit(1), outcome, "HTTP", noon(1), "run")
        run.publish()
        assert company.known(1) == Known(outcome, 1, 2, noon(0), None, None, tried_at=noon(1))
        assert company.rows(1) == {"2": ["1"]}
        again = company.plan(2, SAME | {"1": "other"})
        assert again.plan.counts()["failed"] == 1
        again.fetch()
        again.publish()
        assert company.rows(2) == {"1": ["1", "2"], "2": ["1"]}

    def test_does_not_keep_others_from_their_turn(self, company: Company) -> None:
        company.run(0, {"2": "same"})
        fingerprints = {str(learner): "same" for learner in range(10, 15)} | {"2": "other"}
        run = company.plan(1, fingerprints)
        for each in run.plan.to_fetch(0, 5):
            run.staging.add_outcome(each, "not_found", "HTTP 404", noon(1), "run")
        run.publish()
        again = company.plan(2, fingerprints)
        assert again.plan.fit(1) == (1, 5)
        assert again.asked == ["2"]

    def test_does_not_take_back_what_another_run_had(self, company: Company) -> None:
        first, second = company.plan(0, key="first"), company.plan(0, key="second")
        second.fetch()
        second.publish()
        known = company.known(1)
        first.publish()
        assert company.known(1) == known


class TestATypeThatComesToBe:
    LEARNERS = {str(learner): "same" for learner in range(1, 21)}  # noqa: RUF012

    def company_without(self, company: Company) -> Company:
        company.answers = dict.fromkeys(self.LEARNERS, ())
        company.run(0, {learner: "same" for learner in list(self.LEARNERS)[:12]})  # noqa: C420
        return company

    def test_is_left_out_until_a_probe_finds_rows_and_then_asked_of_all(self, company: Company) -> None:
        company = self.company_without(company)
        run = company.plan(1, self.LEARNERS)
        assert len(run.asked) == 3
        run.fetch()
        run.publish()
        assert sorted(outcome for _, outcome in run.cover()) == (
            ["carried_forward"] * 12 + ["empty"] * 3 + ["type_absent"] * 5
        )
        assert company.known(20) is None or company.known(20) == Known("type_absent", since=noon(1, 59))
        company.answers = dict.fromkeys(self.LEARNERS, (1,))
        run = company.plan(2, self.LEARNERS)
        run.fetch()
        probed = set(run.asked)
        run.publish()
        again = company.plan(3, self.LEARNERS)
        assert set(again.asked) == set(self.LEARNERS) - probed
        assert again.plan.counts()["new"] == 17
        run.publish()
        assert company.plan(3, self.LEARNERS, key="other").plan.counts() == again.plan.counts()
        again.fetch()
        again.publish()
        assert company.rows(3) == {learner: ["1"] for learner in self.LEARNERS}

    def test_is_asked_of_everybody_when_it_is_due(self, company: Company) -> None:
        company = self.company_without(company)
        company.run(1, self.LEARNERS)
        assert company.plan(7, self.LEARNERS).plan.counts()["due"] == 12 + 0
        assert company.plan(8, self.LEARNERS).plan.counts()["due"] == 20


def spoil(store: Store, path: str, column: str | None) -> None:
    """Damage what a file says of *column*, in all row groups; without one, its footer."""
    content = store.read(path)
    if column is None:
        store.write(path, content[:-20])
        return
    with store.open(path) as source, pq.ParquetFile(source) as file:
        place = file.schema_arrow.get_field_index(column)
        chunks = [file.metadata.row_group(group).column(place) for group in range(file.num_row_groups)]
    for chunk in chunks:
        begin, size = chunk.dictionary_page_offset or chunk.data_page_offset, chunk.total_compressed_size
        content = content[:begin] + b"\xff" * size + content[begin + size :]
    store.write(path, content)


def test_many_learners_over_many_row_groups(root: Any) -> None:
    first, staging = Staging(root, "first"), Staging(root, "second")
    units = [unit(learner) for learner in range(1000, 1040)]
    for number, each in enumerate(units):
        stage(first, each, *records(*range(number % 5)))
    publish_units(first, *units, row_group_rows=7)
    plan = plan_units(
        staging.store,
        "second",
        [(COURSE, {each.learner_id: None for each in units[::3]} | {"5": None})],
        [TESTS],
        policy=Policy(finds_left=False),
        now=noon(1),
    )
    assert len(plan.to_fetch(0, 99)) == 15
    cover(first, *units)
    carried = plan_of(staging, *(_carried(each, staging.store) for each in units))
    publish(staging, carried, day(1), noon(1), row_group_rows=5)
    assert published(root, day=day(1)).equals(published(root))


def _carried(each: Unit, store: Store) -> Any:
    from zoho_people.model.planned_unit import PlannedUnit, Reason

    known = known_of(store)[TESTS][each.learner_id]
    return PlannedUnit(
        each,
        Reason.CARRIED,
        known.fingerprint,
        known.pages,
        known.fetched_at,
        known.rows,
        known.snapshot_date,
    )
