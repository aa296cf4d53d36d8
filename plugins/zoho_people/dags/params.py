"""The Params of a DAG: what a person who triggers it may choose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow.sdk import Param

from zoho_people.model.entity_type import ENTITY_TYPE_NAMES
from zoho_people.steps.dag_names import DagNames
from zoho_people.steps.limits import LIMITS
from zoho_people.steps.request import REFRESHES
from zoho_people.storage.location import LONGEST


def params_of(names: DagNames, defaults: Mapping[str, Any]) -> dict[str, Param]:
    """The Params of the DAG with *names*; *defaults* has a default for each."""
    variables = names.variables
    return {
        "courses": Param(
            defaults["courses"],
            **_texts("courses", pattern="^[0-9]+(/[0-9]+)?$"),
            title="Courses",
            description_md="One a line: **courseId**, or **courseId/batchId** for a batch of a blended course. "
            f"Empty: those of the Variable **{variables['courses']}**, or else every published course.",
        ),
        "learner_ids": Param(
            defaults["learner_ids"],
            **_texts("learner_ids", pattern="^[0-9]+$"),
            title="Learners",
            description_md=f"One learner id a line. Empty: those of the Variable **{variables['learner_ids']}**, or else "
            "all learners of each course.",
        ),
        "roster_file": Param(
            defaults["roster_file"],
            type=["null", "string"],
            maxLength=LONGEST,
            title="Roster file",
            description_md="Instead of the two above: a CSV or Parquet file with the columns **course_id**, **batch_id** and "
            f"**learner_id**, where the output may be. Empty: the Variable **{variables['roster_file']}**.",
        ),
        "include": Param(
            defaults["include"],
            **_texts("include"),
            title="Only these courses",
            description_md="One rule a line: an id, **name:** and a pattern with * and ?, or **type:** and **self_paced**, "
            "**blended** or **e_material**. Empty: all.",
        ),
        "exclude": Param(
            defaults["exclude"],
            **_texts("exclude"),
            title="Not these courses",
            description_md="Rules as above; they win.",
        ),
        "entity_types": Param(
            defaults["entity_types"],
            **_texts("entity_types", enum=list(ENTITY_TYPE_NAMES)),
            examples=list(ENTITY_TYPE_NAMES),
            title="Entity types",
            description_md="What to fetch of each course. Empty: all ten.",
        ),
        "output_path": Param(
            defaults["output_path"],
            type=["null", "string"],
            maxLength=LONGEST,
            title="Output path",
            description_md="Root of the dataset: an absolute path, or a URL such as **s3://aws_default@bucket/zoho**, where "
            f"the deployer lets it be. Empty: the Variable **{variables['output_path']}**, or else "
            f"{f'**{names.output_path}**' if names.output_path else '**data/** in the project'}.",
        ),
        **_ways(defaults),
    }


def _ways(defaults: Mapping[str, Any]) -> dict[str, Param]:
    """How it is fetched."""
    return {
        "refresh": Param(
            defaults["refresh"],
            type="string",
            enum=list(REFRESHES),
            title="Refresh",
            description_md="**changed**: a learner whose course progress is what it was is not asked again, the rows are "
            "carried forward. **full**: everybody is asked.",
        ),
        "full_every_days": Param(
            defaults["full_every_days"],
            type="integer",
            minimum=1,
            maximum=366,
            title="Full refresh after days",
            description_md="With **changed**: what was last fetched so many days ago is asked again in any case.",
        ),
        "skip_absent_types": Param(
            defaults["skip_absent_types"],
            type="boolean",
            title="Skip absent types",
            description_md="An entity type that none of several learners of a course has is not asked of all the others.",
        ),
        "units_per_task": Param(
            defaults["units_per_task"],
            type=["null", "integer"],
            minimum=1,
            maximum=10_000,
            title="Units per task",
            description_md="Empty: one while they are few, as many as needed later.",
        ),
        "dry_run": Param(
            defaults["dry_run"],
            type="boolean",
            title="Dry run",
            description_md="Stop after the plan: what would be fetched, why, and what it costs.",
        ),
    }


def _texts(name: str, **rules: Any) -> dict[str, Any]:
    """The schema of a Param that is a list of texts, each by *rules*."""
    limit = LIMITS[name]
    return {
        # With null allowed the form marks none of them as required: each may be empty.
        "type": ["array", "null"],
        "maxItems": limit.items,
        "items": {"type": "string", "maxLength": limit.chars, **rules},
    }
