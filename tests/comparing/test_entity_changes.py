from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from zoho_people.comparing.entity_changes import COLUMNS, changes_between

SCHEMA = pa.schema([(name, pa.float64() if name == "user_mark" else pa.string()) for name in COLUMNS])
Values = tuple[str | None, float | None]


def table(**values: Values) -> pa.Table:
    """Entities of one learner with their status and mark."""
    rows = [
        {
            "learner_id": "1",
            "entity_id": name,
            "entity_name": name.upper(),
            "status": status,
            "user_mark": mark,
        }
        for name, (status, mark) in values.items()
    ]
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def change(before: Values, after: Values) -> str | None:
    rows = changes_between(table(e=before), table(e=after)).to_pylist()
    return rows[0]["change"] if rows else None


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (("Completed", 80.0), ("Completed", 80.0), None),
        ((None, None), (None, None), None),
        (("open", None), ("completed", None), "completed"),
        ((None, None), ("Completed", None), "completed"),
        (("open", 10.0), (" COMPLETED ", 80.0), "completed"),
        (("Completed", 80.0), ("open", 80.0), "reopened"),
        (("Completed", 80.0), (None, None), "reopened"),
        (("open", None), ("open", 80.0), "mark_changed"),
        (("open", 80.0), ("open", None), "mark_changed"),
        (("open", 10.0), ("failed", 20.0), "mark_changed"),
        (("completed", 10.0), ("Completed", 20.0), "mark_changed"),
        (("open", 10.0), ("failed", 10.0), "status_changed"),
        (("open", None), (None, None), "status_changed"),
        (("completed", 80.0), ("Completed", 80.0), "status_changed"),
        (("open", 0.0), ("open", None), "mark_changed"),
    ],
)
def test_an_entity_has_its_strongest_change(before: Values, after: Values, expected: str | None) -> None:
    assert change(before, after) == expected


def test_both_sides_of_status_and_mark_are_told_whatever_the_change_is() -> None:
    [row] = changes_between(table(e=("open", 10.0)), table(e=("completed", 20.0))).to_pylist()
    assert (row["status_before"], row["status_after"]) == ("open", "completed")
    assert (row["mark_before"], row["mark_after"]) == (10.0, 20.0)


def test_what_is_added_has_no_before_and_what_is_gone_no_after() -> None:
    gone, added = changes_between(table(a=("open", 1.0)), table(b=("completed", 2.0))).to_pylist()
    common = {"learner_id": "1"}
    assert gone == common | {
        "entity_id": "a",
        "entity_name": "A",
        "change": "gone",
        "status_before": "open",
        "status_after": None,
        "mark_before": 1.0,
        "mark_after": None,
    }
    assert added == common | {
        "entity_id": "b",
        "entity_name": "B",
        "change": "added",
        "status_before": None,
        "status_after": "completed",
        "mark_before": None,
        "mark_after": 2.0,
    }


def test_another_name_is_no_change_and_todays_is_told() -> None:
    renamed: Any = table(e=("completed", None)).set_column(2, "entity_name", pa.array(["other"]))
    assert changes_between(table(e=("completed", None)), renamed).num_rows == 0
    [row] = changes_between(table(e=("open", None)), renamed).to_pylist()
    assert row["entity_name"] == "other"


def test_the_same_entity_of_two_learners_is_two() -> None:
    before = pa.Table.from_pylist(
        [{"learner_id": learner, "entity_id": "2", "status": "open"} for learner in ("1", "11")],
        schema=SCHEMA,
    )
    after = before.slice(1)
    [row] = changes_between(before, after).to_pylist()
    assert (row["learner_id"], row["change"]) == ("1", "gone")
