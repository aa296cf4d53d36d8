"""What `make run` asks for and what it tells."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from local_airflow import fingerprint, record, sample, summary
from local_airflow.api import _log_line
from local_airflow.record import Record
from local_airflow.run import concise
from local_airflow.summary import Written
from local_airflow.text import last_lines


def test_the_sample_is_the_learners_that_all_chosen_courses_share():
    organisation = {
        "learner_ids": ["1", "2", "3"],
        "courses": [
            {"course_id": "10", "batches": [], "learner_ids": ["1", "2", "3"]},
            {
                "course_id": "20",
                "batches": [
                    {"batch_id": "21", "learner_ids": ["2"]},
                    {"batch_id": "22", "learner_ids": ["1", "3"]},
                ],
                "learner_ids": ["1", "2", "3"],
            },
        ],
    }
    assert sample.request(organisation) == {"courses": ["10", "20/22"], "learner_ids": ["1", "3"]}


def put(root: Path, entity_type: str, course: str, *run_ids: str) -> None:
    folder = root / "learner_progress" / f"entity_type={entity_type}" / "snapshot_date=2026-05-01"
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table({"dag_run_id": list(run_ids)}), folder / f"course-{course}.parquet")


def test_only_the_runs_own_rows_and_the_files_that_hold_them_are_counted(tmp_path: Path):
    put(tmp_path, "files", "1", "now", "now", "before")
    put(tmp_path, "files", "2", "before")
    put(tmp_path, "links", "1", "before")
    assert summary.written(tmp_path, "now") == [Written("files", rows=2, files=1)]


def test_the_table_ends_with_totals():
    lines = summary.table([Written("files", 2, 1), Written("links", 3, 2)]).splitlines()
    assert lines[-1].split() == ["all", "5", "rows", "3", "files"]


@pytest.mark.parametrize(
    ("output_path", "folder"),
    [("/data", Path("/data")), ("file:///data", Path("/data")), ("s3://conn@bucket/data", None)],
)
def test_only_what_is_on_this_machine_is_counted(output_path: str, folder: Path | None):
    assert summary.local_folder(output_path) == folder


def test_an_instance_is_found_by_its_record(tmp_path: Path):
    assert record.read(tmp_path) is None
    record.write(tmp_path, Record(8080, None, "print"))
    assert record.read(tmp_path) == Record(8080, None, "print")
    record.remove(tmp_path)
    assert record.read(tmp_path) is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"other": 1}'])
def test_a_record_that_can_not_be_read_is_none(tmp_path: Path, text: str):
    (tmp_path / "instance.json").write_text(text)
    assert record.read(tmp_path) is None


def test_edited_code_and_another_environment_change_the_fingerprint(tmp_path: Path):
    code = tmp_path / "module.py"
    code.write_text("a = 1")
    before = fingerprint.of([], [tmp_path], {"A": "1"})
    assert fingerprint.of([], [tmp_path], {"A": "2"}) != before
    code.write_text("a = 2")
    assert fingerprint.of([], [tmp_path], {"A": "1"}) != before


def test_the_end_of_a_log_is_indented(tmp_path: Path):
    log = tmp_path / "log"
    assert last_lines(log) == "    (no log yet)"
    log.write_text("one\ntwo\nthree\n")
    assert last_lines(log, count=2) == "    two\n    three"


def test_a_log_event_reads_as_a_line():
    event = {"timestamp": "12:00", "level": "info", "event": "kept 3 records", "page": 2}
    assert _log_line(event) == "12:00 info kept 3 records page=2"
    assert _log_line("as it is") == "as it is"


def test_a_failure_is_shown_without_the_bookkeeping_but_with_its_causes():
    event = {
        "timestamp": "12:00",
        "level": "error",
        "event": "Task failed with exception",
        "ti_id": "0",
        "error_detail": [{"exc_type": "ValueError", "exc_value": "no course", "frames": []}],
    }
    assert concise(event) == "12:00 error Task failed with exception · ValueError: no course"
