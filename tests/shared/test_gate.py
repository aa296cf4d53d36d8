from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime

import pytest

from zoho_people.shared.gate import GateState, Refusals, SharedGate
from zoho_people.shared.text import MemoryText
from zoho_people.zoho.errors import CredentialsRejected, Locked, QuotaExhausted, ZohoError

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp()
MIDNIGHT = datetime(2026, 11, 24, tzinfo=UTC).timestamp()
LATE_IN_THE_YEAR_2095 = 3_976_000_000.0


class Texts:
    """The two texts that all gates of a connection share; ``reads`` counts who looked at which."""

    def __init__(self, lock: str | None = None, refusals: str | None = None) -> None:
        self.reads: list[str] = []
        self.lock = Counted("lock", lock, self.reads)
        self.refusals = Counted("refusals", refusals, self.reads)

    def gate(
        self, *, credentials: str = "", wait_for_others: Callable[[], None] = lambda: None
    ) -> SharedGate:
        """As each process has one of its own."""
        return SharedGate(
            lock=self.lock,
            refusals=self.refusals,
            wait_for_others=wait_for_others,
            credentials=credentials,
        )

    def write(self, refusals: Refusals) -> None:
        """As another process may at any moment."""
        self.refusals.save(json.dumps(asdict(refusals)))


class Counted(MemoryText):
    def __init__(self, name: str, text: str | None, reads: list[str]) -> None:
        super().__init__()
        self.name = name
        self.reads = reads
        if text is not None:
            self.save(text)

    def load(self) -> str | None:
        self.reads.append(self.name)
        return super().load()


@pytest.fixture
def texts() -> Texts:
    return Texts()


@pytest.fixture
def gate(texts: Texts) -> SharedGate:
    return texts.gate()


def refusal(gate: SharedGate, now: float) -> ZohoError:
    """Why nothing may be sent at *now*; it says that nothing was."""
    with pytest.raises(ZohoError) as error:
        gate.refuse_while_closed(now)
    assert error.value.http_status is None
    return error.value


def test_a_gate_is_open_at_first(gate: SharedGate) -> None:
    assert gate.state() == GateState()
    gate.refuse_while_closed(0.0)


def test_what_closes_it_is_known_to_everybody_who_reads_the_same_texts(texts: Texts) -> None:
    texts.gate().lock(NOON + 300.25)
    texts.gate().close_for_the_day(NOON)
    texts.gate().stop("the refresh token was revoked")
    assert texts.gate().state() == GateState(
        NOON + 300.25, Refusals(MIDNIGHT, "the refresh token was revoked")
    )


class TestALock:
    def test_that_is_longer_wins(self, gate: SharedGate) -> None:
        assert gate.lock(900.0) == 900.0
        assert gate.lock(300.0) == 900.0
        assert gate.state().locked_until == 900.0
        assert gate.lock(901.0) == 901.0
        assert gate.state().locked_until == 901.0

    def test_keeps_everything_from_being_sent_before_its_end_and_nothing_from_then_on(
        self, gate: SharedGate
    ) -> None:
        gate.lock(500.0)
        error = refusal(gate, 490.0)
        assert (type(error), error.retry_after_s) == (Locked, 10.0)
        gate.refuse_while_closed(500.0)

    def test_says_until_when(self, gate: SharedGate) -> None:
        gate.lock(NOON + 300.0)
        assert refusal(gate, NOON).message == (
            "the API is locked until 2026-11-23 12:05:00 UTC; nothing was sent"
        )


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
    def test_closes_the_gate_until_the_next_utc_midnight(
        self, gate: SharedGate, now: float, midnight: float
    ) -> None:
        gate.close_for_the_day(now)
        error = refusal(gate, now)
        assert type(error) is QuotaExhausted
        assert error.retry_after_s == pytest.approx(midnight - now)
        gate.refuse_while_closed(midnight)

    def test_is_told_before_a_lock_since_no_wait_of_minutes_will_do(self, gate: SharedGate) -> None:
        gate.lock(NOON + 300.0)
        gate.close_for_the_day(NOON)
        assert type(refusal(gate, NOON)) is QuotaExhausted


