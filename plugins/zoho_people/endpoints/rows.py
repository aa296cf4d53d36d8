"""Records as they are staged, and as the rows that are published.

One rule decides what ``attributes`` holds: a field whose value went into a column without loss leaves; everything
else stays as Zoho sent it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa

from zoho_people.endpoints.attribute_choice import EVERYTHING, AttributeChoice
from zoho_people.endpoints.endpoint import Resource
from zoho_people.endpoints.entity_id import UnusableRecord
from zoho_people.storage.arrow_columns import ROWS_AT_A_TIME, Value, column, named_rows
from zoho_people.storage.schema import FETCHED, FINGERPRINT
from zoho_people.zoho.page import Page, Record

_FIELDS: list[pa.Field[Any]] = [
    pa.field("id", pa.string(), nullable=False),
    pa.field("item", pa.string(), nullable=False),
    pa.field(FINGERPRINT, pa.string(), nullable=False),
    *FETCHED,
]
RECORD_SCHEMA = pa.schema(_FIELDS)
"""A record as Zoho sent it: ``item`` is a JSON object, :data:`FINGERPRINT` its :func:`fingerprint`."""


class MalformedRecord(ValueError):
    """A record that can't become a row: the message says which of the resource's, counted from 0, and why.

    It quotes no value that Zoho sent, and of its keys only some that end in Id. Asking again won't help.
    """


def fingerprint(record: Record) -> str:
    """What tells *record* from one with other content: 32 hex digits, whatever the order of its keys."""
    canonical = json.dumps(record, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:32]


def staged_schema(resource: Resource) -> pa.Schema:
    """What the pages of *resource* are staged as."""
    return resource.endpoint.table.schema if resource.endpoint.keeps_rows else RECORD_SCHEMA


def staged_key(resource: Resource) -> str:
    """The column by which the staged records of *resource* are told apart."""
    if not resource.endpoint.keeps_rows:
        return "id"
    table = resource.endpoint.table
    # In what is replaced together all rows of a resource are alike.
    (name,) = (each for each in table.key if each not in table.replaced_by)
    return name


def staged_page(
    resource: Resource,
    page: Page,
    fetched_at: datetime,
    dag_run_id: str,
    choice: AttributeChoice = EVERYTHING,
) -> pa.Table:
    """*page* as it is staged, a row for each record in Zoho's order.

    No column is inferred: each record is read field by field (:mod:`.record`), so no id meets a float.

    :raises MalformedRecord: when a record has no id or can't be kept.
    """
    frame = {"fetched_at": fetched_at, "dag_run_id": dag_run_id}
    if resource.endpoint.keeps_rows:
        rows = [frame | row for row in _rows_of_page(resource, page, choice)]
        return _table(rows, resource.endpoint.table.schema)
    fingerprints = map(fingerprint, page.records) if page.fingerprints is None else page.fingerprints
    records = zip(page.ids, map(json.dumps, page.records), fingerprints, strict=True)
    return _table(
        [frame | {"id": each, "item": text, FINGERPRINT: known} for each, text, known in records],
        RECORD_SCHEMA,
    )


def rows_of(
    staged: pa.Table, resource: Resource, choice: AttributeChoice = EVERYTHING, **known: Value
) -> pa.Table:
    """The records of *resource* that are staged as they are, as rows of its dataset in their order.

    *known* are columns that no record has.
    """
    schema = resource.endpoint.table.schema
    parts = [staged.slice(first, ROWS_AT_A_TIME) for first in range(0, staged.num_rows, ROWS_AT_A_TIME)]
    tables = [_part(part, resource, choice, known) for part in parts]
    return pa.concat_tables([schema.empty_table(), *tables])


def _rows_of_page(resource: Resource, page: Page, choice: AttributeChoice) -> Iterable[dict[str, Any]]:
    row = resource.endpoint.table.row
    for index, record in enumerate(page.records, start=page.start_index):
        try:
            yield row(resource, "", record, choice)
        except UnusableRecord as error:
            raise MalformedRecord(f"{resource}: record {index} can't be stored: {error}") from None


def _part(
    staged: pa.Table, resource: Resource, choice: AttributeChoice, known: Mapping[str, Value]
) -> pa.Table:
    table = resource.endpoint.table
    rows = [
        {**table.row(resource, record["id"], json.loads(record["item"]), choice), **known}
        for record in named_rows(staged.select(["id", "item"]))
    ]
    taken = set(staged.column_names) & set(table.schema.names)
    arrays = [
        staged[field.name].combine_chunks()
        if field.name in taken
        else column((row.get(field.name) for row in rows), field.type)
        for field in table.schema
    ]
    return pa.Table.from_arrays(arrays, schema=table.schema)


def _table(rows: Sequence[Mapping[str, Any]], schema: pa.Schema) -> pa.Table:
    columns = [column((row[field.name] for row in rows), field.type) for field in schema]
    return pa.Table.from_arrays(columns, schema=schema)
