from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any

import pytest

from tests.helpers.lists import COURSE_LIST, page_of, refuse, stage_list
from tests.helpers.samples import NOON, RUN_ID, at
from zoho_people.endpoints.course_learners import COURSE_LEARNERS
from zoho_people.endpoints.courses import BATCHES
from zoho_people.endpoints.rows import fingerprint
from zoho_people.model.unit import Course
from zoho_people.staging.list_pages import ListStaging, NotStaged
from zoho_people.staging.page_files import RepeatedPage, StagedProgress

ROSTER = COURSE_LEARNERS.of(Course("7"))
OTHER = (
    COURSE_LIST,
    BATCHES.of(Course("7")),
    COURSE_LEARNERS.of(Course("7", "8")),
    COURSE_LEARNERS.of(Course("77")),
)


@pytest.fixture
def rosters(root: Any) -> ListStaging:
    return ListStaging(root, "run-1")


def add(staging: ListStaging, *items: Any, start: int = 0, more: bool = True) -> StagedProgress:
    return staging.add_page(ROSTER, page_of(ROSTER, *items, start=start, more=more), NOON, RUN_ID)


def ids(staging: ListStaging) -> list[Any]:
    return staging.table(ROSTER)["id"].to_pylist()


def read_on(staging: ListStaging, pages: Iterable[int], *, at_most: int = 100) -> None:
    """Add pages of two items each, made from the numbers of *pages*."""
    for start, number in zip(range(0, 2 * at_most, 2), pages, strict=False):
        add(staging, 2 * number, 2 * number + 1, start=start)


def test_page_by_page_a_list_becomes_complete(rosters: ListStaging) -> None:
    assert rosters.progress(ROSTER) == StagedProgress(0, 0, 0)
    assert add(rosters, 1, 2) == rosters.progress(ROSTER) == StagedProgress(1, 2, 2)
    assert add(rosters, 3, start=2) == rosters.progress(ROSTER) == StagedProgress(2, 3, 3)
    assert (
        add(rosters, start=3, more=False) == rosters.progress(ROSTER) == StagedProgress(3, 3, None, done=True)
    )
    assert ids(rosters) == ["1", "2", "3"]


def test_another_process_goes_on_behind_the_last_page(rosters: ListStaging) -> None:
    add(rosters, 1, 2)
    again = ListStaging(rosters.root, rosters.key)
    assert again.progress(ROSTER).next_start_index == 2
    add(again, 3, start=2, more=False)
    assert ids(rosters) == ["1", "2", "3"]


def test_an_empty_list_is_complete_without_items(rosters: ListStaging) -> None:
    assert stage_list(rosters, ROSTER) == StagedProgress(1, 0, None, done=True)
    assert rosters.progress(ROSTER).done
    assert ids(rosters) == []


def test_items_are_sorted_by_id_and_each_is_there_once_as_it_came_last(rosters: ListStaging) -> None:
    add(rosters, {"learnerId": 9, "n": 1}, {"learnerId": 10, "n": 2})
    add(rosters, {"learnerId": 9, "n": 3}, {"learnerId": "1", "n": 4}, start=2, more=False)
    assert ids(rosters) == ["1", "10", "9"]
    assert [each.record["n"] for each in rosters.records(ROSTER)] == [4, 2, 3]
    assert rosters.progress(ROSTER) == StagedProgress(2, 3, None, done=True)


def test_items_come_back_as_zoho_sent_them(rosters: ListStaging) -> None:
    item = {"learnerId": 9007199254740993, "name": "Zoë \ud800 \u2028", "nested": {"a": [1, None, 0.1]}}
    stage_list(rosters, ROSTER, item)
    assert [each.record for each in rosters.records(ROSTER)] == [item]


def test_each_page_says_when_and_by_which_run_it_came(rosters: ListStaging) -> None:
    rosters.add_page(ROSTER, page_of(ROSTER, 1, more=True), at(1), "first")
    rosters.add_page(ROSTER, page_of(ROSTER, 2, start=1), at(2), "second")
    table = rosters.table(ROSTER)
    assert table["fetched_at"].to_pylist() == [at(1), at(2)]
    assert table["dag_run_id"].to_pylist() == ["first", "second"]


def test_a_page_that_comes_again_changes_nothing(rosters: ListStaging) -> None:
    add(rosters, 1, 2)
    assert add(rosters, 5, 6) == StagedProgress(1, 2, 2)
    add(rosters, 3, start=2, more=False)
    assert add(rosters, 5, 6) == StagedProgress(2, 3, None, done=True)
    assert ids(rosters) == ["1", "2", "3"]


def test_a_page_out_of_turn_is_refused(rosters: ListStaging) -> None:
    add(rosters, 1, 2)
    with pytest.raises(ValueError, match="out of turn"):
        add(rosters, 4, start=3)


