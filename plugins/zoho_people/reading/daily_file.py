"""The file that keeps a day's counts."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq

from zoho_people.reading.daily import COMPUTED, DAILY_COLUMNS, OF_LEARNER, OF_UNIT
from zoho_people.reading.opened import OpenDataset


def write_daily(opened: OpenDataset, day: date, path: Path) -> None:
    """Write the counts of *day* to *path*, whole or not at all."""
    both = f"GROUPING SETS (({OF_UNIT}), ({OF_LEARNER}))"
    query = COMPUTED.format(columns=OF_UNIT, groups=both, progress="progress_of([$day])")
    table = opened.sql(f"SELECT {', '.join(DAILY_COLUMNS)} FROM ({query}) ORDER BY ALL", {"day": day})
    is_total = pc.is_null(table["entity_type"])
    temporary = path.with_name(f"_{path.name}")
    with pq.ParquetWriter(temporary, table.schema, compression="zstd") as file:
        # Row groups of their own: whoever reads the ones does not open the others.
        for rows in (table.filter(pc.invert(is_total)), table.filter(is_total)):
            file.write_table(rows)
    temporary.replace(path)
