"""Fields that the deployer doesn't want reach no dataset, and nothing else changes."""

from __future__ import annotations

import json
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.helpers.lists import COURSE_LIST, course_item, stage_list
from tests.helpers.samples import DAY, publish_units, published, records, stage, unit
from zoho_people.endpoints.attribute_choice import EVERYTHING, AttributeChoice
from zoho_people.endpoints.course_learners import COURSE_LEARNERS
from zoho_people.model.unit import Course
from zoho_people.publishing.lists import publish_lists
from zoho_people.staging.list_pages import ListStaging
from zoho_people.staging.progress_pages import Staging
from zoho_people.storage.layout import courses_file, learners_file
from zoho_people.storage.store import Store

FIELDS = {"evaluator": {"name": "Ada"}, "modifiedTime": 5, "userMark": "N/A"}
NO_EVALUATOR = AttributeChoice.of((), ["Evaluator"])


@pytest.mark.parametrize(
    ("keep", "drop", "left", "words"),
    [
        ((), (), ["evaluator", "modifiedTime", "userMark"], ""),
        ((), ["EVALUATOR", "x"], ["modifiedTime", "userMark"], "everything but evaluator, x"),
        (["modifiedtime", "x"], (), ["modifiedTime"], "only modifiedtime, x"),
        (["none"], (), [], "only none"),
        ((), ["userMark"], ["evaluator", "modifiedTime"], "everything but usermark"),
    ],
)
def test_fields_are_kept_or_dropped_by_name_whatever_their_capitals(
    keep: Any, drop: Any, left: list[str], words: str
) -> None:
    choice = AttributeChoice.of(keep, drop)
    assert list(choice.apply(FIELDS)) == left
    assert str(choice) == words
    assert (choice == EVERYTHING) == (not words)


def test_what_is_dropped_is_in_no_column_of_attributes_and_not_even_staged(root: Any) -> None:
    staging = Staging(root, "run", NO_EVALUATOR)
    stage(staging, unit(1), *records(1, **FIELDS, testName="n"))
    for table in (staging.table(unit(1)), _publish(staging)):
        assert json.loads(table["attributes"][0].as_py()) == {"modifiedTime": 5, "userMark": "N/A"}
        assert table["entity_name"].to_pylist() == ["n"]
    for path in staging.store.fs.find(staging.store.root):
        assert b"evaluator" not in staging.store.fs.cat_file(path)


def _publish(staging: Staging) -> Any:
    publish_units(staging, unit(1))
    return published(staging.root)


def test_a_column_keeps_its_value_whatever_is_dropped(root: Any) -> None:
    staging = Staging(root, "run", AttributeChoice.of((), ["testName", "userMark"]))
    stage(staging, unit(1), *records(1, testName="n", userMark=5))
    [row] = staging.table(unit(1)).to_pylist()
    assert (row["entity_name"], row["user_mark"], row["attributes"]) == ("n", 5.0, "{}")


def test_the_same_answer_is_news_once_a_field_is_dropped_and_then_no_more(root: Any) -> None:
    changes = []
    for name, choice in (("a", EVERYTHING), ("b", NO_EVALUATOR), ("c", NO_EVALUATOR)):
        staging = Staging(root, name, choice)
        stage(staging, unit(1), *records(1, **FIELDS))
        changes.append(len(publish_units(staging, unit(1)).changed))
    assert changes == [1, 1, 0]
    assert b"evaluator" not in Store(root).read(f"{_path(root)}")


def _path(root: Any) -> str:
    store = Store(root)
    [path] = store.fs.find(store.full("learner_progress"))
    return str(path).removeprefix(f"{store.root}/")


def test_courses_and_learners_go_by_the_same_choice_and_fingerprints_stay(root: Any) -> None:
    learner = {"learnerId": "5", "emailId": "a@b.c", "Evaluator": "Ada", "lastActivityTime": 7}
    marks = []
    for name, choice in (("a", EVERYTHING), ("b", NO_EVALUATOR)):
        rosters = ListStaging(root, name)
        stage_list(rosters, COURSE_LIST, course_item(1, evaluator="Ada", credits=3))
        rosters.choose([Course("1")])
        stage_list(rosters, COURSE_LEARNERS.of(Course("1")), learner)
        assert not any(file.error for file in publish_lists(rosters, DAY, choice))
        [row] = _rows(rosters.store, learners_file(Course("1"), DAY))
        marks.append(row["mark"])
    assert json.loads(row["attributes"]) == {"lastActivityTime": 7}
    assert row["email"] == "a@b.c"
    assert marks[0] == marks[1]
    [course] = _rows(rosters.store, courses_file(DAY))
    assert json.loads(course["attributes"]) == {"credits": 3}


def _rows(store: Store, path: str) -> list[dict[str, Any]]:
    with store.open(path) as source:
        rows: list[dict[str, Any]] = pq.read_table(source).to_pylist()
    return rows
