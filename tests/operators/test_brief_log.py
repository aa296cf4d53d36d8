from __future__ import annotations

import logging

import pytest

from zoho_people.operators.brief_log import IN_FULL, brief_log

log = logging.getLogger("zoho_people.somewhere")


@pytest.fixture(autouse=True)
def told(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO)
    return caplog


def test_of_a_kind_the_first_are_told_and_then_ever_fewer(told: pytest.LogCaptureFixture) -> None:
    with brief_log():
        for number in range(1, 2001):
            log.info("course %d: done", number)
    assert [message.partition(":")[0] for message in told.messages] == [
        *("course 1", "course 2", "course 3", "course 10", "course 100", "course 1000")
    ]
    assert told.messages[3] == "course 10: done (line 10 of its kind; with the level DEBUG all are told)"


def test_each_kind_has_lines_of_its_own(told: pytest.LogCaptureFixture) -> None:
    with brief_log():
        for number in range(1, 6):
            log.info("page %d", number)
            log.warning("page %d", number)
            log.warning("no page %d", number)
    assert len(told.messages) == 9


def test_a_record_of_what_was_done_is_told_in_full(told: pytest.LogCaptureFixture) -> None:
    with brief_log():
        for number in range(1, 21):
            log.info("removed %d", number, extra=IN_FULL)
    assert told.messages == [f"removed {number}" for number in range(1, 21)]


def test_what_earlier_processes_of_a_task_told_counts_but_warnings_are_new(
    told: pytest.LogCaptureFixture,
) -> None:
    with brief_log(before=57):
        log.info("unit %d", 58)
        log.warning("unit %d was refused", 58)
    with brief_log(before=99):
        log.info("unit %d", 100)
    assert [message.partition(" (")[0] for message in told.messages] == ["unit 58 was refused", "unit 100"]


def test_everything_is_told_at_debug_and_of_others_and_afterwards(told: pytest.LogCaptureFixture) -> None:
    with brief_log():
        for _ in range(9):
            logging.getLogger("somebody.else").info("theirs")
    for _ in range(9):
        log.info("afterwards")
    told.set_level(logging.DEBUG, logger="zoho_people")
    with brief_log():
        for _ in range(9):
            log.debug("detail")
    assert len(told.messages) == 27


def test_a_line_that_several_handlers_take_counts_once() -> None:
    seen: list[str] = []

    class Seen(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            seen.append(record.getMessage())

    handlers = [Seen(), Seen()]
    for handler in handlers:
        logging.getLogger().addHandler(handler)
    try:
        with brief_log():
            for _ in range(4):
                log.info("line")
    finally:
        for handler in handlers:
            logging.getLogger().removeHandler(handler)
    assert seen == ["line"] * 6
