from __future__ import annotations

from dataclasses import fields
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk import DAG

from tests.helpers.fakes import TaskInstance
from tests.notifications.notes import Notes
from zoho_people.model.run_xcoms import PlanFigures, Published, Request, Span, Spent, UnitCounts
from zoho_people.notifications.alert import InvalidAlert
from zoho_people.notifications.alerts import Alerts
from zoho_people.notifications.facts import Facts

SPENT = Spent(requests=500, locked=[Span(100.0, 400.0), Span(500.0, 600.0)])
PROBLEM = "2 of 20 units are missing: course 1, learner 4711, files ({{ 1/0 }})"


REQUEST = Request(entity_types=("files",), output_path="/data", snapshot_date=date(2026, 11, 25), slots=30)


class Run:
    """A run whose tasks told what a test gives, and an alert of each kind."""

    def __init__(self, **keywords: Any) -> None:
        self.notes = {name: Notes() for name in ("on_failure", "on_incomplete", "on_quota_low", "on_lock")}
        self.alerts = Alerts.of(conn_id="zoho_eu", **{**self.notes, **keywords})
        self.cleared = 0
        self.told: dict[tuple[str, str], Any] = {("check_request", "return_value"): REQUEST.to_json()}

    def has_planned(self, left: int | None, *, budget: int | None = 1_000) -> None:
        self.told["plan", "plan"] = PlanFigures(daily_budget=budget, quota_left=left).to_json()

    def has_published(
        self, *, missing: int = 0, left: int | None = None, problem: str = "", complete: bool = False
    ) -> None:
        answers = UnitCounts(asked=20, answered=17 - missing, missing=3 + missing, postponed=3)
        self.told["publish", "published"] = Published(
            answers=answers,
            spent=SPENT,
            quota_left=left,
            problem=problem,
            complete=complete,
            clear_number=self.cleared,
        ).to_json()

    def context(self, **more: Any) -> Any:
        dag = DAG("zoho_eu", schedule=None)
        dag_run = SimpleNamespace(clear_number=self.cleared)
        return {
            "ti": TaskInstance(self.told),
            "dag": dag,
            "dag_run": dag_run,
            "run_id": "manual__1",
            **more,
        }

    @property
    def sent(self) -> dict[str, list[str]]:
        return {keyword: notes.sent for keyword, notes in self.notes.items() if notes.sent}

    def facts(self, keyword: str) -> dict[str, Any]:
        (facts,) = self.notes[keyword].facts
        return facts


class TestQuotaLow:
    @pytest.mark.parametrize(
        ("left", "budget", "sent"),
        [(101, 1_000, False), (100, 1_000, True), (0, 1_000, True), (None, None, False), (0, None, True)],
    )
    def test_is_told_after_the_plan(self, left: int | None, budget: int | None, sent: bool) -> None:
        run = Run()
        run.has_planned(left, budget=budget)
        run.alerts.planned(run.context())
        assert run.sent == ({"on_quota_low": ["quota_low"]} if sent else {})

    def test_says_what_is_left(self) -> None:
        run = Run()
        run.has_planned(50)
        run.alerts.planned(run.context())
        facts = run.facts("on_quota_low")
        assert (facts["quota_left"], facts["quota_of_day"]) == (50, 1_000)
        assert facts["message"] == "50 requests of 1,000 left for runs on this UTC day."

    def test_has_a_limit_of_the_dag_s_own(self) -> None:
        run = Run(quota_low_percent=50)
        run.has_planned(500)
        run.alerts.planned(run.context())
        assert run.sent == {"on_quota_low": ["quota_low"]}

    def test_that_only_the_run_met_is_told_after_publishing(self) -> None:
        run = Run()
        run.has_planned(None, budget=None)
        run.has_published(left=0)
        run.alerts.planned(run.context())
        run.alerts.published(run.context())
        assert run.sent == {"on_quota_low": ["quota_low"]}

    def test_is_told_once_a_run(self) -> None:
        run = Run()
        run.has_planned(5)
        run.has_published(left=5)
        run.alerts.planned(run.context())
        run.alerts.published(run.context())
        assert run.sent == {"on_quota_low": ["quota_low"]}

    def test_is_nothing_to_a_dry_run(self) -> None:
        run = Run()
        run.told["check_request", "return_value"]["dry_run"] = True
        run.has_planned(0)
        run.alerts.planned(run.context())
        assert run.sent == {}


