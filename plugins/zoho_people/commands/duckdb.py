"""Make a DuckDB file for business intelligence tools: views over what is published, and the questions.

The file has views of progress, coverage, courses, learners and changes, each with all days, those of later runs
included; progress_named with names joined; and each question as a table: SELECT * FROM overdue(). It has no rows
of its own, but for those of --people and --deadlines: make it anew when these change, or when a learner is to be
forgotten. docs/answers.md says how tools open it.

Exit codes: 0 done; 2 not done, the message says why.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zoho_people.reading.dataset import Dataset


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument(
        "--output-path", required=True, metavar="PATH", help="the output path of the runs, a folder or URL"
    )
    parser.add_argument("--learners-root", metavar="PATH", help="where names are kept, if not there")
    parser.add_argument(
        "--people", metavar="FILE", help="a CSV or Parquet file that says where learners work"
    )
    parser.add_argument(
        "--deadlines", metavar="FILE", help="a CSV or Parquet file that says what is due when"
    )
    parser.add_argument(
        "--to", type=Path, default=Path("zoho_people.duckdb"), metavar="FILE", help="default: %(default)s"
    )


def run(options: argparse.Namespace) -> int:
    """Do it; the exit code."""
    from zoho_people.reading.bi_file import write_bi_file
    from zoho_people.reading.errors import ReadingError
    from zoho_people.storage.brought_file import BroughtFileUnreachable, InvalidBroughtFile

    try:
        write_bi_file(_dataset(options), options.to, people=options.people, deadlines=options.deadlines)
    except (ReadingError, InvalidBroughtFile, BroughtFileUnreachable, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(f"{options.to} is made; ask it for progress_named, or for completion_by_course()\n")
    return 0


def _dataset(options: argparse.Namespace) -> Dataset:
    from zoho_people.reading.dataset import Dataset

    names = options.learners_root
    return Dataset.at(_path(options.output_path), learners_root=_path(names) if names else None)


def _path(text: str) -> Any:
    """*text* as a path for any working directory, or as a URL; one with a connection is Airflow's."""
    if "://" not in text:
        return str(Path(text).absolute())
    if "@" not in text:
        return text
    from airflow.sdk import ObjectStoragePath

    return ObjectStoragePath(text)
