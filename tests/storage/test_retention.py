from __future__ import annotations

import logging
from datetime import date, timedelta
from typing import Any

import pytest

from tests.helpers.samples import (
    COURSE,
    DAY,
    NOON,
    TESTS,
    at,
    ids_by_learner,
    known_of,
    plan_of,
    published,
    records,
    stage,
    unit,
)
from zoho_people.model.planned_unit import PlannedUnit, Reason
from zoho_people.publishing.publish import publish
from zoho_people.staging.progress_pages import Staging
from zoho_people.storage.layout import progress_file, state_file
from zoho_people.storage.retention import DATASETS, Expired, parse_days_kept, remove_expired
from zoho_people.storage.store import Store

TODAY = date(2026, 6, 30)


def day_of(days_ago: int) -> str:
    return f"snapshot_date={TODAY - timedelta(days=days_ago)}"


def kept(store: Store) -> set[str]:
    return {path.removeprefix(f"{store.root}/") for path in store.fs.find(store.root)}


def expire(store: Store, today: date = TODAY, **days: int) -> list[Expired]:
    return list(remove_expired(store, days, today=today))


@pytest.mark.parametrize("dataset", ["coverage", "learners", "courses", "changes"])
def test_a_day_older_than_its_dataset_is_kept_goes_and_nothing_else(root: Any, dataset: str) -> None:
    store = Store(root)
    others = {f"{other}/{day_of(500)}/a.parquet" for other in DATASETS if other != dataset}
    stays = others | {f"{dataset}/{day_of(days)}/a.parquet" for days in (90, 0, -1)}
    goes = {f"{dataset}/{day_of(91)}/{name}.parquet" for name in ("a", "b")}
    for path in stays | goes:
        store.write(path, b"x")

    assert expire(store, **{dataset: 90}) == [Expired(dataset, TODAY - timedelta(days=91), 2)]
    assert kept(store) == stays
    assert day_of(91) not in store.names(dataset)
    assert expire(store, **{dataset: 90}) == []


def test_progress_goes_for_every_entity_type(root: Any) -> None:
    store = Store(root)
    for label in ("files", "links"):
        for days in (500, 401, 400, 1):
            store.write(f"learner_progress/entity_type={label}/{day_of(days)}/course-1.parquet", b"x")

    expired = expire(store, learner_progress=400)

    assert expired == [
        Expired("learner_progress", TODAY - timedelta(days=500), 2),
        Expired("learner_progress", TODAY - timedelta(days=401), 2),
    ]
    assert len(kept(store)) == 4


def test_without_a_setting_everything_stays(root: Any) -> None:
    store = Store(root)
    store.write(f"learners/{day_of(5000)}/a.parquet", b"x")
    assert expire(store) == []
    assert len(kept(store)) == 1


def test_what_is_no_file_of_a_dataset_stays(root: Any) -> None:
    store = Store(root)
    paths = {
        f"coverage/{day_of(500)}/notes.txt",
        "coverage/snapshot_date=soon/a.parquet",
        "coverage/a.parquet",
    }
    for path in paths | {f"coverage/{day_of(500)}/run-1.parquet"}:
        store.write(path, b"x")
    assert [expired.files for expired in expire(store, coverage=1)] == [1]
    assert kept(store) == paths


def test_the_day_before_todays_stays_whatever_its_age(root: Any) -> None:
    store = Store(root)
    for days in (300, 200, 0):
        store.write(f"learner_progress/entity_type=files/{day_of(days)}/course-1.parquet", b"x")
    assert [expired.day for expired in expire(store, learner_progress=7)] == [TODAY - timedelta(days=300)]