class TestIncomplete:
    def test_is_told_once_with_numbers_and_without_names(self) -> None:
        run = Run()
        run.has_planned(900)
        run.has_published(missing=2, left=900, problem=PROBLEM)
        run.alerts.published(run.context())
        run.alerts.failure(run.context(reason="task_failure"))
        assert run.sent == {"on_incomplete": ["incomplete"]}
        facts = run.facts("on_incomplete")
        assert facts == {
            "alert": "incomplete",
            "message": "2 of 20 answers are missing; the log of publish names them.",
            "dag_id": "zoho_eu",
            "run_id": "manual__1",
            "conn_id": "zoho_eu",
            "reason": None,
            "snapshot_date": "2026-11-25",
            "asked": 20,
            "answered": 15,
            "missing": 5,
            "postponed": 3,
            "requests": 500,
            "locks": 2,
            "locked_seconds": 400.0,
            "locked_until": None,
            "quota_left": 900,
            "quota_of_day": 1_000,
        }

    def test_is_not_told_of_a_complete_snapshot_nor_where_nothing_was_published(self) -> None:
        run = Run()
        run.alerts.published(run.context())
        run.has_published()
        run.alerts.published(run.context())
        assert run.sent == {}

    def test_is_a_failure_to_who_asked_for_nothing_else(self) -> None:
        run = Run(on_incomplete=None)
        run.has_published(missing=2, problem=PROBLEM)
        run.alerts.published(run.context())
        run.alerts.failure(run.context(reason="task_failure"))
        assert run.sent == {"on_failure": ["failure"]}
        assert run.facts("on_failure")["message"] == (
            "The run failed: 2 of 20 answers are missing; the log of publish names them."
        )

    def test_that_is_no_missing_unit_is_told_too(self) -> None:
        run = Run()
        run.has_published(problem="the learners of 1 course are not known: course 7 ({{ 1/0 }})")
        run.alerts.published(run.context())
        assert run.facts("on_incomplete")["message"].startswith("Something could not be published")

    def test_says_so_where_all_is_published_and_ids_are_in_doubt(self) -> None:
        run = Run()
        run.has_published(problem="Zoho did not find 3 of the 5 learners ({{ 1/0 }})", complete=True)
        run.alerts.published(run.context())
        assert run.facts("on_incomplete")["message"] == (
            "All that Zoho told is published, but something needs a look, such as ids that Zoho does not know; "
            "the log of publish says what."
        )


class TestFailure:
    def test_before_anything_was_published_says_where_to_look(self) -> None:
        run = Run()
        run.alerts.failure(run.context(reason="task_failure"))
        facts = run.facts("on_failure")
        assert (facts["reason"], facts["asked"]) == ("task_failure", None)
        assert "before anything was published" in facts["message"]

    @pytest.mark.parametrize(
        "before", [{}, {"missing": 2, "problem": PROBLEM}], ids=["complete", "incomplete"]
    )
    def test_of_a_cleared_run_is_told_whatever_it_published_before(self, before: dict[str, Any]) -> None:
        run = Run()
        run.has_published(**before)
        run.cleared = 1
        run.alerts.failure(run.context(reason="timed_out"))
        assert run.sent == {"on_failure": ["failure"]}
        facts = run.facts("on_failure")
        assert (facts["reason"], facts["asked"], facts["missing"]) == ("timed_out", None, None)
        assert facts["message"].startswith("The run failed before anything was published anew since tasks")

    def test_of_a_cleared_run_that_published_anew_is_told_by_what_it_published(self) -> None:
        run = Run()
        run.cleared = 1
        run.has_published(missing=2, problem=PROBLEM)
        run.alerts.published(run.context())
        run.alerts.failure(run.context(reason="task_failure"))
        assert run.sent == {"on_incomplete": ["incomplete"]}

    def test_needs_no_task_in_the_context(self) -> None:
        run = Run()
        context = run.context(reason="timed_out")
        del context["ti"]
        run.alerts.failure(context)
        assert run.facts("on_failure")["reason"] == "timed_out"

    def test_is_told_where_what_the_run_told_cannot_be_read(self, caplog: pytest.LogCaptureFixture) -> None:
        run = Run()
        context = run.context()
        context["ti"] = SimpleNamespace(xcom_pull=lambda **_: 1 / 0)
        run.alerts.failure(context)
        assert run.sent == {"on_failure": ["failure"]}
        assert "the alert does without" in caplog.text


class TestWhatAirflowCalls:
    def test_is_nothing_where_nobody_is_to_be_told(self) -> None:
        alerts = Alerts.of(conn_id="zoho_eu")
        own = {"on_success_callback": print}
        assert (alerts.of_dag, alerts.of_plan(own), alerts.of_publish(own)) == ({}, {}, {})
        assert alerts.of_requests == {}

    def test_is_a_callback_where_somebody_is(self) -> None:
        alerts = Run().alerts
        assert alerts.of_dag == {"on_failure_callback": alerts.failure}
        assert alerts.of_plan({}) == {"on_success_callback": [alerts.planned]}
        assert alerts.of_publish({"on_failure_callback": None}) == {
            "on_success_callback": [alerts.published],
            "on_failure_callback": [alerts.published],
        }
        assert alerts.of_requests == {"on_lock": alerts.on_lock}


@pytest.mark.parametrize("percent", [-1, 100, "10", True, None])
def test_an_impossible_percentage_is_refused_with_keyword_value_and_cure(percent: Any) -> None:
    with pytest.raises(InvalidAlert) as refused:
        Alerts.of(conn_id="zoho_eu", quota_low_percent=percent)
    assert str(refused.value).startswith(f"quota_low_percent: {percent!r} can't be; use a number from 0")


@pytest.mark.parametrize("keyword", ["on_failure", "on_incomplete", "on_quota_low", "on_lock"])
def test_each_keyword_refuses_what_is_no_notifier(keyword: str) -> None:
    values: dict[str, Any] = {keyword: "ops@example.com"}
    with pytest.raises(InvalidAlert, match=f"^{keyword}: 'ops@example.com' can't be"):
        Alerts.of(conn_id="zoho_eu", **values)


def test_every_fact_and_every_keyword_is_in_the_documentation() -> None:
    text = (Path(__file__).parents[2] / "docs" / "alerts.md").read_text(encoding="utf-8")
    names = [field.name for field in fields(Facts)]
    keywords = [
        "on_failure",
        "on_incomplete",
        "on_quota_low",
        "quota_low_percent",
        "on_lock",
        "late_after",
        "on_late",
    ]
    assert [name for name in (*names, *keywords) if f"`{name}`" not in text] == []
