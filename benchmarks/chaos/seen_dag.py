"""A user's DAG: of two tasks of the operator one has something to be done at its end, the other has not."""

from __future__ import annotations

from typing import Any

from airflow.sdk import Asset, Param, Variable, dag

from zoho_people.operators.learner_progress import ZohoLearnerProgressOperator

FETCHED = Asset("chaos_learner_fetched")
SEEN_VARIABLE = "chaos_seen_end"


def note(context: Any) -> None:
    """Let the test know which task ended."""
    Variable.set(SEEN_VARIABLE, context["ti"].task_id)


@dag(schedule=None, params={name: Param("") for name in ("course", "learner_id", "output_path")})
def chaos_seen_dag() -> None:
    unit = {
        "course": "{{ params.course }}",
        "learner_id": "{{ params.learner_id }}",
        "output_path": "{{ params.output_path }}",
    }
    seen = ZohoLearnerProgressOperator(
        task_id="seen", entity_type="files", outlets=[FETCHED], on_success_callback=note, **unit
    )
    # One behind the other: of two first tasks one would wait for the other's token, and start once more.
    _ = seen >> ZohoLearnerProgressOperator(task_id="unseen", entity_type="links", **unit)


chaos_seen_dag()
