from __future__ import annotations

import pytest

from zoho_people.wording import counted


@pytest.mark.parametrize(
    ("count", "noun", "said"),
    [
        (0, "page", "0 pages"),
        (1, "page", "1 page"),
        (2, "page", "2 pages"),
        (1, "entry", "1 entry"),
        (1200, "entry", "1,200 entries"),
    ],
)
def test_one_is_said_in_the_singular(count: int, noun: str, said: str) -> None:
    assert counted(count, noun) == said
