from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from zoho_people.api.errors import CredentialsRejected, Locked, QuotaExhausted, ZohoError
from zoho_people.api.gate import GateState, SharedGate
from zoho_people.api.shared_text import MemoryText

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp()
MIDNIGHT = datetime(2026, 11, 24, tzinfo=UTC).timestamp()
LATE_IN_THE_YEAR_2095 = 3_976_000_000.0


def gate_with(text: str | None) -> SharedGate:
    store = MemoryText()
    if text is not None:
        store.save(text)
    return SharedGate(store)


def refusal(gate: SharedGate, now: float) -> ZohoError:
    """Why nothing may be sent at *now*; it says that nothing was."""
    with pytest.raises(ZohoError) as error:
        gate.refuse_while_closed(now)
    assert error.value.http_status is None
    return error.value


def test_a_gate_is_open_at_first() -> None:
    gate = gate_with(None)
    assert gate.state() == GateState()
    gate.refuse_while_closed(0.0)


def test_what_closes_it_is_known_to_everybody_who_reads_the_same_text() -> None:
    store = MemoryText()
    SharedGate(store).lock(NOON + 300.25)
    SharedGate(store).close_for_the_day(NOON)
    SharedGate(store).stop("the refresh token was revoked")
    assert SharedGate(store).state() == GateState(NOON + 300.25, MIDNIGHT, "the refresh token was revoked")


class TestALock:
    def test_that_is_longer_wins(self) -> None:
        gate = gate_with(None)
        assert gate.lock(900.0) == 900.0
        assert gate.lock(300.0) == 900.0
        assert gate.state().locked_until == 900.0
        assert gate.lock(901.0) == 901.0
        assert gate.state().locked_until == 901.0

    def test_keeps_everything_from_being_sent_before_its_end_and_nothing_from_then_on(self) -> None:
        gate = gate_with(None)
        gate.lock(500.0)
        error = refusal(gate, 490.0)
        assert (type(error), error.retry_after_s) == (Locked, 10.0)
        gate.refuse_while_closed(500.0)

    def test_that_is_shorter_than_the_known_one_writes_nothing(self) -> None:
        store = MemoryText()
        SharedGate(store).lock(900.0)
        before = store.load()
        SharedGate(store).lock(300.0)
        assert store.load() == before


class TestASpentQuota:
    @pytest.mark.parametrize(
        ("now", "midnight"),
        [
            (NOON, MIDNIGHT),
            (MIDNIGHT - 0.001, MIDNIGHT),
            (MIDNIGHT, MIDNIGHT + 86_400.0),
            (
                datetime(2026, 12, 31, 23, tzinfo=UTC).timestamp(),
                datetime(2027, 1, 1, tzinfo=UTC).timestamp(),
            ),
            (datetime(2028, 2, 28, 1, tzinfo=UTC).timestamp(), datetime(2028, 2, 29, tzinfo=UTC).timestamp()),
        ],
    )
    def test_closes_the_gate_until_the_next_utc_midnight(self, now: float, midnight: float) -> None:
        gate = gate_with(None)
        gate.close_for_the_day(now)
        error = refusal(gate, now)
        assert type(error) is QuotaExhausted
        assert error.retry_after_s == pytest.approx(midnight - now)
        gate.refuse_while_closed(midnight)

    def test_is_told_before_a_lock_since_no_wait_of_minutes_will_do(self) -> None:
        gate = gate_with(None)
        gate.lock(NOON + 300.0)
        gate.close_for_the_day(NOON)
        assert type(refusal(gate, NOON)) is QuotaExhausted


class TestStoppedCredentials:
    def test_close_the_gate_for_good_with_their_cure(self) -> None:
        gate = gate_with(None)
        gate.stop("the client secret is wrong; correct it")
        for now in (0.0, NOON, LATE_IN_THE_YEAR_2095):
            error = refusal(gate, now)
            assert (type(error), error.message) == (
                CredentialsRejected,
                "the client secret is wrong; correct it",
            )

    def test_are_tried_again_after_a_reopening_which_forgets_nothing_else(self) -> None:
        gate = gate_with(None)
        gate.lock(NOON + 300.0)
        gate.close_for_the_day(NOON)
        gate.stop("revoked")
        gate.reopen()
        assert gate.state() == GateState(NOON + 300.0, MIDNIGHT, "")

    def test_are_told_before_anything_else(self) -> None:
        gate = gate_with(None)
        gate.lock(NOON + 300.0)
        gate.close_for_the_day(NOON)
        gate.stop("revoked")
        assert type(refusal(gate, NOON)) is CredentialsRejected

    def test_a_reopening_is_always_written(self) -> None:
        store = MemoryText()
        SharedGate(store).reopen()
        assert store.load() is not None
        assert SharedGate(store).state() == GateState()

    def test_stop_none_that_were_corrected(self) -> None:
        store = MemoryText()
        SharedGate(store, credentials="old").stop("revoked")
        SharedGate(store, credentials="new").refuse_while_closed(NOON)
        assert type(refusal(SharedGate(store, credentials="old"), NOON)) is CredentialsRejected


@pytest.mark.parametrize(
    "close",
    [
        lambda gate: gate.lock(NOON + 300.0),
        lambda gate: gate.close_for_the_day(NOON),
        lambda gate: gate.stop("revoked"),
    ],
    ids=["lock", "quota", "credentials"],
)
def test_one_reason_does_not_wipe_out_another(close: Callable[[SharedGate], object]) -> None:
    known = GateState(NOON + 300.0, MIDNIGHT, "revoked")
    gate = gate_with(None)
    gate.lock(known.locked_until)
    gate.close_for_the_day(NOON)
    gate.stop(known.stopped)
    close(gate)
    assert gate.state() == known


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tomorrow",
        "nan",
        "1764000000",
        "null",
        "[]",
        "[1, 2, 3]",
        "{}",
        '{"until": 5}',
        '{"locked_until": 5, "whose": "another version\'s"}',
        '{"locked_until": ' + "9" * 5000 + "}",
    ],
)
def test_a_text_that_is_nobodys_is_an_open_gate_and_is_written_over(text: str) -> None:
    gate = gate_with(text)
    assert gate.state() == GateState()
    gate.refuse_while_closed(0.0)
    assert gate.lock(7.0) == 7.0
    assert gate.state() == GateState(locked_until=7.0)


@pytest.mark.parametrize(
    "instant",
    [
        "1764000000000",
        "1e300",
        "1e999",
        "-1764000000",
        "NaN",
        "Infinity",
        "-Infinity",
        '"5"',
        "null",
        "true",
        "[]",
    ],
)
@pytest.mark.parametrize("field", ["locked_until", "spent_until"])
def test_an_instant_that_is_on_no_calendar_closes_nothing(field: str, instant: str) -> None:
    gate = gate_with(f'{{"{field}": {instant}}}')
    assert gate.state() == GateState()
    gate.refuse_while_closed(0.0)


def test_a_state_that_lacks_what_another_version_did_not_know_keeps_the_rest() -> None:
    assert gate_with('{"locked_until": 500}').state() == GateState(locked_until=500.0)


def test_the_text_is_readable_by_a_person() -> None:
    store = MemoryText()
    SharedGate(store).lock(NOON)
    assert json.loads(store.load() or "") == {
        "locked_until": NOON,
        "spent_until": 0.0,
        "stopped": "",
        "credentials": "",
    }
