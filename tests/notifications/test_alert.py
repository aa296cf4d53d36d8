from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk import DAG
from airflow.sdk.exceptions import AirflowTaskTerminated, AirflowTaskTimeout

from tests.notifications.notes import Notes
from zoho_people.notifications.alert import Alert, InvalidAlert
from zoho_people.notifications.facts import Facts

MARKER = "{{ 1/0 }}"


@pytest.fixture
def context() -> dict[str, Any]:
    return {"dag": DAG("zoho_eu", schedule=None), "run_id": "manual__1"}


def facts(message: str = "all is well") -> Facts:
    return Facts(alert="lock", message=message, dag_id="zoho_eu", run_id="manual__1", conn_id="zoho_eu")


def test_each_notifier_is_called_with_the_facts_in_its_templates(context: dict[str, Any]) -> None:
    notes = Notes("{{ zoho_people.alert }} in {{ dag.dag_id }}: {{ zoho_people.message }}"), Notes()
    Alert.of("on_lock", list(notes)).send(context, facts())
    assert [each.sent for each in notes] == [["lock in zoho_eu: all is well"], ["lock"]]
    assert notes[0].facts == [asdict(facts())]


def test_a_value_is_never_a_template_not_even_when_the_notifier_is_called_again(
    context: dict[str, Any],
) -> None:
    notes = Notes("{{ zoho_people.message }}")
    alert = Alert.of("on_lock", notes)
    alert.send(context, facts(MARKER))
    alert.send(context, facts("the second"))
    assert notes.sent == [MARKER, "the second"]


class Block:
    """A part of a message, rendered by Airflow in place."""

    template_fields = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


class Blocks(Notes):
    """A notifier whose template is in a part of it."""

    template_fields: Sequence[str] = ("blocks",)

    def __init__(self, *blocks: Block) -> None:
        super().__init__()
        self.blocks = list(blocks)

    def notify(self, context: Any) -> None:
        self.sent += [block.text for block in self.blocks]


def test_nor_is_it_where_the_template_is_in_a_part_of_the_notifier(context: dict[str, Any]) -> None:
    blocks = Blocks(Block("{{ zoho_people.message }}"))
    alert = Alert.of("on_lock", blocks)
    alert.send(context, facts("{{ 7*7 }}"))
    alert.send(context, facts("the second"))
    assert blocks.sent == ["{{ 7*7 }}", "the second"]


def test_airflow_s_context_stays_as_it_was(context: dict[str, Any]) -> None:
    before = copy.copy(context)
    Alert.of("on_lock", Notes()).send(context, facts())
    assert context == before


@pytest.mark.parametrize(
    "broken", [Notes(fails=OSError("no mail today")), Notes("{{ 1/0 }}"), Notes("{{ nonsense")]
)
def test_a_notifier_that_fails_is_told_in_the_log_and_hinders_nothing(
    broken: Notes, context: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    after = Notes()
    Alert.of("on_failure", [broken, after]).send(context, facts())
    assert after.sent == ["lock"]
    assert "on_failure: Notes, Notes could not be sent; that hinders nothing else" in caplog.text


@pytest.mark.parametrize("end", [SystemExit(1), AirflowTaskTimeout("its own 10 s"), GeneratorExit()])
def test_a_notifier_s_failure_never_reaches_the_task(end: BaseException, context: dict[str, Any]) -> None:
    after = Notes()
    context["task"] = SimpleNamespace(execution_timeout=None)
    Alert.of("on_lock", [Notes(fails=end), after]).send(context, facts())
    assert after.sent == ["lock"]


@pytest.mark.parametrize(
    "end", [KeyboardInterrupt(), AirflowTaskTerminated("SIGTERM"), AirflowTaskTimeout("the task's")]
)
def test_what_ends_the_task_is_no_failure_of_a_notifier(end: BaseException, context: dict[str, Any]) -> None:
    context["task"] = SimpleNamespace(execution_timeout=timedelta(minutes=5))
    with pytest.raises(type(end)):
        Alert.of("on_lock", Notes(fails=end)).send(context, facts())


@pytest.mark.parametrize("nobody", [None, [], ()])
def test_nobody_need_be_told(nobody: Any) -> None:
    assert not Alert.of("on_lock", nobody)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("ops@example.com", "'ops@example.com'"),
        ("https://hooks.example.com/secret-0815", "'https://…'"),
        (Notes, "a value of type type"),
        (print, "a value of type builtin_function_or_method"),
        ([Notes(), {"password": "secret-0815"}], "a value of type dict"),
        (False, "a value of type bool"),
    ],
)
def test_what_is_no_notifier_is_refused_with_keyword_value_and_cure(value: Any, shown: str) -> None:
    with pytest.raises(InvalidAlert) as refused:
        Alert.of("on_lock", value)
    message = str(refused.value)
    assert message.startswith(f"on_lock: {shown} can't be; use a notifier such as")
    assert "secret-0815" not in message


def test_its_text_is_the_same_at_each_parse() -> None:
    assert str(Alert.of("on_lock", [Notes(), Notes()])) == "on_lock: Notes, Notes"
