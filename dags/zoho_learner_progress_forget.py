"""Forgets learners: erases all that an output path has of them, by hand from the UI.

Wiring only: what it does is in ``plugins/zoho_people``.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import Param, dag, get_current_context, task

from zoho_people.pace import PUBLISH_POOL
from zoho_people.steps.forget import forget as forget_learners

DOC = """
### Forget learners

Erases all that an output path has of the learners named: every dataset of every day, what is known of them, and what
runs have staged. From then on they are not asked for, also where Zoho lists them again. The log says what was where, in
counts. It runs in the pool `zoho_people_publish`, so no run plans or publishes meanwhile; ended at any point, clear it.

**The ids you type here are kept by Airflow itself** with this run and in its audit log, as those of every run that names
learners. `docs/privacy.md` says what Airflow keeps of learners and how to remove it. Where that matters, use
`python -m zoho_people forget` instead: it leaves nothing behind.
"""

PARAMS = {
    "learner_ids": Param(
        [],
        type="array",
        items={"type": "string", "pattern": "^[0-9]+$"},
        title="Learners",
        description="One learner id a line.",
    ),
    "output_path": Param(
        None,
        type=["null", "string"],
        title="Output path",
        description="Where the runs write. Empty: the Variable `zoho_learner_progress_output`, or else `data/` in the project.",
    ),
    "look": Param(
        True,
        type="boolean",
        title="Look through every file afterwards",
        description="What is still found (in what Zoho says of others, say) is told in the log, in counts.",
    ),
    "undo": Param(
        False,
        type="boolean",
        title="Undo",
        description="Have the learners asked for again by the next run instead. What was erased stays erased.",
    ),
}


@dag(
    schedule=None,
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=23),
    params=PARAMS,
    doc_md=DOC,
    default_args={"retries": 5, "retry_delay": timedelta(minutes=1)},
    tags=["zoho", "lms"],
)
def zoho_learner_progress_forget() -> None:
    @task(pool=PUBLISH_POOL)
    def forget() -> None:
        forget_learners(get_current_context())

    forget()


zoho_learner_progress_forget()
