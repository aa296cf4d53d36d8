"""The Params of the DAGs: types, defaults, bounds and texts, each said once.

The form's Params are made of these models (:func:`form_schema`), and the first task reads a run's values by them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from zoho_people.model.entity_type import ENTITY_TYPE_NAMES, EntityType
from zoho_people.model.unit import PSEUDONYM_DIGITS, Course, parse_learner_id, shown
from zoho_people.planning.course_filter import Rule
from zoho_people.storage.location import LONGEST, Location

MOST_NAMED_UNITS = 10_000_000
"""Courses x learners x entity types that may be named together: what a roster file of a million rows comes to."""


def _course(value: object) -> str:
    return str(Course.parse(value))


def _learner_id(value: Any) -> str:
    return parse_learner_id(value, field="learner")


def _rule(value: Any) -> str:
    Rule.parse(value)
    return str(value)


def _entity_type(value: Any) -> str:
    return EntityType.parse(value).label


def _path(value: object) -> str | None:
    return None if value in (None, "") else str(Location.parse(value))


def _day(value: object) -> str | None:
    if value in (None, ""):
        return None
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError:
        raise ValueError(
            f"{shown(value)} is no day; write it as 2026-11-23, or leave it empty for the newest"
        ) from None


# An id has at most 32 digits, and a course may be followed by its batch; a learner may be named by a pseudonym.
_CourseText = Annotated[str, Field(max_length=65, pattern=r"^[0-9]+(/[0-9]+)?$"), BeforeValidator(_course)]
_LearnerId = Annotated[
    str, Field(max_length=PSEUDONYM_DIGITS, pattern=r"^[0-9]+$"), BeforeValidator(_learner_id)
]
_Rule = Annotated[str, Field(max_length=200), BeforeValidator(_rule)]
_EntityTypeName = Annotated[
    str,
    Field(max_length=50, json_schema_extra={"enum": list(ENTITY_TYPE_NAMES)}),
    BeforeValidator(_entity_type),
]
_Learners = Annotated[list[_LearnerId], Field(max_length=10_000)]
_Rules = Annotated[list[_Rule], Field(max_length=200)]
_Day = Annotated[Annotated[str, Field(json_schema_extra={"format": "date"})] | None, BeforeValidator(_day)]
_Path = Annotated[Annotated[str, Field(max_length=LONGEST)] | None, BeforeValidator(_path)]


class DagParams(BaseModel):
    """Params of a DAG, in the form's order; :func:`form_schema` tells what stands where a text has braces."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


def _output_path() -> Any:
    return Field(
        default=None,
        title="Output path",
        description="Root of the dataset: an absolute path, or a URL such as "
        "**s3://aws_default@bucket/zoho**, where the deployer lets it be. Empty: the Variable "
        "**{variable}**, or else {output_path}.",
    )


class RunParams(DagParams):
    """What whoever triggers a run may choose."""

    # With null allowed the form shows none of them as required: each may be empty.
    courses: Annotated[list[_CourseText], Field(max_length=1_000)] | None = Field(
        default=[],
        title="Courses",
        description="One a line: **courseId**, or **courseId/batchId** for a batch of a blended course. "
        "Empty: those of the Variable **{variable}**, or else every published course.",
    )
    learner_ids: _Learners | None = Field(
        default=[],
        title="Learners",
        description="One learner id a line. Empty: those of the Variable **{variable}**, or else all "
        "learners of each course.",
    )
    roster_file: _Path = Field(
        default=None,
        title="Roster file",
        description="Instead of the two above: a CSV or Parquet file with the columns **course_id**, "
        "**batch_id** and **learner_id**, where the output may be. Empty: the Variable **{variable}**.",
    )
    include: _Rules | None = Field(
        default=[],
        title="Only these courses",
        description="One rule a line: an id, **name:** and a pattern with * and ?, or **type:** and "
        "**self_paced**, **blended** or **e_material**. Empty: all.",
    )
    exclude: _Rules | None = Field(
        default=[], title="Not these courses", description="Rules as above; they win."
    )
    entity_types: Annotated[list[_EntityTypeName], Field(max_length=50)] | None = Field(
        default=list(ENTITY_TYPE_NAMES),
        title="Entity types",
        description="What to fetch of each course. Empty: all.",
        examples=list(ENTITY_TYPE_NAMES),  # they make the form show a choice of several
    )
    output_path: _Path = _output_path()
    refresh: Literal["changed", "full"] = Field(
        default="changed",
        title="Refresh",
        description="**changed**: a learner whose course progress is what it was is not asked again, the "
        "rows are carried forward. **full**: everybody is asked.",
    )
    full_every_days: int = Field(
        default=7,
        ge=1,
        le=366,
        title="Full refresh after days",
        description="With **changed**: what was last fetched so many days ago is asked again in any case.",
    )
    skip_absent_types: bool = Field(
        default=True,
        title="Skip absent types",
        description="An entity type that none of several learners of a course has is not asked of all the "
        "others.",
    )
    units_per_task: Annotated[int, Field(ge=1, le=10_000)] | None = Field(
        default=None,
        title="Units per task",
        description="Empty: one while they are few, as many as needed later.",
    )
    dry_run: bool = Field(
        default=False,
        title="Dry run",
        description="Stop after the plan: what would be fetched, why, and what it costs.",
    )


class ForgetParams(DagParams):
    """What whoever has learners forgotten may choose."""

    learner_ids: _Learners = Field(default=[], title="Learners", description="One learner id a line.")
    output_path: _Path = _output_path()
    look: bool = Field(
        default=True,
        title="Look through every file afterwards",
        description="What is still found (in what Zoho says of others, say) is told in the log, in counts.",
    )
    undo: bool = Field(
        default=False,
        title="Undo",
        description="Have the learners asked for again by the next run instead. What was erased stays "
        "erased.",
    )


class ChangesParams(DagParams):
    """What whoever has changes told may choose."""

    snapshot_date: _Day = Field(
        default=None,
        title="Snapshot",
        description="The day whose changes are told anew, with those of all later days. Empty: that which started "
        "the run, or the newest.",
    )
    output_path: _Path = Field(
        default=None,
        title="Output path",
        description="Where the runs write. Empty: where the snapshot is that started the run, or the Variable "
        "**{variable}**, or else {output_path}.",
    )


DEFAULTS: Mapping[str, Any] = RunParams().model_dump()
"""Every Param of a run with its default."""


def form_schema(kind: type[DagParams], name: str, **texts: str) -> dict[str, Any]:
    """The Param *name* as Airflow's form takes it; *texts* stand where its text has braces."""
    schema = schema_of(kind, name)
    schema["description_md"] = schema.pop("description").format(**texts)
    return schema


def schema_of(kind: type[DagParams], name: str) -> dict[str, Any]:
    """The JSON schema of the Param *name*, without its default."""
    schema = {key: value for key, value in _properties(kind)[name].items() if key != "default"}
    kinds = schema.pop("anyOf", None)
    if kinds:  # the form knows no anyOf, but a list of types
        [whole] = (each for each in kinds if each["type"] != "null")
        schema |= {**whole, "type": [whole["type"], "null"]}
    return schema


@cache
def _properties(kind: type[DagParams]) -> Mapping[str, Mapping[str, Any]]:
    properties: Mapping[str, Mapping[str, Any]] = kind.model_json_schema()["properties"]
    return properties
