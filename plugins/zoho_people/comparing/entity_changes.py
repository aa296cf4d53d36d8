"""What changed between two tables of the same learners' entities. Pure."""

from __future__ import annotations

from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from zoho_people.model.change import Change
from zoho_people.model.completion import is_completed
from zoho_people.storage.arrow_columns import values
from zoho_people.storage.schema import CHANGES_SCHEMA

COLUMNS = ("learner_id", "entity_id", "entity_name", "status", "user_mark")
"""The columns of the progress that are compared, or written beside a change."""

ORDER: list[tuple[str, Literal["ascending", "descending"]]] = [
    ("learner_id", "ascending"),
    ("entity_id", "ascending"),
]
"""How changes of an entity type are sorted."""

_MARKS = ("mark_before", "mark_after")
_FIELDS = ("learner_id", "entity_id", "entity_name", "change", "status_before", "status_after", *_MARKS)
_SCHEMA = pa.schema([CHANGES_SCHEMA.field(name) for name in _FIELDS])


def changes_between(before: pa.Table, after: pa.Table) -> pa.Table:
    """A row per entity that is not in *after* as it is in *before*, by learner and entity.

    Both have :data:`COLUMNS`, and an entity of a learner once.
    """
    before_keys, after_keys = _keys(before), _keys(after)
    places: Any = pc.index_in(after_keys, value_set=before_keys)
    is_new: Any = pc.is_null(places)
    is_gone: Any = pc.invert(pc.is_in(before_keys, value_set=after_keys))
    was = before.take(places.filter(pc.is_valid(places)))
    found = [
        _rows(after.filter(is_new), Change.ADDED, None, after.filter(is_new)),
        _differing(was, after.filter(pc.invert(is_new))),
        _rows(before.filter(is_gone), Change.GONE, before.filter(is_gone), None),
    ]
    return pa.concat_tables(found).sort_by(ORDER)


def _keys(rows: pa.Table) -> Any:
    return pc.binary_join_element_wise(*(_array(rows, name) for name in ("learner_id", "entity_id")), "/")


def _differing(was: pa.Table, now: pa.Table) -> pa.Table:
    """Of entities that are in both, row by row, those whose status or mark differs."""
    done_before, done_after = _completed(was), _completed(now)
    is_other_mark = _differ(was, now, "user_mark")
    kind = pc.if_else(is_other_mark, pa.scalar(Change.MARK_CHANGED), pa.scalar(Change.STATUS_CHANGED))
    kind = pc.if_else(pc.and_not(done_before, done_after), pa.scalar(Change.REOPENED), kind)
    kind = pc.if_else(pc.and_not(done_after, done_before), pa.scalar(Change.COMPLETED), kind)
    is_other: Any = pc.or_(is_other_mark, _differ(was, now, "status"))
    return _rows(now, kind, was, now).filter(is_other)


def _rows(named: pa.Table, kind: Any, was: pa.Table | None, now: pa.Table | None) -> pa.Table:
    """Rows of the entities that *named* names; *kind* is that of all, or of each."""
    count = named.num_rows
    arrays = [
        *(_array(named, name) for name in ("learner_id", "entity_id", "entity_name")),
        pa.repeat(str(kind), count) if isinstance(kind, Change) else kind,
        *(_values(side, name, count) for name in ("status", "user_mark") for side in (was, now)),
    ]
    return pa.Table.from_arrays(arrays, schema=_SCHEMA)


def _values(side: pa.Table | None, name: str, count: int) -> Any:
    if side is None:
        return pa.nulls(count, pa.float64() if name == "user_mark" else pa.string())
    return _array(side, name)


def _differ(was: pa.Table, now: pa.Table, name: str) -> Any:
    """Whether the values differ; nothing is the same as nothing."""
    before, after = _array(was, name), _array(now, name)
    is_other: Any = pc.not_equal(before, after)
    one_is_null = pc.xor(pc.is_null(before), pc.is_null(after))
    return pc.or_(pc.fill_null(is_other, pa.scalar(value=False)), one_is_null)


def _completed(rows: pa.Table) -> Any:
    statuses = values(rows["status"].unique())
    done = pa.array([status for status in statuses if is_completed(status)], pa.string())
    return pc.is_in(_array(rows, "status"), value_set=done)


def _array(rows: pa.Table, name: str) -> Any:
    return rows[name].combine_chunks()
