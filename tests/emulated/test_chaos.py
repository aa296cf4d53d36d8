"""The short form of `make chaos`: one trial with several of its faults, on an Airflow of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from benchmarks.chaos_parts import kills, mishaps
from benchmarks.chaos_parts.catalog import Entry
from benchmarks.chaos_parts.scene import Scale, opened
from benchmarks.chaos_parts.session import Session
from benchmarks.chaos_parts.trial import Trial
from benchmarks.chaos_parts.verdict import Verdict

pytestmark = pytest.mark.emulated


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with opened(tmp_path_factory.mktemp("chaos") / "scene", Scale(learners=6)) as scene:
        yield Session(scene, seed=1)


def faults_and_kills(trial: Trial) -> None:
    """Answers go wrong; everything is killed amid the fetching, and again before what was fetched is published."""
    trial.script(*mishaps.rules(0.05, *mishaps.FIVE_PERCENT))
    run = trial.start()
    trial.wait_for_requests(5)
    trial.done += kills.everything(trial)
    trial.wait_until(lambda: kills.is_fetched(trial, run))
    trial.done += kills.everything(trial)


def test_faults_and_kills_at_the_worst_moments_lose_and_double_nothing(session: Session) -> None:
    verdict = session.trial(Entry("short", "faults and kills", faults_and_kills), times=2)

    assert verdict.times == 2
    assert_nothing_was_lost(verdict)


def assert_nothing_was_lost(verdict: Verdict) -> None:
    assert verdict.ended, verdict.notes
    assert (verdict.missing, verdict.doubled, verdict.locks) == (0, 0, 0), verdict
    assert verdict.misread == 0, verdict.notes
    assert verdict.readings > 0
    assert verdict.cleared == 0
    assert verdict.most <= 30
