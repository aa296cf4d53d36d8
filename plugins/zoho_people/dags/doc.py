"""What the UI says of a DAG."""

from __future__ import annotations

from zoho_people.steps.dag_names import DagNames


def doc_of(names: DagNames) -> str:
    """The DAG's documentation, in Markdown."""
    return f"""
### Learner progress from Zoho People

Fetches every learner's progress in every entity type of the courses asked for and writes it as Parquet:

`<output_path>/learner_progress/entity_type=…/snapshot_date=…/course-<courseId>[-batch-<batchId>].parquet`

| task | what it does |
|---|---|
| `check_request` | checks Params, Variables, connection and output path. Spends no request |
| `needs_rosters`, `list_courses`, `read_rosters` | ask Zoho for the courses, their batches and their learners; skipped where all are named |
| `plan` | decides which units (course, learner, entity type) are asked for, and why; logs what that costs |
| `fetch` | mapped tasks, each with one unit or several. Each request holds one slot of the pool `{names.pool}` for a minute, so Zoho never sees more than 30 in any 60 seconds. A green-violet (deferred) task has its answer and only holds its slot |
| `publish` | merges what was fetched into the dataset and writes the coverage. One at a time (pool `{names.publish_pool}`). Fails when something is missing, and names it |
| `report` | logs a summary |

**To complete a run in which tasks failed:** clear the run's failed tasks; where `publish` names courses whose learners
are not known, clear `read_rosters` with what follows it. The same snapshot is completed; what is there already is not
asked for again.

**Scheduled runs** fetch all learners of every published course, or what the Variables `{names.variables["courses"]}`
and `{names.variables["learner_ids"]}` name (JSON lists of strings). A run by hand may name others below.
"""


def doc_of_forgetting(names: DagNames) -> str:
    """The documentation, in Markdown, of the DAG that forgets what the one with *names* fetched."""
    return f"""
### Forget learners

Erases all that an output path has of the learners named: every dataset of every day, what is known of them, and what
runs have staged. From then on they are not asked for, also where Zoho lists them again. The log says what was where, in
counts. It runs in the pool `{names.publish_pool}`, so no run plans or publishes meanwhile; ended at any point, clear it.

**The ids you type here are kept by Airflow itself** with this run and in its audit log, as those of every run that names
learners. `docs/privacy.md` says what Airflow keeps of learners and how to remove it. Where that matters, use
`python -m zoho_people forget` instead: it leaves nothing behind.
"""


def doc_of_changes(names: DagNames) -> str:
    """The documentation, in Markdown, of the DAG that compares what the one with *names* fetched."""
    return f"""
### Changes of learner progress

Starts when a run of `{names.dag_id}` has published a complete snapshot, and compares it with the ones before it, entity by entity:

`<output_path>/changes/snapshot_date=…/course-<courseId>[-batch-<batchId>].parquet`

| `change` | the entity |
|---|---|
| `added`, `gone` | is there for the first time, is not there any more |
| `completed`, `reopened` | has the status *completed* now, has lost it |
| `mark_changed`, `status_changed` | has another mark, another status |

Only units (course, learner, entity type) that both days know are compared, each with the last day that knew it: who was not
fetched has not lost anything. The log of `compare` has a digest in counts. By hand it tells the newest snapshot, or the one named
below, with all later ones, anew. It runs in the pool `{names.publish_pool}`, so no run plans or publishes meanwhile.
"""