class TestRowsThatAreStillToBeCarriedForward:
    @pytest.fixture
    def store(self, staging: Staging) -> Store:
        """Three days of a course; 7 was fetched on the first of them and 8 on the second, in a run of 8 alone."""
        stage(staging, unit(7), *records(1, 2))
        publish(staging, plan_of(staging, unit(7)), DAY, NOON)
        later = Staging(staging.root, "run-2")
        stage(later, unit(8), *records(3), minute=1)
        publish(later, plan_of(later, unit(8)), DAY + timedelta(days=1), NOON)
        staging.store.write(progress_file(TESTS, COURSE, DAY + timedelta(days=2)), b"x")
        return staging.store

    def test_keep_their_file(self, store: Store) -> None:
        expired = expire(store, DAY + timedelta(days=100), learner_progress=1)
        assert [(each.files, each.still_needed) for each in expired] == [(0, 1), (0, 1)]
        assert store.exists(progress_file(TESTS, COURSE, DAY))
        assert store.exists(progress_file(TESTS, COURSE, DAY + timedelta(days=1)))

    def test_are_all_there_on_the_next_day_and_their_old_files_gone(self, store: Store, root: Any) -> None:
        today = DAY + timedelta(days=100)
        expire(store, today, learner_progress=1)
        staging = Staging(root, "run-100")
        known = known_of(store)[TESTS]
        carried = [
            PlannedUnit(
                unit(learner),
                Reason.CARRIED,
                last_at=known[learner].fetched_at,
                rows=known[learner].rows,
                snapshot_date=known[learner].snapshot_date,
            )
            for learner in ("7", "8")
        ]
        publish(staging, plan_of(staging, *carried), today, at(1))

        expired = expire(store, today, learner_progress=1)

        assert [(each.files, each.still_needed) for each in expired] == [(1, 0), (1, 0)]
        assert ids_by_learner(published(root, day=today)) == {"7": ["1", "2"], "8": ["3"]}

    def test_cannot_be_told_where_the_state_is_damaged_so_all_stay(
        self, store: Store, caplog: pytest.LogCaptureFixture
    ) -> None:
        store.write(state_file(COURSE), b"PAR1 broken")
        with caplog.at_level(logging.WARNING):
            expired = expire(store, DAY + timedelta(days=100), learner_progress=1)
        assert [(each.files, each.still_needed) for each in expired] == [(0, 1), (0, 1)]
        assert "no snapshot of the course is removed" in caplog.text

    def test_keep_no_file_once_nothing_is_known_of_the_course(self, store: Store) -> None:
        store.delete(state_file(COURSE))
        expired = expire(store, DAY + timedelta(days=100), learner_progress=1)
        assert [each.files for each in expired] == [1, 1]


def test_removing_goes_on_where_it_was_ended(root: Any) -> None:
    store, ended = Store(root), _EndsSoon(root)
    for name in "abc":
        store.write(f"coverage/{day_of(500)}/{name}.parquet", b"x")
    with pytest.raises(PermissionError):
        list(remove_expired(ended, {"coverage": 7}, today=TODAY))
    assert len(kept(store)) == 2
    assert [expired.files for expired in expire(store, coverage=7)] == [2]


class _EndsSoon(Store):
    """A store that deletes one file and no more."""

    left = 1

    def delete(self, path: str) -> None:
        if not self.left:
            raise PermissionError(path)
        self.left -= 1
        super().delete(path)


def test_the_setting_is_a_dataset_and_its_days() -> None:
    assert parse_days_kept(["learners=90", "learner_progress = 400"]) == {
        "learners": 90,
        "learner_progress": 400,
    }
    assert parse_days_kept([]) == {}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (
            "learner=90",
            "'learner=90' names no dataset; write <dataset>=<days> of: learner_progress, coverage",
        ),
        ("90", "'90' names no dataset"),
        ("learners", "'learners' is no number of days; write a whole number from 1 to 36500"),
        ("learners=0", "'learners=0' is no number of days"),
        ("learners=-1", "'learners=-1' is no number of days"),
        ("learners=1.5", "'learners=1.5' is no number of days"),
        ("learners=٣", "is no number of days"),
        ("learners=36501", "is no number of days"),
        ("learners=" + "9" * 5000, "is no number of days"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_by_name(text: str, why: str) -> None:
    with pytest.raises(ValueError, match="write") as error:
        parse_days_kept(["coverage=3", text])
    assert why in str(error.value)
    assert len(str(error.value)) < 250


def test_a_dataset_that_is_named_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="learners is there twice"):
        parse_days_kept(["learners=90", "learners=91"])
