"""A roster that a user brings along: who is in which course, as CSV or Parquet, one file or a folder of parts."""

from __future__ import annotations

from zoho_people.planning.roster_file.errors import InvalidRosterFile, RosterFileUnreachable
from zoho_people.planning.roster_file.limits import RosterLimits
from zoho_people.planning.roster_file.reading import check_roster, read_roster
from zoho_people.planning.roster_file.source import no_way

__all__ = [
    "InvalidRosterFile",
    "RosterFileUnreachable",
    "RosterLimits",
    "check_roster",
    "no_way",
    "read_roster",
]
