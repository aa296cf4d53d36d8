"""What a run has written, counted from the files themselves."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

DATASET = "learner_progress"


@dataclass(frozen=True)
class Written:
    """The rows that a run wrote of one entity type, and in how many files."""

    entity_type: str
    rows: int
    files: int


def local_folder(output_path: str) -> Path | None:
    """The folder behind an output path on this machine; None for one elsewhere (s3, gs, abfs)."""
    parts = urlsplit(output_path)
    if parts.scheme in {"", "file"}:
        return Path(parts.path)
    return None


def written(output: Path, run_id: str) -> list[Written]:
    """What the run left in the dataset below `output`, by entity type."""
    root = output / DATASET
    folders = sorted(root.glob("entity_type=*"))
    counted = (Written(folder.name.partition("=")[2], *_count(folder, run_id)) for folder in folders)
    return [each for each in counted if each.files]


def _count(folder: Path, run_id: str) -> tuple[int, int]:
    rows_of_files = [rows for rows in _rows(folder, run_id) if rows]
    return sum(rows_of_files), len(rows_of_files)


def _rows(folder: Path, run_id: str) -> Iterator[int]:
    import pyarrow.parquet as pq

    for path in folder.glob("**/*.parquet"):
        run_ids = pq.ParquetFile(path).read(columns=["dag_run_id"])["dag_run_id"]
        yield sum(1 for value in run_ids.to_pylist() if value == run_id)


def table(found: list[Written]) -> str:
    """The counts as text, with a line of totals."""
    rows = [*found, Written("all", sum(each.rows for each in found), sum(each.files for each in found))]
    lines = [f"  {each.entity_type:<20} {each.rows:>8} rows {each.files:>4} files" for each in rows]
    return "\n".join(lines)


def how_to_read(output: str) -> str:
    """One line of DuckDB and one of pandas that read the dataset."""
    return (
        f"  DuckDB:  SELECT * FROM read_parquet('{output}/{DATASET}/**/*.parquet', hive_partitioning = true);\n"  # noqa: S608
        f"  pandas:  pd.read_parquet('{output}/{DATASET}')"
    )
