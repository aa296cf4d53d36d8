"""When an entity counts as completed."""

from __future__ import annotations

import pytest

from zoho_people.model.completion import is_completed


@pytest.mark.parametrize("status", ["completed", "Completed", "COMPLETED", " completed "])
def test_a_completed_status_counts_in_any_case_and_with_blanks(status: str) -> None:
    assert is_completed(status)


@pytest.mark.parametrize("status", [None, "", "not completed", "inprogress", "incomplete", "completed_late"])
def test_any_other_status_does_not_count(status: str | None) -> None:
    assert not is_completed(status)
