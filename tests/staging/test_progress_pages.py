from __future__ import annotations

from typing import Any

import pytest

from tests.helpers.hooked import Ending
from tests.helpers.samples import (
    COURSE,
    NOON,
    RUN_ID,
    TESTS,
    at,
    finished,
    last_page,
    plan_of,
    records,
    stage,
    unit,
)
from zoho_people.endpoints.rows import MalformedRecord
from zoho_people.model.unit import Course
from zoho_people.staging.page_files import PageOutOfTurn, RepeatedPage, StagedProgress
from zoho_people.staging.progress_pages import Staging
from zoho_people.zoho.page import Page

FIRST = Page(0, records(3, 1), 2)
SECOND = Page(2, records(5, 4), 4)
LAST = Page(4, records(2), None)


def add(staging: Staging, *pages: Page) -> StagedProgress:
    for page in pages:
        progress = staging.add_page(unit(), page, at(page.start_index), RUN_ID)
    return progress


def entities(staging: Staging) -> list[Any]:
    return staging.table(unit())["entity_id"].to_pylist()


def files_below(staging: Staging) -> list[str]:
    return sorted(path.rpartition("/")[2] for path in staging.store.fs.find(staging.store.root))


def test_an_untouched_unit_begins_at_the_beginning(staging: Staging) -> None:
    assert staging.progress(unit()) == StagedProgress(0, 0, 0, False, None)


def test_a_page_is_kept_and_says_where_to_go_on(staging: Staging, root: Any) -> None:
    assert add(staging, FIRST) == StagedProgress(1, 2, 2, False, None)
    assert add(staging, SECOND) == StagedProgress(2, 4, 4, False, None)
    assert Staging(root, "run-1").progress(unit()) == StagedProgress(2, 4, 4, False, None)


def test_the_last_page_makes_the_unit_done_in_one_sorted_file(staging: Staging) -> None:
    assert add(staging, FIRST, SECOND, LAST) == StagedProgress(3, 5, None, True, "fetched")
    assert entities(staging) == ["1", "2", "3", "4", "5"]
    assert files_below(staging) == ["7.arrow"]


def test_every_row_says_when_its_own_page_came(staging: Staging) -> None:
    add(staging, FIRST, SECOND, LAST)
    assert staging.table(unit())["fetched_at"].to_pylist() == [at(0), at(4), at(0), at(2), at(2)]
    assert [(done.fetched_at, done.latest) for done in finished(staging)] == [(at(4), at(4))]


def test_a_learner_without_records_is_done_and_empty(staging: Staging) -> None:
    assert add(staging, Page(0, (), None)) == StagedProgress(1, 0, None, True, "empty")
    assert entities(staging) == []


def test_an_empty_last_page_ends_the_unit_too(staging: Staging) -> None:
    assert add(staging, FIRST, Page(2, (), None)) == StagedProgress(2, 2, None, True, "fetched")


@pytest.mark.parametrize("again", [FIRST, SECOND])
def test_the_same_page_twice_is_kept_once(staging: Staging, again: Page) -> None:
    add(staging, FIRST, SECOND)
    assert add(staging, again) == StagedProgress(2, 4, 4, False, None)
    assert add(staging, LAST) == StagedProgress(3, 5, None, True, "fetched")


@pytest.mark.parametrize("late", [FIRST, SECOND, LAST])
def test_a_unit_that_is_done_takes_no_page_any_more(staging: Staging, late: Page) -> None:
    add(staging, FIRST, SECOND, LAST)
    before = staging.table(unit())
    assert add(staging, late) == StagedProgress(3, 5, None, True, "fetched")
    assert staging.table(unit()).equals(before)


def test_a_page_that_comes_again_with_another_end_takes_the_later_ones_along(staging: Staging) -> None:
    add(staging, FIRST, SECOND)
    assert add(staging, Page(0, records(9), 1)) == StagedProgress(1, 1, 1, False, None)
    assert add(staging, Page(1, records(8), None)) == StagedProgress(2, 2, None, True, "fetched")
    assert entities(staging) == ["8", "9"]


def test_a_page_that_comes_again_as_the_last_one_ends_the_unit_there(staging: Staging) -> None:
    add(staging, FIRST, SECOND)
    add(staging, Page(2, records(8), None))
    assert entities(staging) == ["1", "3", "8"]


@pytest.mark.parametrize("start", [1, 3, 5, 25])
def test_a_page_out_of_turn_is_refused(staging: Staging, start: int) -> None:
    add(staging, FIRST)
    with pytest.raises(PageOutOfTurn, match=f"the page at {start} is out of turn; go on at 2"):
        add(staging, Page(start, records(9), None))
    assert staging.progress(unit()).pages == 1


