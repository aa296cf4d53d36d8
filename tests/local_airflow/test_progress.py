"""The live line."""

import pytest

from local_airflow.progress import Progress, duration


def look(**changes: int | float | None) -> Progress:
    values = {
        "total": 40,
        "done": 0,
        "failed": 0,
        "held": 0,
        "requests_in_window": 0,
        "slots": 30,
        "window_s": 60.0,
    }
    return Progress(**(values | changes))  # type: ignore[arg-type]


def test_the_line_says_how_much_how_fast_and_how_long():
    assert look(done=10, held=30, requests_in_window=30).line() == (
        "██████░░░░░░░░░░░░░░░░░░ 10 of 40 tasks · 30 requests in the last 60 s · 1 min left"
    )


def test_failed_tasks_are_counted_in_the_open():
    assert "3 failed" in look(done=10, failed=3).line()


def test_before_the_tasks_are_known_it_says_so():
    assert look(total=0).line() == "planning …"


def test_the_end_is_publishing():
    assert look(done=40).line().endswith("publishing")


@pytest.mark.parametrize(
    ("changes", "seconds"),
    [
        ({"held": 30, "done": 10}, 60),
        ({"held": 30}, 120),
        ({"total": 300, "held": 30}, 600),
        ({"held": 10, "done": 30, "quiet_s": 45.0}, 15),
        ({"held": 10, "done": 30, "quiet_s": 75.0}, 0),
        ({"done": 40}, 0),
    ],
)
def test_the_unsent_go_out_by_windows_and_the_last_holds_one_more(changes: dict[str, float], seconds: float):
    assert look(**changes).seconds_left == seconds


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 s"), (59.4, "59 s"), (60, "1 min"), (119.7, "2 min"), (125, "2 min 5 s")]
)
def test_durations_are_said_as_people_say_them(seconds: float, text: str):
    assert duration(seconds) == text
