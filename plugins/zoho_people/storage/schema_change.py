"""How a file that an earlier version wrote becomes a table of today's contract: the only place that knows.

A contract grows by columns that may be null. A file that lacks some of those was written before they came: it is
read with nulls there, row group by row group. Every other difference (a column that the contract doesn't know,
another type or order) says that somebody else wrote the file, or a later version: it is refused by name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa

from zoho_people.model.unit import shown

_NAMED = 5
"""How many of the differences are named."""


class ForeignColumns(ValueError):
    """The columns of a file are neither the contract's nor those of an earlier version; the message says why."""


@dataclass(frozen=True, slots=True)
class SchemaChange:
    """What lies between a file and today's *contract*: the columns that the file is *lacking*."""

    contract: pa.Schema
    lacking: frozenset[str] = frozenset()

    @classmethod
    def between(cls, found: pa.Schema, contract: pa.Schema) -> SchemaChange:
        """The change from a file's schema *found* to *contract*.

        :raises ForeignColumns: when no earlier version wrote such a file.
        """
        differences = list(_differences(found, contract))
        if differences:
            more = ", …" if len(differences) > _NAMED else ""
            raise ForeignColumns(", ".join(differences[:_NAMED]) + more)
        return cls(contract, frozenset(contract.names) - frozenset(found.names))

    def in_file(self, columns: Sequence[str] | None) -> list[str] | None:
        """Which of *columns* to read from the file; None is all that it has."""
        if columns is None:
            return None
        return [name for name in columns if name not in self.lacking] if self.lacking else list(columns)

    def complete(self, table: pa.Table, columns: Sequence[str] | None = None) -> pa.Table:
        """*table*, which was read from the file, as *columns* of the contract (None: all of them)."""
        if not self.lacking:
            return table
        fields = [self.contract.field(name) for name in (columns or self.contract.names)]
        arrays = [
            pa.nulls(table.num_rows, field.type) if field.name in self.lacking else table[field.name]
            for field in fields
        ]
        return pa.Table.from_arrays(arrays, schema=pa.schema(fields))


def todays_table(table: pa.Table, contract: pa.Schema) -> pa.Table:
    """A *table* that was read as a whole, with the columns that *contract* has got since.

    :raises ForeignColumns: when no earlier version wrote such a table.
    """
    return SchemaChange.between(table.schema, contract).complete(table)


def _differences(found: pa.Schema, contract: pa.Schema) -> Iterator[str]:
    """What keeps *found* from being *contract*, or what it was before columns were added; one phrase each."""
    known = set(contract.names)
    yield from (f"column {shown(name)} is unknown" for name in found.names if name not in known)
    for field in contract:
        places = found.get_all_field_indices(field.name)
        if not places and not field.nullable:
            yield f"column '{field.name}' is missing"
        elif len(places) > 1:
            yield f"column '{field.name}' is there {len(places)} times"
        elif places and not found.field(places[0]).equals(field):
            yield f"column '{field.name}' is {_kind(found.field(places[0]))}, not {_kind(field)}"
    kept = [name for name in contract.names if name in found.names]
    if sorted(kept) == sorted(found.names) and kept != found.names:
        yield "its columns are in another order"


def _kind(field: pa.Field[pa.DataType]) -> str:
    return f"{str(field.type)[:80]}{'' if field.nullable else ' not null'}"
