"""Every path of the dataset, relative to the output path."""

from __future__ import annotations

import hashlib
import re
from datetime import date

from zoho_people.model.entity_type import EntityType
from zoho_people.model.unit import Course

PROGRESS = "learner_progress"
COVERAGE = "coverage"
COURSES = "courses"
LEARNERS = "learners"
LEARNER_COURSES = "learner_courses"
CHANGES = "changes"
STAGING = "_staging"
STATE = "_state"
FORGOTTEN_FILE = f"{STATE}/forgotten.json"
CLAIMS = f"{STATE}/claims"
ORIGIN_FILE = f"{STATE}/origin.json"
"""Whose data the dataset has."""

FIELDS_FILE = f"{STATE}/fields.json"
"""The names of fields without a column that were seen."""

TOLD_FILE = f"{STATE}/changes.json"
"""The days whose changes were told."""

EXTRA_DATASETS = (LEARNER_COURSES,)
"""Those that only a DAG reads that is told to; each has an endpoint of its name."""

OWN_FOLDERS = frozenset({PROGRESS, COVERAGE, COURSES, LEARNERS, *EXTRA_DATASETS, CHANGES, STAGING, STATE})
"""What lies directly below an output path."""

DAY_FOLDER = "snapshot_date="
TYPE_FOLDER = "entity_type="
"""How the folders begin that are named after a day or an entity type."""

_COURSE_NAME = "course-"
_ROSTERS = "rosters"

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+", re.ASCII)


def course_name(course: Course) -> str:
    """``course-<courseId>`` or ``course-<courseId>-batch-<batchId>``."""
    name = f"{_COURSE_NAME}{course.course_id}"
    return name if course.batch_id is None else f"{name}-batch-{course.batch_id}"


def progress_file(entity_type: EntityType, course: Course, snapshot_date: date) -> str:
    """The one Parquet file of a course (or batch), an entity type and a day."""
    return (
        f"{PROGRESS}/{TYPE_FOLDER}{entity_type.label}/{DAY_FOLDER}{snapshot_date:%Y-%m-%d}/"
        f"{course_name(course)}.parquet"
    )


def coverage_folder(snapshot_date: date) -> str:
    """The coverage of all runs of a day."""
    return f"{COVERAGE}/{DAY_FOLDER}{snapshot_date:%Y-%m-%d}"


def coverage_file(snapshot_date: date, run_key: str) -> str:
    """The file that says what one run set out to fetch, and what came of it."""
    return f"{coverage_folder(snapshot_date)}/run-{run_key}.parquet"


def changes_file(course: Course, snapshot_date: date) -> str:
    """What changed in a course (or batch) from an earlier snapshot to that of a day."""
    return f"{CHANGES}/{DAY_FOLDER}{snapshot_date:%Y-%m-%d}/{course_name(course)}.parquet"


def courses_file(snapshot_date: date) -> str:
    """The courses and batches as they were listed on a day."""
    return f"{COURSES}/{DAY_FOLDER}{snapshot_date:%Y-%m-%d}/courses.parquet"


def learners_file(course: Course, snapshot_date: date) -> str:
    """The learners of a course (or batch) on a day."""
    return f"{LEARNERS}/{DAY_FOLDER}{snapshot_date:%Y-%m-%d}/{course_name(course)}.parquet"


def learner_courses_file(snapshot_date: date) -> str:
    """The courses of each learner on a day."""
    return f"{LEARNER_COURSES}/{DAY_FOLDER}{snapshot_date:%Y-%m-%d}/learner_courses.parquet"


def run_key(dag_id: str, run_id: str) -> str:
    """A name for a run that is safe in any path and differs for any two runs.

    At most 80 characters of the run id, anything but ASCII letters, digits, ``.``, ``_`` and ``-`` replaced,
    then 32 hexadecimal digits of a hash of DAG and run.
    """
    return f"{_UNSAFE.sub('-', run_id)[:80].lstrip('.')}-{run_digest(dag_id, run_id)}"


def run_digest(dag_id: str, run_id: str) -> str:
    """32 hexadecimal digits that differ for any two runs, and have nothing of the names that people gave them."""
    return hashlib.sha256(f"{dag_id}\n{run_id}".encode("utf-8", "surrogatepass")).hexdigest()[:32]


def snapshot_day(folder: str) -> date | None:
    """The day that a folder of a dataset is named after, None where it is none of a day."""
    try:
        return date.fromisoformat(folder.removeprefix(DAY_FOLDER)) if folder.startswith(DAY_FOLDER) else None
    except ValueError:
        return None


def staging_folder(run_key: str) -> str:
    """Everything that a run keeps until it is published."""
    return f"{STAGING}/{run_key}"


def staged_course_folder(run_key: str, entity_type: EntityType, course: Course) -> str:
    """What a run staged for one file of the dataset: one listing shows all of it."""
    return f"{staging_folder(run_key)}/{TYPE_FOLDER}{entity_type.label}/{course_name(course)}"


def staged_rosters_folder(run_key: str) -> str:
    """The lists of courses, batches and learners that a run has read."""
    return f"{staging_folder(run_key)}/{_ROSTERS}"


def is_staged_roster(path: str) -> bool:
    """Whether *path* is the staged list of the learners of a course or batch, or a page of it."""
    return f"/{_ROSTERS}/{_COURSE_NAME}" in path and path.endswith(".arrow")


def plan_file(run_key: str) -> str:
    """What a run set out to do, unit by unit."""
    return f"{staging_folder(run_key)}/plan.parquet"


def state_file(course: Course) -> str:
    """What is known of a course or batch, from all runs."""
    return f"{STATE}/{course_name(course)}.parquet"
