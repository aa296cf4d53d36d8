"""What is kept of files: never stale, nobody else's, and gone when it is of no use."""

from __future__ import annotations

import os
import shutil
import stat
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from tests.helpers.published_days import DAYS
from tests.web.house import Background, House, house_of, progress_dag
from zoho_people.reading.dataset import Dataset
from zoho_people.reading.days import day_of_path
from zoho_people.reading.opened import OpenDataset
from zoho_people.storage.layout import PROGRESS
from zoho_people.storage.store import Store
from zoho_people.web.keeper import IDLE_S, Keeper
from zoho_people.web.source import Source

pytestmark = pytest.mark.component


@dataclass(frozen=True)
class Slow(Dataset):
    """A dataset whose files of one day are read only once they may be."""

    day: date | None = None
    may_go: threading.Event = field(default_factory=threading.Event)
    is_there: threading.Event = field(default_factory=threading.Event)
    counted: list[date] = field(default_factory=list)
    opened: list[OpenDataset] = field(default_factory=list)

    def open(self, **options: Any) -> OpenDataset:
        read = {found for path in options["files"].get(PROGRESS, ()) if (found := day_of_path(path))}
        if not options.get("with_questions", True):
            self.counted.extend(read)
        if self.day in read:
            self.is_there.set()
            assert self.may_go.wait(60)
        self.opened.append(super().open(**options))
        return self.opened[-1]


class Now:
    def __init__(self) -> None:
        self.s = 0.0

    def __call__(self) -> float:
        return self.s


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / "kept-here"


@pytest.fixture
def house(output: Path, kept: Path, background: Background, now: Now) -> Iterator[House]:
    house = house_of(progress_dag("zoho_eu", str(output)))
    house.keeper = Keeper(kept, in_background=background, clock=now)
    yield house
    house.keeper.close()


def asked(house: House, name: str = "overview", **given: Any) -> Any:
    answer = house.client("hr").get(f"/api/{name}", params=given)
    assert answer.status_code == 200, answer.text
    return answer.json()


def entities(house: House, **given: Any) -> int:
    return sum(row["entities"] for row in asked(house, **given)["by_course"])


def files(output: Path, day: object = DAYS[-1]) -> list[Path]:
    return sorted(output.glob(f"learner_progress/*/snapshot_date={day}/*.parquet"))


def publish(path: Path, table: pa.Table) -> None:
    """Replace a file as runs do."""
    with Store(str(path.parent.parent), scratch="_tmp").replacing(
        f"{path.parent.name}/{path.name}"
    ) as temporary:
        pq.write_table(table, temporary)


def test_a_publish_while_the_page_is_open_is_seen_by_the_next_request(house: House, output: Path) -> None:
    before, fingerprint = entities(house), asked(house, "snapshots")["files_fingerprint"]
    file = files(output)[0]
    table = pq.read_table(file)
    publish(file, table.slice(1))
    assert entities(house) == before - 1
    publish(file, table)
    assert entities(house) == before
    assert asked(house, "snapshots")["files_fingerprint"] != fingerprint


def test_a_new_day_becomes_the_latest(house: House, output: Path) -> None:
    asked(house)
    for folder in [
        *output.glob(f"*/snapshot_date={DAYS[-1]}"),
        *output.glob(f"*/*/snapshot_date={DAYS[-1]}"),
    ]:
        shutil.copytree(folder, folder.with_name("snapshot_date=2026-02-01"))
    assert asked(house, "snapshots")["latest"] == asked(house)["snapshot_date"] == "2026-02-01"


def test_an_erased_learner_is_gone_from_the_answers_and_from_the_disk(
    house: House, output: Path, kept: Path, background: Background
) -> None:
    asked(house)
    background.run()
    learner = asked(house, "learners")["rows"][0]["learner_id"]
    assert learner.encode() in b"".join(_counted(kept))
    for day in DAYS:
        for file in files(output, day):
            table = pq.read_table(file)
            publish(file, table.filter(pc.not_equal(table["learner_id"], learner)))
    for dataset in ("coverage", "learners"):
        for file in output.glob(f"{dataset}/*/*.parquet"):
            table = pq.read_table(file)
            publish(file, table.filter(pc.not_equal(table["learner_id"], learner)))
    assert learner not in str(asked(house, "learners", limit=1_000))
    background.run()
    assert house.client("hr").get("/api/learner", params={"learner_id": learner}).status_code == 404
    assert learner.encode() not in b"".join(_counted(kept))


def test_who_asks_for_another_day_does_not_wait_for_one_that_is_counted(
    output: Path, kept: Path, background: Background
) -> None:
    usual = Dataset.at(output)
    slow = Slow(usual.store, usual.learners_store, day=DAYS[0])
    source, keeper = Source(slow), Keeper(kept, in_background=background)

    def rows(day: date) -> int:
        with keeper.view(source, str(day)) as view:
            return len(view.run("completion_by_course", {}))

    with ThreadPoolExecutor(3) as threads:
        known = rows(DAYS[-1])
        first, second = (threads.submit(rows, DAYS[0]) for _ in range(2))
        assert slow.is_there.wait(60)
        assert rows(DAYS[-1]) == known
        assert rows(DAYS[1]) > 0, "a day that has to be counted, too"
        assert not first.done()
        assert not second.done()
        slow.may_go.set()
        assert first.result(60) == second.result(60) > 0
    background.run()
    assert sorted(slow.counted) == list(DAYS), "each once"
    keeper.close()