def test_an_entity_that_comes_twice_is_kept_as_it_came_last(staging: Staging) -> None:
    add(
        staging,
        Page(0, records(1, 2, status="old"), 2),
        Page(2, records(2, 3, status="new"), None),
    )
    table = staging.table(unit())
    assert table["entity_id"].to_pylist() == ["1", "2", "3"]
    assert table["status"].to_pylist() == ["old", "new", "new"]
    assert staging.progress(unit()).rows == 3


def test_entities_are_sorted_as_text(staging: Staging) -> None:
    stage(staging, unit(), *records(10, 9, 100, 1))
    assert entities(staging) == ["1", "10", "100", "9"]


def test_a_malformed_record_keeps_nothing_of_its_page(staging: Staging) -> None:
    add(staging, FIRST)
    with pytest.raises(MalformedRecord):
        add(staging, Page(2, (*records(5), {}), None))
    assert staging.progress(unit()) == StagedProgress(1, 2, 2, False, None)


def test_a_failure_is_not_the_end_and_keeps_the_pages(staging: Staging) -> None:
    add(staging, FIRST)
    staging.add_outcome(unit(), "failed", "HTTP 500", NOON, RUN_ID)
    assert staging.progress(unit()) == StagedProgress(1, 2, 2, False, "failed")
    assert add(staging, SECOND, LAST) == StagedProgress(3, 5, None, True, "fetched")
    assert files_below(staging) == ["7.arrow"]


def test_a_failure_before_any_page_begins_at_the_beginning(staging: Staging) -> None:
    staging.add_outcome(unit(), "failed", None, NOON, RUN_ID)
    assert staging.progress(unit()) == StagedProgress(0, 0, 0, False, "failed")
    staged = staging.unit(unit())
    assert staged is not None
    assert (staged.outcome, staged.error, staged.fetched_at) == ("failed", None, NOON)


@pytest.mark.parametrize("outcome", ["not_found", "forbidden"])
def test_what_zoho_will_not_tell_is_done(staging: Staging, outcome: str) -> None:
    staging.add_outcome(unit(), "failed", "HTTP 500", NOON, RUN_ID)
    staging.add_outcome(unit(), outcome, "HTTP 404 \ud800", at(1), RUN_ID)
    assert staging.progress(unit()) == StagedProgress(1, 0, None, True, outcome)
    staged = staging.unit(unit())
    assert staged is not None
    assert not staged.is_answered
    assert (staged.error, staged.fetched_at) == ("HTTP 404 \ufffd", at(1))


def test_an_answer_takes_the_place_of_not_found(staging: Staging) -> None:
    staging.add_outcome(unit(), "not_found", "HTTP 404", NOON, RUN_ID)
    assert add(staging, FIRST, SECOND, LAST) == StagedProgress(3, 5, None, True, "fetched")


@pytest.mark.parametrize("outcome", ["failed", "not_found"])
def test_a_late_failure_does_not_undo_what_is_done(staging: Staging, outcome: str) -> None:
    stage(staging, unit(), *records(1))
    staging.add_outcome(unit(), outcome, "late", at(9), RUN_ID)
    assert staging.progress(unit()).outcome == "fetched"
    assert entities(staging) == ["1"]


def test_only_the_outcomes_without_rows_can_be_told(staging: Staging) -> None:
    with pytest.raises(ValueError, match="fetched"):
        staging.add_outcome(unit(), "fetched", None, NOON, RUN_ID)


def test_pages_that_a_crash_left_behind_a_finished_unit_change_nothing(staging: Staging) -> None:
    add(staging, FIRST)
    whole = staging.store
    staging.store = Ending(whole, KeyboardInterrupt(), at="7.pages")
    with pytest.raises(KeyboardInterrupt):
        add(staging, Page(2, records(5), None))
    staging.store = whole
    assert files_below(staging) == ["000000000000.arrow", "7.arrow"]
    assert staging.progress(unit()) == StagedProgress(2, 3, None, True, "fetched")
    assert [done.learner_id for done in finished(staging)] == ["7"]


def test_a_crash_before_the_page_is_there_repeats_one_page(staging: Staging) -> None:
    add(staging, FIRST)
    whole = staging.store
    staging.store = Ending(whole, KeyboardInterrupt())
    for page in (SECOND, Page(2, records(5), None)):
        with pytest.raises(KeyboardInterrupt):
            add(staging, page)
    staging.store = whole
    assert staging.progress(unit()) == StagedProgress(1, 2, 2, False, None)
    assert add(staging, SECOND, LAST).rows == 5


