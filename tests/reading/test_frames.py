"""What people get in hand: data frames, with ids as text and days as dates."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from tests.helpers.published_days import DAYS, course_of, courses, learner_id
from zoho_people.reading import changes, coverage, learners, progress
from zoho_people.reading import courses as course_list
from zoho_people.reading.errors import NoDataset, NoSuchDay, UnknownParameter

PLUGINS = Path(__file__).parents[2] / "plugins"
COURSE = course_of(*next(courses()))


def kind_of(frame: pd.DataFrame, column: str) -> pa.DataType:
    kind = frame.dtypes[column]
    assert isinstance(kind, pd.ArrowDtype)
    return kind.pyarrow_dtype


def test_progress_is_that_of_the_latest_day_with_names(published: Path) -> None:
    frame = progress(published)
    assert set(frame["snapshot_date"]) == {DAYS[-1]}
    assert kind_of(frame, "learner_id") == kind_of(frame, "entity_id") == pa.string()
    assert kind_of(frame, "snapshot_date") == pa.date32()
    assert kind_of(frame, "fetched_at") == pa.timestamp("us", tz="UTC")
    assert kind_of(frame, "maximum_attempts_allowed") == pa.int32()
    assert frame["course_name"].notna().all()
    assert frame["email"].str.startswith("learner").all()


def test_progress_is_chosen_by_day_type_course_and_learner(published: Path) -> None:
    frame = progress(
        published,
        str(DAYS[1]),
        entity_types=["files", "links"],
        courses=COURSE,
        learners=[learner_id(0), learner_id(1)],
        with_names=False,
    )
    assert len(frame)
    assert set(frame["snapshot_date"]) == {DAYS[1]}
    assert set(frame["entity_type"]) <= {"files", "links"}
    assert set(frame["course_id"]) == {COURSE.course_id}
    assert set(frame["learner_id"]) <= {learner_id(0), learner_id(1)}
    assert "learner_name" not in frame


def test_names_double_no_row(published: Path) -> None:
    assert len(progress(published)) == len(progress(published, with_names=False))


def test_the_other_datasets_are_frames_as_well(published: Path) -> None:
    assert set(coverage(published, courses=COURSE)["course_id"]) == {COURSE.course_id}
    assert kind_of(coverage(published), "rows") == pa.int64()
    assert len(learners(published, DAYS[0], courses=COURSE, learners=learner_id(0))) == 1
    assert len(course_list(published)) == len({course for course, _ in courses()}) + 2


@pytest.mark.parametrize(
    ("ask", "error", "told"),
    [
        (lambda path: progress(path / "x"), NoDataset, "no learner_progress; check the output path"),
        (changes, NoDataset, "there is no changes"),
        (lambda path: learners(path / "x"), NoDataset, "and learners_root"),
        (lambda path: progress(path, DAYS[0] + timedelta(days=1)), NoSuchDay, str(DAYS[1])),
        (lambda path: progress(path, "2026-13-01"), UnknownParameter, "write YYYY-MM-DD"),
        (lambda path: progress(path, entity_types="exams"), UnknownParameter, "online_tests"),
        (lambda path: progress(path, courses="abc"), UnknownParameter, "courses: course 'abc'"),
        (lambda path: coverage(path, learners=[1]), UnknownParameter, "learner_ids: learner 1 is not an id"),
    ],
)
def test_what_is_not_there_is_told(
    published: Path, ask: Callable[[Path], Any], error: type[Exception], told: str
) -> None:
    with pytest.raises(error, match=told):
        ask(published)


def test_names_may_be_kept_elsewhere_and_show_nobody_of_another_output_path(
    published: Path, tmp_path: Path
) -> None:
    names, alone = tmp_path / "names", tmp_path / "alone"
    shutil.copytree(published / "learners", names / "learners")
    for dataset in ("coverage", "learner_progress"):
        shutil.copytree(published / dataset, alone / dataset)
    assert progress(alone)["learner_name"].isna().all()
    assert progress(alone, learners_root=names)["learner_name"].notna().all()
    stranger = tmp_path / "stranger"
    stranger.mkdir()
    with pytest.raises(NoDataset):
        learners(stranger, DAYS[0])
    assert len(learners(stranger, DAYS[0], learners_root=names)) == 0
    assert len(learners(alone, DAYS[0], learners_root=names)) > 0


@pytest.mark.component
def test_a_frame_needs_no_airflow(published: Path) -> None:
    code = (
        "import sys; from zoho_people.reading import progress; "
        f"frame = progress({str(published)!r}); assert len(frame); "
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(PLUGINS)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "airflow" not in done.stdout.split()


def test_an_output_path_may_be_a_link(published: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(published)
    assert len(progress(link)) == len(progress(published))


def test_days_are_dates_to_python(published: Path) -> None:
    assert type(progress(published)["snapshot_date"].iloc[0]) is date
