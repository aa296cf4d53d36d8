from __future__ import annotations

import pyarrow as pa
import pytest

from zoho_people.model.entity_type import EntityType
from zoho_people.storage.by_learner import InTurn, Rows, by_type, side_by_side


def values(table: pa.Table) -> list[tuple[str, int]]:
    return list(zip(table["learner_id"].to_pylist(), table["value"].to_pylist(), strict=True))


def test_a_learner_is_looked_up_in_the_order_of_the_ids() -> None:
    in_turn = InTurn({"10": "a", "2": "b", "30": "c"})
    assert [in_turn.get(each) for each in ("1", "10", "10", "11", "30", "4")] == [
        None,
        "a",
        "a",
        None,
        "c",
        None,
    ]
    assert InTurn[str]({}).get("1") is None


@pytest.mark.parametrize(
    ("lefts", "rights", "expected"),
    [
        ({}, {}, []),
        ({"1": "a"}, {}, [("1", "a", None)]),
        ({}, {"1": 1}, [("1", None, 1)]),
        (
            {"1": "a", "3": "c", "4": "d"},
            {"2": 2, "3": 3, "5": 5, "6": 6},
            [
                ("1", "a", None),
                ("2", None, 2),
                ("3", "c", 3),
                ("4", "d", None),
                ("5", None, 5),
                ("6", None, 6),
            ],
        ),
    ],
)
def test_two_sides_are_gone_through_together(
    lefts: dict[str, str], rights: dict[str, int], expected: list[object]
) -> None:
    assert list(side_by_side(lefts.items(), rights.items())) == expected


def test_rows_are_read_as_often_as_needed() -> None:
    table = pa.table({"learner_id": ["1", "2"], "value": [3, 4]})
    rows = Rows(table, values)
    assert list(rows.items()) == list(rows.items()) == [("1", 3), ("2", 4)]


def test_rows_by_type_are_sorted_by_learner() -> None:
    table = pa.table(
        {"entity_type": ["links", "files", "links"], "learner_id": ["9", "1", "10"], "value": [1, 2, 3]}
    )
    found = by_type(table, values)
    assert {kind: list(rows.items()) for kind, rows in found.items()} == {
        EntityType.LINKS: [("10", 3), ("9", 1)],
        EntityType.FILES: [("1", 2)],
    }
    with pytest.raises(ValueError, match="quizzes"):
        by_type(pa.table({"entity_type": ["quizzes"], "learner_id": ["1"], "value": [1]}), values)