class TestStoppedCredentials:
    def test_close_the_gate_for_good_with_their_cure(self, gate: SharedGate) -> None:
        gate.stop("the client secret is wrong; correct it")
        for now in (0.0, NOON, LATE_IN_THE_YEAR_2095):
            error = refusal(gate, now)
            assert (type(error), error.message) == (
                CredentialsRejected,
                "the client secret is wrong; correct it",
            )

    def test_are_tried_again_after_a_reopening_which_forgets_nothing_else(self, gate: SharedGate) -> None:
        gate.lock(NOON + 300.0)
        gate.close_for_the_day(NOON)
        gate.stop("revoked")
        gate.reopen()
        assert gate.state() == GateState(NOON + 300.0, Refusals(MIDNIGHT))

    def test_are_told_before_anything_else(self, gate: SharedGate) -> None:
        gate.lock(NOON + 300.0)
        gate.close_for_the_day(NOON)
        gate.stop("revoked")
        assert type(refusal(gate, NOON)) is CredentialsRejected

    def test_a_reopening_leaves_no_text_missing(self, texts: Texts) -> None:
        texts.gate().reopen()
        assert None not in (texts.lock.load(), texts.refusals.load())
        assert texts.gate().state() == GateState()

    def test_stop_none_that_were_corrected(self, texts: Texts) -> None:
        texts.gate(credentials="old").stop("revoked")
        texts.gate(credentials="new").refuse_while_closed(NOON)
        assert type(refusal(texts.gate(credentials="old"), NOON)) is CredentialsRejected


CLOSED = GateState(NOON + 300.0, Refusals(MIDNIGHT, "revoked"))


def close(gate: SharedGate) -> None:
    gate.lock(CLOSED.locked_until)
    gate.close_for_the_day(NOON)
    gate.stop(CLOSED.refusals.stopped)


def test_who_learns_of_a_refusal_neither_reads_nor_writes_the_lock(texts: Texts) -> None:
    """So that no race between two processes that learn different things loses the lock, which is dearest."""
    close(texts.gate())
    texts.reads.clear()
    texts.gate().close_for_the_day(NOON)
    texts.gate().stop("revoked")
    texts.gate().doubt("token-1")
    assert "lock" not in texts.reads
    assert texts.gate().state().locked_until == CLOSED.locked_until


@pytest.mark.parametrize(
    "learn",
    [
        lambda gate: gate.close_for_the_day(NOON),
        lambda gate: gate.stop("revoked"),
        lambda gate: gate.doubt("token-1"),
    ],
    ids=["quota", "credentials", "token"],
)
def test_what_another_wrote_over_it_meanwhile_is_written_once_more(
    texts: Texts, learn: Callable[[SharedGate], object]
) -> None:
    others = [Refusals(NOON, "", "", "other"), Refusals(0.0, "no", "other", "")]
    gate = texts.gate(wait_for_others=lambda: texts.write(others.pop()) if others else None)
    learn(gate)
    alone = Texts()
    learn(alone.gate())
    learned, kept = alone.gate().state().refusals, texts.gate().state().refusals
    assert all(getattr(kept, name) == value for name, value in asdict(learned).items() if value), (
        "the last word is the own one"
    )


def test_what_is_known_already_is_not_written_again(texts: Texts) -> None:
    close(texts.gate())
    waits: list[None] = []
    close(texts.gate(wait_for_others=lambda: waits.append(None)))
    assert waits == []


def test_the_lock_is_read_last_before_a_request(texts: Texts, gate: SharedGate) -> None:
    gate.refuse_while_closed(NOON)
    assert texts.reads == ["refusals", "lock"]


