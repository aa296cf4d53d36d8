"""What is known of the units of a course from all runs: ``_state/course-<id>[-batch-<id>].parquet``.

It only ever saves requests: where the file is missing, everything is asked for again. Publishing writes it, after
the dataset's files. It is sorted by entity type and learner, and in memory as it is on the disk: compressed.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from zoho_people.model.entity_type import EntityType
from zoho_people.model.known import Known
from zoho_people.model.unit import Course
from zoho_people.storage.arrow_columns import ROWS_AT_A_TIME, named_rows, values
from zoho_people.storage.layout import state_file
from zoho_people.storage.row_groups import RowGroups, value_ranges, write_row_groups
from zoho_people.storage.schema import FINGERPRINT, STATE_SCHEMA
from zoho_people.storage.schema_change import SchemaChange
from zoho_people.storage.store import Store

log = logging.getLogger(__name__)

ROW_GROUP_ROWS = 16_384
_FACTS = [fact.name for fact in fields(Known)]
_COLUMNS = {"fingerprint": FINGERPRINT}
"""The column of each fact that is not called as the fact is."""


@dataclass(frozen=True, slots=True)
class KnownUnits:
    """What is known of the units of one entity type: those rows of the Parquet file *content*.

    In the order of the learners' ids; see :class:`~zoho_people.storage.by_learner.ByLearner`.
    """

    content: pa.Buffer
    entity_type: EntityType

    def items(self) -> Iterator[tuple[str, Known]]:
        """Each learner's id, and what is known of the unit."""
        for table in self.tables():
            yield from _known(table)

    def tables(self) -> Iterator[pa.Table]:
        """The same as rows of the contract, a row group at a time."""
        with pq.ParquetFile(pa.BufferReader(self.content)) as file:
            change = SchemaChange.between(file.schema_arrow, STATE_SCHEMA)
            for group, labels in enumerate(value_ranges(file, "entity_type")):
                if labels.may_have(self.entity_type.label):
                    table = change.complete(file.read_row_group(group, use_threads=False))
                    yield table.filter(pc.equal(table["entity_type"], pa.scalar(self.entity_type.label)))


class KnownWriter:
    """Takes what is known of the units of one entity type, in the order of their learners' ids."""

    def __init__(self, entity_type: EntityType) -> None:
        self._entity_type = entity_type
        self._stream = pa.BufferOutputStream()
        self._file = pq.ParquetWriter(self._stream, STATE_SCHEMA, compression="zstd")
        self._row_groups = RowGroups(self._file, ROW_GROUP_ROWS)
        self._some: list[tuple[str, Known]] = []

    def add(self, learner_id: str, known: Known) -> None:
        """Take what is known of the next learner."""
        self._some.append((learner_id, known))
        if len(self._some) == ROWS_AT_A_TIME:
            self._flush()

    def finish(self) -> KnownUnits:
        """All that was taken."""
        self._flush()
        self._row_groups.flush()
        self._file.close()
        return KnownUnits(self._stream.getvalue(), self._entity_type)

    def _flush(self) -> None:
        some, self._some = self._some, []
        if some:
            self._row_groups.add(_table(self._entity_type, some))


def read_state(store: Store, course: Course) -> dict[EntityType, KnownUnits]:
    """What is known of *course*; nothing where there is no file, or (with a warning) none that can be read."""
    path = state_file(course)
    try:
        content = pa.py_buffer(store.read(path))
        return {entity_type: KnownUnits(content, entity_type) for entity_type in _types(content)}
    except FileNotFoundError:
        return {}
    except (pa.ArrowException, OSError, ValueError) as error:
        log.warning("%s can't be read (%s); all of course %s is asked for again", path, error, course)
        return {}


def write_state(store: Store, course: Course, state: Mapping[EntityType, KnownUnits]) -> None:
    """Replace what is known of *course*."""
    types = sorted(state, key=lambda each: each.label)
    tables = (table for entity_type in types for table in state[entity_type].tables())
    with (
        store.replacing(state_file(course)) as temporary,
        pq.ParquetWriter(temporary, STATE_SCHEMA, compression="zstd") as file,
    ):
        write_row_groups(file, tables, ROW_GROUP_ROWS)


def _types(content: pa.Buffer) -> list[EntityType]:
    """The entity types of a file all of which can be read."""
    labels: dict[str, None] = {}
    with pq.ParquetFile(pa.BufferReader(content)) as file:
        SchemaChange.between(file.schema_arrow, STATE_SCHEMA)
        for group in range(file.num_row_groups):
            table = file.read_row_group(group, use_threads=False)
            table.validate(full=True)
            labels |= dict.fromkeys(values(table["entity_type"]))
    return [EntityType.parse(label) for label in labels]


def _table(entity_type: EntityType, some: Sequence[tuple[str, Known]]) -> pa.Table:
    """*some* units as rows of the contract."""
    columns: dict[str, list[Any]] = {
        "learner_id": [learner_id for learner_id, _ in some],
        "entity_type": [entity_type.label] * len(some),
        **{_COLUMNS.get(fact, fact): [getattr(known, fact) for _, known in some] for fact in _FACTS},
    }
    return pa.Table.from_pydict(columns, schema=STATE_SCHEMA)


def _known(rows: pa.Table) -> Iterator[tuple[str, Known]]:
    facts = rows.drop_columns(["entity_type"])
    for row in named_rows(facts.rename_columns({column: fact for fact, column in _COLUMNS.items()})):
        yield row.pop("learner_id"), Known(**row)
