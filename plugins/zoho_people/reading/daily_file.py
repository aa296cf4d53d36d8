"""The file that keeps a day's counts."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow.parquet as pq

from zoho_people.reading.daily import COMPUTED
from zoho_people.reading.opened import OpenDataset


def write_daily(opened: OpenDataset, day: date, path: Path) -> None:
    """Write the counts of *day* to *path*, whole or not at all."""
    query = f"SELECT * FROM ({COMPUTED.format(progress='progress_of([$day])')}) ORDER BY ALL"
    table = opened.sql(query, {"day": day})
    temporary = path.with_name(f"_{path.name}")
    pq.write_table(table, temporary, compression="zstd")
    temporary.replace(path)
