"""A page of Zoho's records as rows of the contract."""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa

from zoho_people.model.unit import Unit
from zoho_people.staging.attribute_choice import EVERYTHING, AttributeChoice
from zoho_people.staging.record import UnusableRecord, read_record
from zoho_people.storage.arrow_columns import column
from zoho_people.storage.schema import PROGRESS_SCHEMA
from zoho_people.zoho.page import ProgressPage


class MalformedRecord(ValueError):
    """A record that can't become a row. Facts: ``unit``, ``index`` (from the first page's start), ``reason``.

    The message quotes no value that Zoho sent, and of its keys only some that end in Id. Asking again won't help:
    the unit fails.
    """

    def __init__(self, unit: Unit, index: int, reason: str) -> None:
        super().__init__(f"{unit}: record {index} can't be stored: {reason}")
        self.unit = unit
        self.index = index
        self.reason = reason


def normalize_page(
    unit: Unit,
    page: ProgressPage,
    fetched_at: datetime,
    dag_run_id: str,
    choice: AttributeChoice = EVERYTHING,
) -> pa.Table:
    """The page as a table of :data:`PROGRESS_SCHEMA`, one row per record, in Zoho's order.

    No column is inferred: each record is read field by field (:mod:`.record`), so no id meets a float.

    :raises MalformedRecord: when a record has no entity id or can't be kept.
    :raises ValueError: when *fetched_at* has no time zone.
    """
    frame = {
        "course_id": unit.course.course_id,
        "batch_id": unit.course.batch_id,
        "learner_id": unit.learner_id,
        "fetched_at": as_utc(fetched_at),
        "dag_run_id": dag_run_id,
    }
    rows = []
    for index, record in enumerate(page.records, start=page.start_index):
        try:
            rows.append(frame | read_record(record, unit.entity_type, choice))
        except UnusableRecord as error:
            raise MalformedRecord(unit, index, str(error)) from None
    columns = [column((row[field.name] for row in rows), field.type) for field in PROGRESS_SCHEMA]
    return pa.Table.from_arrays(columns, schema=PROGRESS_SCHEMA)


def as_utc(moment: datetime) -> datetime:
    """*moment* in UTC.

    :raises ValueError: when it has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("fetched_at has no time zone; pass an aware datetime")
    return moment.astimezone(UTC)
