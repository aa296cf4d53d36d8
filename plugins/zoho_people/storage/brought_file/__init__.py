"""A file that somebody brings along, as CSV or Parquet, one file or a folder of parts: its rows, checked."""

from __future__ import annotations

from zoho_people.storage.brought_file.columns import Column, Columns, Kind
from zoho_people.storage.brought_file.errors import BroughtFileUnreachable, InvalidBroughtFile
from zoho_people.storage.brought_file.limits import FileLimits
from zoho_people.storage.brought_file.reading import check_file, read_file
from zoho_people.storage.brought_file.source import no_way

__all__ = [
    "BroughtFileUnreachable",
    "Column",
    "Columns",
    "FileLimits",
    "InvalidBroughtFile",
    "Kind",
    "check_file",
    "no_way",
    "read_file",
]
