from __future__ import annotations

import json
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoho_people.model.run_xcoms import (
    FetchItem,
    PlanFigures,
    Published,
    Request,
    Span,
    Spent,
    Told,
    UnitCounts,
    UnitsOfPlan,
    union,
)

DAYS = st.dictionaries(st.dates(), st.integers(0, 10**6), max_size=3)
TEXTS = st.lists(st.text(), max_size=3).map(tuple)
COUNTS = st.dictionaries(st.text(), st.integers(), max_size=3)
INSTANTS = st.none() | st.floats(0, 4e9)
SPANS = st.lists(st.builds(Span, st.floats(0, 4e9), st.floats(0, 4e9)), max_size=3)
SPENT = st.builds(
    Spent,
    requests=st.integers(0),
    held_seconds=st.floats(0, 4e9),
    first_at=INSTANTS,
    last_at=INSTANTS,
    by_day=DAYS,
    locked=SPANS,
)
ANY = st.one_of(
    st.builds(
        Request,
        courses=TEXTS,
        learner_ids=TEXTS,
        roster_file=st.none() | st.text(),
        include=TEXTS,
        exclude=TEXTS,
        entity_types=TEXTS,
        output_path=st.text(),
        snapshot_date=st.dates(),
        units_per_task=st.none() | st.integers(),
        dry_run=st.booleans(),
        may_defer=st.booleans(),
        slots=st.integers(),
        privacy=st.dictionaries(st.text(), st.text(), max_size=2),
    ),
    SPENT,
    st.builds(
        PlanFigures,
        units=st.integers(0),
        by_reason=COUNTS,
        minutes=st.floats(0, 1e6),
        daily_budget=st.none() | st.integers(0),
        quota_left=st.none() | st.integers(0),
        filters_without_match=st.lists(st.text(), max_size=3),
    ),
    st.builds(
        Published,
        rows_by_entity_type=COUNTS,
        failures=st.dictionaries(st.text(), st.text(), max_size=2),
        answers=st.builds(
            UnitCounts,
            asked=st.integers(),
            answered=st.integers(),
            missing=st.integers(),
            postponed=st.integers(),
        ),
        quota_left=st.none() | st.integers(0),
        spent=SPENT,
        complete=st.booleans(),
    ),
    st.builds(
        FetchItem,
        course=st.none() | st.text(),
        planned=st.none() | st.builds(UnitsOfPlan, first=st.integers(0), count=st.integers(0)),
        output_path=st.text(),
        deferrable=st.none() | st.booleans(),
    ),
)


@given(ANY)
def test_what_is_told_is_the_same_after_its_way_through_json(told: Told) -> None:
    written = told.to_json()
    assert type(told).from_json(json.loads(json.dumps(written))) == told
    assert json.loads(json.dumps(written)) == written  # no Python values but those of JSON


def test_what_somebody_else_told_is_refused() -> None:
    for value in (5, [], {"requests": "many"}, {"by_day": {"tomorrow": 1}}):
        with pytest.raises(ValueError, match="Spent"):
            Spent.from_json(value)


def test_what_a_task_tells_beside_its_counts_is_left_alone() -> None:
    assert Spent.from_json({"requests": 2, "outcome": "fetched", "pages": 1}) == Spent(requests=2)


def test_an_item_says_no_more_than_it_has_to() -> None:
    item = FetchItem(planned=UnitsOfPlan(first=0, count=8), output_path="/data")
    assert item.to_json() == {"planned": {"first": 0, "count": 8}, "output_path": "/data"}


def test_many_tasks_add_up_to_one_run() -> None:
    monday, tuesday = date(2026, 11, 23), date(2026, 11, 24)
    tasks = [
        Spent(
            requests=3,
            held_seconds=171.5,
            first_at=5.0,
            last_at=9.0,
            by_day={monday: 2, tuesday: 1},
            locked=[Span(4.0, 304.0), Span(700.0, 800.0)],
        ),
        Spent(
            requests=1,
            held_seconds=57.0,
            first_at=3.0,
            last_at=3.0,
            by_day={tuesday: 1},
            locked=[Span(3.0, 303.0)],
        ),
        Spent(),
    ]
    total = Spent.total(tasks)
    assert total == Spent(
        requests=4,
        held_seconds=228.5,
        first_at=3.0,
        last_at=9.0,
        by_day={monday: 2, tuesday: 2},
        locked=[Span(3.0, 304.0), Span(700.0, 800.0)],
    )
    assert (total.seconds, total.locked_seconds) == (6.0, 401.0)


def test_no_task_at_all_spent_nothing() -> None:
    assert Spent.total([]) == Spent(locked=[])
    assert Spent().to_json() == {
        "requests": 0,
        "held_seconds": 0.0,
        "first_at": None,
        "last_at": None,
        "by_day": {},
        "locked": [],
    }


@given(SPANS)
def test_spans_that_overlap_are_one(spans: list[Any]) -> None:
    forward = [Span(min(span), max(span)) for span in spans]
    whole = union(forward)
    assert all(earlier.end < later.begin for earlier, later in pairwise(whole))
    assert all(any(each.begin <= span.begin and span.end <= each.end for each in whole) for span in forward)
