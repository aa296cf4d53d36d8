"""Paging, staging and publishing against a plain dictionary."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from upath import UPath

from tests.helpers.samples import COURSE, RUN_ID, TESTS, at, cover, publish_units, published
from zoho_people.model.unit import Unit
from zoho_people.staging.progress_pages import Staging
from zoho_people.zoho.page import Page

pytestmark = pytest.mark.component

LEARNERS = [str(learner) for learner in (1, 2, 3, 10, 11, 100, 2**53 + 1, 10**18)]
Records = dict[int, str]
Model = dict[str, Records]

some_records = st.dictionaries(
    st.integers(1, 30) | st.integers(2**53, 2**53 + 5), st.text(max_size=3), max_size=9
)
some_run = st.fixed_dictionaries(
    {
        "answers": st.dictionaries(st.sampled_from(LEARNERS), some_records, max_size=5),
        "page_size": st.integers(1, 5),
        "repeat": st.booleans(),
        "publish_late": st.booleans(),
    }
)


def pages_of(records: Records, size: int) -> list[Page]:
    sent = [{"testId": entity, "testName": name} for entity, name in records.items()]
    starts = range(0, max(len(sent), 1), size)
    return [
        Page(start, tuple(sent[start : start + size]), start + size if start + size < len(sent) else None)
        for start in starts
    ]


class Runs:
    """Runs that publish into one file, and what should be in it."""

    def __init__(self, root: UPath, row_group_rows: int) -> None:
        self.root = root
        self.row_group_rows = row_group_rows
        self.clock = itertools.count()
        self.waiting: list[tuple[Staging, list[Unit]]] = []
        self.model: dict[str, tuple[int, Records]] = {}

    def fetch(self, run: dict[str, Any], number: int) -> None:
        staging = Staging(self.root, f"run-{number}")
        units = [Unit(COURSE, learner, TESTS) for learner in run["answers"]]
        for unit in units:
            records = run["answers"][unit.learner_id]
            for page in pages_of(records, run["page_size"]):
                minute = next(self.clock)
                for _ in range(1 + run["repeat"]):
                    staging.add_page(unit, page, at(minute), RUN_ID)
            self.model[unit.learner_id] = minute, records
        self.waiting.append((staging, units))
        if not run["publish_late"]:
            self.publish()

    def publish(self) -> None:
        """Publish what waits, the last run first."""
        while self.waiting:
            staging, units = self.waiting.pop()
            publish_units(staging, *units, row_group_rows=self.row_group_rows)
            assert cover(staging, *units).outcomes["failed"] == 0
            again = publish_units(staging, *units, row_group_rows=self.row_group_rows)
            assert again.changed == ()

    def expected(self) -> list[tuple[str, str, str]]:
        rows = [
            (learner, str(entity), name)
            for learner, (_, records) in self.model.items()
            for entity, name in records.items()
        ]
        return sorted(rows)


@contextmanager
def empty_object_store() -> Iterator[UPath]:
    """One for each example: hypothesis knows no fixtures of an example."""
    root = UPath("memory://model/out")
    try:
        yield root
    finally:
        root.fs.store.clear()


@settings(max_examples=12)
@given(st.lists(some_run, max_size=5), st.integers(1, 7))
def test_the_file_says_what_was_fetched_last_whatever_the_order(
    runs: list[dict[str, Any]], size: int
) -> None:
    with empty_object_store() as root:
        all_runs = Runs(root, size)
        for number, run in enumerate(runs):
            all_runs.fetch(run, number)
        all_runs.publish()
        try:
            table = published(root)
        except FileNotFoundError:
            assert all_runs.expected() == []
            return
        columns = (table[name].to_pylist() for name in ("learner_id", "entity_id", "entity_name"))
        assert list(zip(*columns, strict=True)) == all_runs.expected()
