"""The short form of `make chaos`: one trial with several of its faults, on an Airflow of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from benchmarks.chaos import kills, mishaps, slots
from benchmarks.chaos.catalog import Entry
from benchmarks.chaos.scene import Scale, opened
from benchmarks.chaos.session import Session
from benchmarks.chaos.trial import Trial
from benchmarks.chaos.verdict import Verdict

pytestmark = pytest.mark.emulated

FEW_SLOTS = 6
SEEN_DAG = "chaos_seen_dag"
SEEN = ("seen", "unseen")


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with opened(tmp_path_factory.mktemp("chaos") / "scene", Scale(learners=6)) as scene:
        yield Session(scene, seed=1)


def faults_and_kills(trial: Trial) -> None:
    """Answers go wrong; everything is killed amid the fetching, and again before what was fetched is published.

    Each page goes wrong once at most: every time costs its task a minute.
    """
    trial.script(*mishaps.rules(0.05, *mishaps.FIVE_PERCENT, nth=1, per="page"))
    run = trial.start()
    trial.wait_for_requests(5)
    trial.done += kills.everything(trial)
    trial.wait_until(lambda: kills.is_fetched(trial, run))
    trial.done += kills.everything(trial)


def test_faults_and_kills_at_the_worst_moments_lose_and_double_nothing(session: Session) -> None:
    verdict = session.trial(Entry("short", "faults and kills", faults_and_kills), times=2)

    assert verdict.times == 2
    assert_nothing_was_lost(verdict)


def lost_slots(trial: Trial) -> None:
    """Half of a small pool is killed while it waits for answers; then half is cleared that holds its slots."""
    slots.let_few_pass(trial, FEW_SLOTS)
    run = trial.start()
    trial.done += slots.killed(trial, run, FEW_SLOTS // 2)
    trial.done += slots.cleared_while_deferred(trial, run, FEW_SLOTS // 2)


def test_tasks_that_lose_their_slots_early_cost_no_request_too_many(session: Session) -> None:
    verdict = session.trial(Entry("slots", "lost slots", lost_slots), times=1)

    assert verdict.times >= FEW_SLOTS // 2 + 1
    assert_nothing_was_lost(verdict)
    assert verdict.most <= FEW_SLOTS


def test_a_task_of_ones_own_dag_ends_in_a_worker_where_its_end_has_to_be_seen(session: Session) -> None:
    scene, api = session.scene, session.scene.api
    scene.clean_slate()
    work = session.works["small"]
    output = str(scene.folder / "data" / "seen")
    run_id = api.trigger_dag(
        SEEN_DAG, {"course": work.courses[0], "learner_id": work.learners[0], "output_path": output}
    )

    assert api.wait_for_run(SEEN_DAG, run_id, timeout_s=180) == "success"

    events = api.get("/assets/events", source_dag_id=SEEN_DAG, source_run_id=run_id)["asset_events"]
    assert [event["source_task_id"] for event in events] == ["seen"]
    assert api.get("/variables/chaos_seen_end")["value"] == "seen"
    began = {name: api.task_log(SEEN_DAG, run_id, name, 1).count("::group::Pre Execute") for name in SEEN}
    assert began == {"seen": 2, "unseen": 1}


def assert_nothing_was_lost(verdict: Verdict) -> None:
    assert verdict.ended, verdict.notes
    assert (verdict.missing, verdict.doubled, verdict.locks) == (0, 0, 0), verdict
    assert verdict.misread == 0, verdict.notes
    assert verdict.readings > 0
    assert verdict.cleared == 0
    assert verdict.most <= 30
