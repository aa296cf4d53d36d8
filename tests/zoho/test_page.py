from __future__ import annotations

from zoho_people.zoho.page import ProgressPage


def test_a_page_has_more_when_another_begins() -> None:
    assert ProgressPage(0, ({},), 1).has_more
    assert not ProgressPage(0, ({},), None).has_more
