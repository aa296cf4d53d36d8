from __future__ import annotations

import math
import struct
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from zoho_people.storage.arrow_columns import column
from zoho_people.storage.schema import COVERAGE_SCHEMA, PROGRESS_SCHEMA, TIMESTAMP

PLUGINS = Path(__file__).parents[2] / "plugins"
KINDS = list(dict.fromkeys(field.type for schema in (PROGRESS_SCHEMA, COVERAGE_SCHEMA) for field in schema))
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def through(values: list[Any], kind: pa.DataType) -> list[Any]:
    """*values* after their way through a column."""
    made = column(values, kind)
    made.validate(full=True)
    assert made.type == kind
    return list(made.to_pylist())


def lists_of(values: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.none() | values, max_size=20)


@given(lists_of(st.booleans()))
def test_booleans_are_exact(values: list[bool | None]) -> None:
    assert through(values, pa.bool_()) == values


@given(lists_of(st.integers(-(2**31), 2**31 - 1)))
@example([-(2**31), 2**31 - 1, 0, None])
def test_small_integers_are_exact(values: list[int | None]) -> None:
    assert through(values, pa.int32()) == values


@given(lists_of(st.integers(-(2**63), 2**63 - 1)))
@example([-(2**63), 2**63 - 1, 2**53 + 1, None])
def test_large_integers_are_exact(values: list[int | None]) -> None:
    assert through(values, pa.int64()) == values


@pytest.mark.parametrize(
    ("value", "kind"),
    [(2**31, pa.int32()), (-(2**31) - 1, pa.int32()), (2**63, pa.int64()), (-(2**63) - 1, pa.int64())],
)
def test_an_integer_that_does_not_fit_is_refused_and_not_bent(value: int, kind: pa.DataType) -> None:
    with pytest.raises(pa.ArrowInvalid):
        column([value], kind)


def bits(value: float | None) -> bytes | None:
    return None if value is None else struct.pack("<d", value)


@given(lists_of(st.floats(allow_nan=False)))
@example([0.0, -0.0, 5e-324, -5e-324, 2.2250738585072014e-308, sys.float_info.max, -sys.float_info.max, None])
@example([math.inf, -math.inf, 0.1, 1e16, 1e22, 1e23, 123456789012345.67, 2.0**53 + 2])
def test_decimals_are_exact_to_the_last_bit(values: list[float | None]) -> None:
    assert [bits(value) for value in through(values, pa.float64())] == [bits(value) for value in values]


@given(lists_of(st.text()))
@example(["", " ", "\0", "null", "NULL", "None", "NaN", "\ufeff", "\U0010ffff", "e\u0301", None])
def test_any_text_is_what_it_was_and_an_empty_one_is_no_null(values: list[str | None]) -> None:
    assert through(values, pa.string()) == values


def test_a_long_text_is_what_it_was() -> None:
    text = "漢字 😀" * 100_000
    assert through([text], pa.string()) == [text]


def instants(values: list[datetime | None]) -> list[int | None]:
    """Each in whole microseconds since the epoch, by integers only."""
    return [None if value is None else (value - EPOCH) // timedelta(microseconds=1) for value in values]


@given(lists_of(st.datetimes(timezones=st.just(UTC))))
@example([datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), None])
@example([EPOCH, EPOCH - timedelta(microseconds=1), datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)])
def test_moments_are_exact_to_the_microsecond(values: list[datetime | None]) -> None:
    made = column(values, TIMESTAMP)
    assert made.type == TIMESTAMP
    assert made.cast(pa.int64()).to_pylist() == instants(values)


def test_a_moment_in_another_zone_is_the_same_instant() -> None:
    moment = datetime(2026, 1, 2, 17, 30, 0, 5, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    assert column([moment], TIMESTAMP).cast(pa.int64()).to_pylist() == instants([moment])


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_nulls_and_nothing_at_all_have_the_columns_type(kind: pa.DataType) -> None:
    assert through([], kind) == []
    assert through([None, None], kind) == [None, None]


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_a_column_may_be_made_of_a_generator(kind: pa.DataType) -> None:
    assert len(column((None for _ in range(3)), kind)) == 3


EVERY_STEP = """
import sys, datetime
from zoho_people.model.entity_type import EntityType
from zoho_people.zoho.page import Page
from zoho_people.model.unit import Course, Unit
from zoho_people.staging.progress_pages import Staging

staging = Staging(sys.argv[1], "run-1")
unit = Unit(Course("1"), "7", EntityType.ONLINE_TESTS)
now = datetime.datetime(2026, 1, 2, 12, tzinfo=datetime.UTC)
first = tuple({"testId": number, "userMark": 1.5, "isMandatory": True} for number in range(25))
last = tuple({"testId": number, "duration": "10 minutes"} for number in range(20, 30))


def done(step):
    staging.progress(unit)
    print(step, "pandas" in sys.modules)


staging.progress(unit)
staging.add_page(unit, Page(0, first, 25), now, "run")
done("a page")
assert staging.add_page(unit, Page(25, last, None), now, "run").rows == 30
done("all pages")
for number, step in enumerate(("an empty page", "failed", "not_found"), start=8):
    unit = Unit(Course("1"), str(number), EntityType.ONLINE_TESTS)
    staging.progress(unit)
    if number == 8:
        staging.add_page(unit, Page(0, (), None), now, "run")
    else:
        staging.add_outcome(unit, step, "why", now, "run")
    done(step)
import pandas
"""


@pytest.mark.component
def test_a_fresh_process_that_keeps_what_came_never_imports_pandas_though_it_could(tmp_path: Path) -> None:
    """The steps follow each other in one process: the first that imports it, and no later one, is to blame."""
    done = subprocess.run(
        [sys.executable, "-c", EVERY_STEP, str(tmp_path)],
        env={"PYTHONPATH": str(PLUGINS)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    steps = ("a page", "all pages", "an empty page", "failed", "not_found")
    assert done.stdout.splitlines() == [f"{step} False" for step in steps]
