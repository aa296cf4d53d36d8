from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.helpers.counts import MemoryCounts
from tests.helpers.fakes import Clock, Variables
from tests.helpers.in_a_task import in_a_task
from zoho_people.shared.airflow_internals import in_task
from zoho_people.shared.connection_state import SharedState
from zoho_people.shared.ledger import SharedCounts
from zoho_people.shared.quota_day import quota_day
from zoho_people.shared.variables import (
    VariableCounts,
    VariableNames,
    VariableText,
    VariableUnreadable,
    read_variable,
    variable_key,
)
from zoho_people.staging.progress_pages import Staging


def test_a_variable_of_the_environment_is_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_VAR_ZOHO_PEOPLE_GATE_MY_CONN_46EA2F10", "{}")
    assert VariableText(variable_key("my.conn", "gate"), "why").load() == "{}"


@pytest.mark.parametrize(
    ("conn_id", "key"),
    [
        ("zoho_people_default", "zoho_people_gate_zoho_people_default"),
        ("my.conn", "zoho_people_gate_my_conn_46ea2f10"),
        ("Größe/5 %", "zoho_people_gate_Gr__e_5___34600219"),
    ],
)
def test_a_key_has_nothing_but_letters_digits_and_underlines(conn_id: str, key: str) -> None:
    assert variable_key(conn_id, "gate") == key


def test_connections_that_differ_in_a_sign_alone_share_no_key() -> None:
    keys = {variable_key(conn_id, "gate") for conn_id in ("zoho-eu", "zoho_eu", "zoho.eu")}
    assert len(keys) == 3


def test_the_key_of_what_a_key_says_is_that_key() -> None:
    prefix = variable_key("", "gate")
    key = variable_key("zoho-eu", "gate")
    assert variable_key(key.removeprefix(prefix), "gate") == key


LONG = ["x" * 200, "x" * 199, "y-" * 100, "x" * 92 + "-1", "x" * 92 + "-"]


def test_long_connections_differ_and_leave_room_for_what_follows() -> None:
    keys = [variable_key(conn_id, "sent") for conn_id in LONG]
    assert len(set(keys)) == len(LONG)
    assert max(map(len, keys)) <= 130


@pytest.mark.parametrize("conn_id", LONG)
def test_the_key_of_what_a_long_key_says_is_that_key(conn_id: str) -> None:
    key = variable_key(conn_id, "gate")
    assert variable_key(key.removeprefix(variable_key("", "gate")), "gate") == key


def test_what_a_connection_with_a_long_name_shares_fits_into_airflow_s_250_characters(
    variables: Variables,
) -> None:
    clock = Clock()
    state = SharedState("x" * 200, alone=False, process=clock.process)
    today = quota_day(datetime.now(UTC))
    state.ledger.book(Staging.run_key("d" * 233, "r" * 250), {today: 5}, today=today)
    state.token.save("token")
    assert state.may_mint()
    state.sent_requests(limit=30, window_s=60.0, longest_s=60.0).reserve(clock.now)
    assert max(map(len, variables.kept)) <= 250


def test_this_process_runs_no_task() -> None:
    assert not in_task()


@pytest.fixture
def variables() -> Iterator[Variables]:
    variables = Variables()
    with in_a_task(variables):
        yield variables


def test_a_text_is_none_until_somebody_saved_one(variables: Variables) -> None:
    text = VariableText("a_key", "why")
    assert text.load() is None
    text.save("x")
    assert text.load() == VariableText("a_key", "another").load() == "x"


def test_names_are_the_keys_behind_their_prefix(variables: Variables) -> None:
    names = VariableNames("sent_", "why")
    names.add("one")
    names.add("two")
    variables.kept["another"] = "1"
    names.remove("one")
    names.remove("never added")
    assert names.all() == ["two"]
    assert sorted(variables.kept) == ["another", "sent_two"]


@pytest.fixture(params=["variables", "memory"])
def counts(request: pytest.FixtureRequest, variables: Variables) -> SharedCounts:
    """Those of an installation, and those that other tests have in their place."""
    return VariableCounts("requests_", "why") if request.param == "variables" else MemoryCounts()


class TestCounts:
    def test_are_none_at_first(self, counts: SharedCounts) -> None:
        assert counts.all() == []
        assert counts.read("2026-11-23_run") == 0

    def test_are_read_as_they_were_written(self, counts: SharedCounts) -> None:
        counts.write("2026-11-23_run", 5)
        counts.write("2026-11-23_other", 0)
        counts.write("2026-11-23_run", 7)
        assert {name: counts.read(name) for name in counts.all()} == {
            "2026-11-23_run": 7,
            "2026-11-23_other": 0,
        }

    def test_are_removed_one_by_one_even_if_they_are_gone(self, counts: SharedCounts) -> None:
        counts.write("a", 1)
        counts.write("b", 2)
        counts.remove("a")
        counts.remove("a")
        assert counts.all() == ["b"]
        assert counts.read("a") == 0

    def test_may_go_while_their_names_are_looked_at(self, counts: SharedCounts) -> None:
        counts.write("a", 1)
        counts.write("b", 2)
        for name in counts.all():
            counts.remove(name)
        assert counts.all() == []


def test_counts_are_kept_in_variables_of_their_prefix(variables: Variables) -> None:
    counts = VariableCounts("requests_", "why")
    counts.write("2026-11-23_run", 5)
    assert variables.kept == {"requests_2026-11-23_run": "5"}
    variables.kept["another_2026-11-23_run"] = "9"
    assert counts.all() == ["2026-11-23_run"]


@pytest.mark.parametrize("text", ["", "many", "-5", "5.0", "٥", "{}", " 5"])
def test_a_variable_that_is_no_count_counts_nothing(variables: Variables, text: str) -> None:
    variables.kept = {"requests_a": text}
    assert VariableCounts("requests_", "why").read("a") == 0


def test_a_variable_that_is_listed_and_not_had_is_unreadable_and_not_missing(
    variables: Variables,
) -> None:
    variables.kept = {"a_key": "x", "requests_a": "5"}
    variables.hidden = ("a_key", "requests_a")
    with pytest.raises(VariableUnreadable):
        VariableText("a_key", "why").load()
    with pytest.raises(VariableUnreadable):
        VariableCounts("requests_", "why").read("a")
    assert issubclass(VariableUnreadable, OSError)
    assert read_variable("a_k") is None


class WrittenMeanwhile(Variables):
    """Another process writes the Variable between the look for it and the list of all."""

    def keys(self, *, prefix: str) -> list[str]:
        self.kept["a_key"] = "x"
        return super().keys(prefix=prefix)


def test_a_variable_that_is_written_between_the_two_looks_is_had() -> None:
    with in_a_task(WrittenMeanwhile()):
        assert read_variable("a_key") == "x"