def test_what_is_opened_while_the_page_ends_is_closed_and_removed(
    output: Path, kept: Path, background: Background
) -> None:
    usual = Dataset.at(output)
    slow = Slow(usual.store, usual.learners_store, day=DAYS[0])
    keeper = Keeper(kept, in_background=background)

    def look() -> int:
        with keeper.view(Source(slow), str(DAYS[0])) as view:
            return len(view.run("completion_by_course", {}))

    with ThreadPoolExecutor(1) as threads:
        looking = threads.submit(look)
        assert slow.is_there.wait(60)
        keeper.close()
        slow.may_go.set()
        assert looking.result(60) > 0
    assert len(slow.opened) == 2
    assert not any(each.scratch and each.scratch.exists() for each in slow.opened)


def _counted(kept: Path) -> list[bytes]:
    """Each learner's id in what is kept on the disk."""
    return [
        learner.encode()
        for path in kept.rglob("*.parquet")
        for learner in pq.read_table(path)["learner_id"].to_pylist()
    ]


def test_what_is_kept_is_its_owner_s_alone(house: House, kept: Path) -> None:
    asked(house)
    (folder,) = [path for path in kept.iterdir() if path.is_dir()]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_what_nobody_looks_at_is_closed_and_removed(house: House, kept: Path, now: Now) -> None:
    asked(house)
    assert list(kept.rglob("*.parquet"))
    now.s = IDLE_S
    assert house.keeper is not None
    house.keeper.forget_idle()
    assert not list(kept.rglob("*.parquet"))
    assert entities(house) > 0


def test_a_damaged_file_is_named_and_the_rest_is_shown(house: House, output: Path) -> None:
    before = entities(house)
    file = files(output)[0]
    rows = pq.read_metadata(file).num_rows
    file.write_bytes(b"PAR1 this is no Parquet file PAR1")
    os.utime(file.parent)
    shown = asked(house)
    assert sum(row["entities"] for row in shown["by_course"]) == before - rows
    (warning,) = shown["warnings"]
    assert str(file.relative_to(output)) in warning
    assert "restore it" in warning


def test_a_damaged_file_that_is_restored_counts_again(house: House, output: Path) -> None:
    before = entities(house)
    file = files(output)[0]
    table = pq.read_table(file)
    file.write_bytes(b"PAR1 this is no Parquet file PAR1")
    os.utime(file.parent)
    assert asked(house)["warnings"]
    publish(file, table)
    assert entities(house) == before
    assert asked(house)["warnings"] == []


def test_damaged_coverage_is_named_and_progress_shown(house: House, output: Path) -> None:
    before = entities(house)
    (file,) = (output / "coverage" / f"snapshot_date={DAYS[-1]}").glob("*.parquet")
    file.write_bytes(b"")
    os.utime(file.parent)
    shown = asked(house)
    assert sum(row["entities"] for row in shown["by_course"]) == before
    assert "coverage" in shown["warnings"][0]


def test_nothing_published_is_said_with_what_to_do(tmp_path: Path, keeper: Keeper) -> None:
    house = house_of(progress_dag("zoho_eu", str(tmp_path / "empty")))
    house.keeper = keeper
    shown = asked(house, "snapshots")
    assert (shown["dates"], shown["latest"]) == ([], None)
    assert "trigger a run" in shown["warnings"][0]
    for name in ("overview", "options", "behind", "behind.csv"):
        answer = house.client("hr").get(f"/api/{name}")
        assert answer.status_code == 404
        assert answer.json()["detail"]["cure"]
    assert "warnings" in asked(house, "health")


@pytest.mark.parametrize("day", ["2026-01-03", "someday", "2026-13-01"])
def test_a_day_that_is_not_there_is_named(house: House, day: str) -> None:
    answer = house.client("hr").get("/api/overview", params={"snapshot_date": day})
    assert answer.status_code in (400, 404)
    assert day in answer.json()["detail"]["problem"]


def test_two_output_paths_never_show_each_other_s_learners(
    house: House, tmp_path: Path, published: Path
) -> None:
    other = tmp_path / "other"
    shutil.copytree(published, other)
    learner = asked(house, "learners")["rows"][0]["learner_id"]
    for file in other.rglob("*.parquet"):
        table = pq.read_table(file)
        if "learner_id" in table.column_names:
            pq.write_table(table.filter(pc.not_equal(table["learner_id"], learner)), file)
    house.known = [*house.known, progress_dag("zoho_us", str(other))]
    house.readers["hr"].add("zoho_us")
    assert learner in str(asked(house, "learners", dag="zoho_eu", limit=1_000))
    assert learner not in str(asked(house, "learners", dag="zoho_us", limit=1_000))
    answer = house.client("hr").get("/api/learner", params={"learner_id": learner, "dag": "zoho_us"})
    assert answer.status_code == 404
