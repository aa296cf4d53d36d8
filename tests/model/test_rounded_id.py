from __future__ import annotations

import random

import pytest

from zoho_people.model.rounded_id import Suspicion, is_rounded, is_scientific

TRUE = [str(100002000000041342 + 7 * number) for number in range(100_000)]


@pytest.mark.parametrize(
    ("digits", "rounded"),
    [
        ("100002000000041000", True),
        ("100002000000041342", False),
        ("100002000000041340", False),
        ("1000020000000410", True),
        ("100002000000000", False),
        ("1000", False),
        ("5727000000032544000", False),
        ("5727000000032540000", True),
    ],
)
def test_an_id_looks_rounded_with_nothing_but_zeros_behind_its_15th_digit(digits: str, rounded: bool) -> None:
    assert is_rounded(digits) is rounded


@pytest.mark.parametrize(
    ("text", "scientific"),
    [
        ("1.00002E+17", True),
        ("1,00002E+17", True),
        (" 1e17 ", True),
        ("100002", False),
        ("E17", False),
        ("", False),
    ],
)
def test_scientific_notation_is_known(text: str, scientific: bool) -> None:
    assert is_scientific(text) is scientific


@pytest.mark.parametrize(
    ("ids", "no_chance"),
    [
        ([], False),
        (["100002000000041000"], False),
        (["100002000000041000", "100002000000042000"], True),
        (["100002000000041000"] * 9, False),
        (["1000020000000410", "1000020000000420", "1000020000000430"], False),
        (["5727000000032540000"], False),
        (["1000", "2000", "3000", "4000"], False),
        (TRUE, False),
        ([str(int(float(f"{int(each):.14e}"))) for each in TRUE[::500]], True),
        ([*TRUE[:5_000], *(f"1000020000001{number:02}000" for number in range(60))], True),
    ],
)
def test_more_than_chance_can_bring_is_told_from_chance(ids: list[str], no_chance: bool) -> None:
    assert Suspicion.of(ids).is_no_chance is no_chance


def test_true_ids_are_hardly_ever_taken_for_rounded_ones() -> None:
    draws = random.Random(7)  # noqa: S311
    for size in (1, 2, 10, 100, 1_000):
        refused = sum(
            Suspicion.of([str(draws.randrange(10**17, 10**18)) for _ in range(size)]).is_no_chance
            for _ in range(20_000 // size)
        )
        assert refused == 0