def test_a_reopened_gate_is_open_to_credentials_that_were_refused(gate: SharedGate) -> None:
    gate.stop("revoked")
    gate.reopen()
    gate.refuse_while_closed(NOON)


NOBODYS = ["", "tomorrow", "nan", "1764000000", "null", "[]", "[1, 2, 3]", "{}", '{"until": 5}']


@pytest.mark.parametrize("text", [*NOBODYS, '{"locked_until": ' + "9" * 5000 + "}"])
def test_texts_that_are_nobodys_are_an_open_gate_and_are_written_over(text: str) -> None:
    gate = Texts(text, text).gate()
    assert gate.state() == GateState()
    gate.refuse_while_closed(0.0)
    assert gate.lock(7.0) == 7.0
    gate.close_for_the_day(NOON)
    gate.stop("revoked")
    assert gate.state() == GateState(7.0, Refusals(MIDNIGHT, "revoked"))


@pytest.mark.parametrize(
    "text", ['{"stopped": 5}', '{"stopped": null}', '{"stopped": "x", "credentials": []}']
)
def test_a_stop_without_words_stops_nobody(text: str) -> None:
    gate = Texts(refusals=text).gate()
    assert gate.state() == GateState()
    gate.refuse_while_closed(0.0)


def test_a_lock_of_an_earlier_version_is_a_lock() -> None:
    text = '{"locked_until": 500.0, "spent_until": 0.0, "stopped": "", "credentials": ""}'
    assert Texts(text).gate().state() == GateState(locked_until=500.0)


def test_the_texts_are_readable_by_a_person(texts: Texts) -> None:
    gate = texts.gate(credentials="fingerprint")
    gate.lock(NOON)
    gate.close_for_the_day(NOON)
    gate.stop("revoked")
    kept = [json.loads(text.load() or "") for text in (texts.lock, texts.refusals)]
    assert kept == [
        {"locked_until": NOON},
        {"spent_until": MIDNIGHT, "stopped": "revoked", "credentials": "fingerprint", "doubted": ""},
    ]


class TestADoubtedToken:
    def test_is_only_noted_at_the_first_refusal(self, gate: SharedGate) -> None:
        assert gate.doubt("token-1") is False

    def test_is_dead_by_the_second_refusal_in_a_row_whoever_met_the_first(self, texts: Texts) -> None:
        texts.gate().doubt("token-1")
        assert texts.gate().doubt("token-1") is True
        assert texts.gate().doubt("token-1") is True

    def test_is_trusted_again_after_a_success(self, gate: SharedGate) -> None:
        gate.doubt("token-1")
        gate.refuse_while_closed(NOON)
        gate.trust("token-1")
        assert gate.doubt("token-1") is False

    def test_is_no_doubt_about_another(self, gate: SharedGate) -> None:
        gate.doubt("token-1")
        assert gate.doubt("token-2") is False
        assert gate.doubt("token-2") is True

    def test_stays_so_when_another_token_succeeds(self, gate: SharedGate) -> None:
        gate.doubt("token-2")
        gate.refuse_while_closed(NOON)
        gate.trust("token-1")
        assert gate.doubt("token-2") is True

    def test_costs_those_that_are_not_doubted_neither_a_look_nor_a_text(self, texts: Texts) -> None:
        gate = texts.gate()
        gate.refuse_while_closed(NOON)
        texts.reads.clear()
        gate.trust("token-1")
        assert texts.reads == []
        assert texts.refusals.load() is None

    def test_closes_the_gate_for_nobody(self, gate: SharedGate) -> None:
        gate.doubt("token-1")
        gate.refuse_while_closed(NOON)

    def test_is_not_given_away(self, texts: Texts) -> None:
        texts.gate().doubt("1000.access-token-in-use")
        assert "1000" not in (texts.refusals.load() or "")

    def test_is_forgotten_by_a_reopening(self, gate: SharedGate) -> None:
        gate.doubt("token-1")
        gate.reopen()
        assert gate.doubt("token-1") is False