def test_lists_do_not_mix(rosters: ListStaging) -> None:
    stage_list(rosters, ROSTER, 1)
    assert [rosters.progress(other) for other in OTHER] == [StagedProgress()] * 4
    for number, other in enumerate(OTHER):
        stage_list(rosters, other, number)
    assert ids(rosters) == ["1"]
    assert [rosters.table(other)["id"].to_pylist() for other in OTHER] == [["0"], ["1"], ["2"], ["3"]]


def test_what_is_not_complete_cannot_be_read(rosters: ListStaging) -> None:
    add(rosters, 1)
    with pytest.raises(NotStaged, match="not staged: the learners of course 7"):
        rosters.table(ROSTER)


class TestAServerThatGoesRoundInCircles:
    """Whatever circle the pages go in, it is noticed, and the list begins anew."""

    @pytest.mark.parametrize("lead", [0, 1, 2, 5, 9])
    @pytest.mark.parametrize("circle", [1, 2, 3, 7])
    def test_is_noticed(self, rosters: ListStaging, lead: int, circle: int) -> None:
        pages = itertools.chain(range(lead), itertools.cycle(range(lead, lead + circle)))
        with pytest.raises(RepeatedPage, match="repeats records of earlier pages"):
            read_on(rosters, pages)
        assert rosters.progress(ROSTER) == StagedProgress()

    @pytest.mark.parametrize("kept", [1, 2, 5, 8])
    def test_with_the_first_or_the_last_page_is_noticed_at_once(
        self, rosters: ListStaging, kept: int
    ) -> None:
        for again in (0, kept - 1):
            for number in range(kept):
                add(rosters, number, start=number)
            with pytest.raises(RepeatedPage):
                add(rosters, again, start=kept)

    def test_is_not_what_a_page_with_something_new_means(self, rosters: ListStaging) -> None:
        add(rosters, 1, 2)
        assert add(rosters, 2, 3, start=2).rows == 4
        add(rosters, start=4, more=False)
        assert ids(rosters) == ["1", "2", "3"]

    def test_is_not_what_a_last_page_means(self, rosters: ListStaging) -> None:
        add(rosters, 1, 2)
        assert add(rosters, 2, start=2, more=False).done


class TestARefusal:
    def test_is_kept_until_it_is_forgotten(self, rosters: ListStaging) -> None:
        assert rosters.refusal(ROSTER) is None
        refuse(rosters, ROSTER, "HTTP 403")
        assert rosters.refusal(ROSTER) == "HTTP 403"
        assert rosters.refusal(OTHER[2]) is None
        rosters.forget_refusals([OTHER[2]])
        assert rosters.refusal(ROSTER) == "HTTP 403"
        rosters.forget_refusals([ROSTER])
        assert rosters.refusal(ROSTER) is None

    def test_gives_way_to_the_list(self, rosters: ListStaging) -> None:
        refuse(rosters, ROSTER, "HTTP 403")
        stage_list(rosters, ROSTER, 1)
        assert rosters.refusal(ROSTER) is None

    def test_settles_a_list_as_its_end_does(self, rosters: ListStaging) -> None:
        assert all(state.is_open for state in rosters.states([ROSTER, *OTHER]))
        add(rosters, 1)
        refuse(rosters, OTHER[1], "HTTP 403")
        stage_list(rosters, OTHER[2], 1)
        states = list(rosters.states([ROSTER, *OTHER]))
        assert [state.listed for state in states if state.is_refused] == [OTHER[1]]
        assert [state.listed for state in states if state.is_complete] == [OTHER[2]]
        assert len([state for state in states if state.is_open]) == 3


class TestTheCoursesOfARun:
    def test_are_kept_in_their_order(self, rosters: ListStaging) -> None:
        chosen = [Course("9"), Course("7", "8"), Course("1")]
        rosters.choose(chosen)
        assert ListStaging(rosters.root, rosters.key).chosen() == chosen

    def test_that_nobody_chose_are_missed_by_name(self, rosters: ListStaging) -> None:
        with pytest.raises(NotStaged, match="clear the task that lists them"):
            rosters.chosen()


class TestTheMark:
    def test_tells_contents_apart_and_not_their_order(self) -> None:
        mark = fingerprint({"learnerId": 1, "status": "x", "nested": {"a": 1, "b": 2}})
        assert mark == fingerprint({"nested": {"b": 2, "a": 1}, "status": "x", "learnerId": 1})
        assert mark != fingerprint({"learnerId": 1, "status": "y", "nested": {"a": 1, "b": 2}})
        assert mark != fingerprint({"learnerId": 1, "status": "x", "nested": {"a": 1, "b": None}})

    def test_is_the_same_in_every_process(self) -> None:
        assert (
            fingerprint({"learnerId": 9007199254740993, "n": "ü\ud800"}) == "a9509ca49e149a7199dfcba5b94553c1"
        )

    def test_is_kept_with_each_item(self, rosters: ListStaging) -> None:
        item = {"learnerId": 5, "status": "completed"}
        stage_list(rosters, ROSTER, item)
        assert rosters.table(ROSTER)["mark"].to_pylist() == [fingerprint(item)]