def test_finished_units_are_listed_by_learner(staging: Staging) -> None:
    for learner in (20, 3, 100):
        stage(staging, unit(learner), *records(1))
    staging.add_page(unit(4), FIRST, NOON, RUN_ID)
    staging.add_outcome(unit(5), "failed", "x", NOON, RUN_ID)
    staging.add_outcome(unit(6), "forbidden", "x", NOON, RUN_ID)
    listed = [(done.learner_id, done.outcome) for done in finished(staging)]
    assert listed == [("100", "fetched"), ("20", "fetched"), ("3", "fetched"), ("6", "forbidden")]


def test_units_do_not_mix(staging: Staging, root: Any) -> None:
    stage(staging, unit(1), *records(1))
    assert not staging.progress(unit(11)).done
    assert not Staging(root, "run-2").progress(unit(1)).done


def test_what_is_removed_is_gone_and_nothing_else(staging: Staging, root: Any) -> None:
    other = Staging(root, "run-2")
    for each in (staging, other):
        stage(each, unit(), *records(1))
    staging.remove()
    staging.remove()
    assert not staging.progress(unit()).done
    assert other.progress(unit()).done


def test_a_page_of_nothing_but_unicode_comes_back_as_it_was(staging: Staging) -> None:
    name = "Ünïcödé \0\n\x1b 漢字 😀" * 1000
    staging.add_page(unit(), last_page({"testId": 1, "testName": name}), NOON, RUN_ID)
    assert staging.table(unit())["entity_name"].to_pylist() == [name]


class TestAPageThatRepeatsEarlierOnes:
    """Zoho that ignores the start index would be asked for ever."""

    @pytest.mark.parametrize(
        "again",
        [records(3, 1), records(1, 3), records(3), records(1, 1)],
        ids=["same", "turned", "part", "twice"],
    )
    def test_and_brings_nothing_else_is_refused(self, staging: Staging, again: Any) -> None:
        add(staging, FIRST)
        with pytest.raises(RepeatedPage, match="at 2 repeats records of earlier pages and brings no other"):
            add(staging, Page(2, again, 4))
        assert staging.progress(unit()) == StagedProgress(0, 0, 0, False, None)

    def test_is_the_end_where_zoho_says_that_it_is_the_last(self, staging: Staging) -> None:
        add(staging, FIRST, SECOND)
        assert add(staging, Page(4, records(5, 1), None)).done
        assert staging.table(unit()).num_rows == 4

    def test_with_one_more_is_kept(self, staging: Staging) -> None:
        add(staging, FIRST)
        assert add(staging, Page(2, records(1, 3, 9), 5)) == StagedProgress(2, 5, 5, False, None)

    def test_without_any_record_ends_the_unit(self, staging: Staging) -> None:
        add(staging, FIRST)
        assert add(staging, Page(2, (), None)).outcome == "fetched"

    def test_in_itself_only_is_kept(self, staging: Staging) -> None:
        assert add(staging, Page(0, records(1, 1), 2)).rows == 2
        assert add(staging, Page(2, records(2), None)).rows == 2

    def test_may_come_again_in_its_own_place(self, staging: Staging) -> None:
        add(staging, FIRST, SECOND)
        assert add(staging, SECOND) == StagedProgress(2, 4, 4, False, None)
        assert add(staging, Page(2, SECOND.records, 3)).next_start_index == 3


@pytest.mark.parametrize("minute", [0, 7, 60 * 24 * 365 * 50, -60 * 24 * 365 * 90])
def test_a_unit_knows_its_newest_moment_to_the_microsecond(staging: Staging, minute: int) -> None:
    newest = at(minute).replace(microsecond=999_999)
    staging.add_page(unit(), Page(0, records(1), 1), newest, RUN_ID)
    staging.add_page(unit(), Page(1, records(2), None), newest.replace(microsecond=1), RUN_ID)
    [done] = finished(staging)
    assert (done.latest, done.fetched_at) == (newest, newest.replace(microsecond=1))


def test_a_unit_without_rows_has_no_newest_moment(staging: Staging) -> None:
    stage(staging, unit())
    assert [done.latest for done in finished(staging)] == [None]


def test_who_is_not_finished_is_known_from_one_listing(staging: Staging) -> None:
    stage(staging, unit(1), *records(1))
    staging.add_page(unit(2), Page(0, records(1), 1), NOON, RUN_ID)
    staging.add_outcome(unit(3), "failed", None, NOON, RUN_ID)
    staging.add_outcome(unit(4), "not_found", None, NOON, RUN_ID)
    assert staging.units(TESTS, COURSE).begun == {"2", "3"}
    assert staging.units(TESTS, Course("1")).begun == set()


def test_what_was_fetched_goes_and_the_plan_stays(staging: Staging) -> None:
    stage(staging, unit(1), *records(1))
    plan = plan_of(staging, unit(1))
    staging.remove_fetched()
    assert finished(staging) == []
    assert plan.to_fetch(0, 9) == [unit(1)]
    staging.remove()
    assert not plan.exists()
