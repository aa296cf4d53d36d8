from __future__ import annotations

import json
import shutil
import signal
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from upath import UPath

from tests.helpers.every_byte import found_in
from tests.helpers.hooked import Hooked
from tests.helpers.killed import forget_up_to, killed_after
from tests.helpers.lists import page_of
from tests.helpers.populated import ADA, ADAS, BATCH, BOB, DAYS, EVE, KINDS, NAMES, SELF_PACED
from tests.helpers.samples import at, known_of, planned_of, publish_units, records, stage, unit
from zoho_people.endpoints.course_learners import COURSE_LEARNERS
from zoho_people.erasing.erasure import Place
from zoho_people.erasing.forgetting import Done, Forgetting
from zoho_people.model.entity_type import EntityType
from zoho_people.model.unit import Unit
from zoho_people.planning.plan_file import PlanFile
from zoho_people.publishing.coverage import write_coverage
from zoho_people.publishing.lists import publish_lists
from zoho_people.publishing.publish import publish
from zoho_people.staging.list_pages import ListStaging
from zoho_people.staging.progress_pages import FORGOTTEN, Staging
from zoho_people.storage.claim import Claimed, Side, claimed
from zoho_people.storage.forgotten import Forgotten
from zoho_people.storage.layout import coverage_file, progress_file
from zoho_people.storage.store import Store
from zoho_people.zoho.page import Page

ROOT = Path(__file__).parents[2]


def now() -> datetime:
    return datetime.now(UTC) + timedelta(minutes=1)


def forget(store: Store, *learners: str, **options: Any) -> Done:
    [done] = Forgetting([store], clock=now).forget(learners, **options)
    return done


def rows_of(store: Store, dataset: str) -> list[dict[str, Any]]:
    paths = [path for path in store.files(dataset) if path.endswith(".parquet")]
    tables = [pq.read_table(store.fs.open(store.full(path))) for path in paths]
    return [
        row | {"path": path} for path, table in zip(paths, tables, strict=True) for row in table.to_pylist()
    ]


def others(store: Store) -> dict[str, list[dict[str, Any]]]:
    """All rows that are not Ada's, of every dataset and of what is known."""
    datasets = ("learner_progress", "coverage", "learners", "courses", "changes", "_state")
    return {name: [row for row in rows_of(store, name) if row.get("learner_id") != ADA] for name in datasets}


IN_BOTH = pytest.mark.parametrize("root", ["file", "memory"], indirect=True)
"""On the local disk, too, for what goes through everything; the store's own tests tell the two apart."""


@pytest.fixture
def root(request: pytest.FixtureRequest, tmp_path: Path, object_store: Any) -> Any:
    return UPath(tmp_path / "out") if getattr(request, "param", "") == "file" else object_store


@pytest.fixture
def store(root: Any, populated: Path) -> Store:
    for path in populated.rglob("*"):
        if path.is_file():
            copy = root / path.relative_to(populated).as_posix()
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    return Store(root)


def anywhere(store: Store, *texts: str) -> set[tuple[str, str]]:
    return found_in(store.fs, store.root, *texts)


class TestALearnerWhoIsForgotten:
    def test_was_everywhere_before(self, store: Store) -> None:
        places = {Place.of(path.removeprefix(f"{store.root}/")).dataset for _, path in anywhere(store, ADA)}
        assert places == {
            "learner_progress",
            "coverage",
            "learners",
            "learner_courses",
            "changes",
            "_state",
            "_staging",
        }
        assert len({path for text, path in anywhere(store, *ADAS) if "_staging" in path}) > 10

    @IN_BOTH
    def test_is_in_no_byte_afterwards_and_nobody_else_lost_anything(self, store: Store) -> None:
        before = others(store)
        done = forget(store, ADA)
        assert anywhere(store, *ADAS) == set()
        assert others(store) == before
        assert done.is_sure
        assert done.left == {}
        assert done.known_texts == 2

    def test_is_told_by_counts_of_each_dataset_and_day(self, store: Store) -> None:
        rows = {
            dataset: len([row for row in rows_of(store, dataset) if row.get("learner_id") == ADA])
            for dataset in (
                "learner_progress",
                "coverage",
                "learners",
                "learner_courses",
                "changes",
                "_state",
            )
        }
        erased = forget(store, ADA).erased
        for dataset, count in rows.items():
            found = {place: number for place, number in erased.rows.items() if place.dataset == dataset}
            assert sum(found.values()) == count > 0
        assert erased.files[Place("learner_progress", str(DAYS[0]))] == 4
        assert erased.rows[Place("learner_progress", str(DAYS[0]))] == 12
        assert erased.files[Place("learners", str(DAYS[1]))] == 2
        assert not [text for text in ADAS if text in "\n".join(Done(erased, {}).lines())]

    @IN_BOTH
    def test_leaves_files_alone_that_have_nothing_of_them(self, store: Store) -> None:
        course = SELF_PACED
        staging = Staging(store.full("") if store.is_local else UPath(f"memory://{store.root}"), "only-bob")
        publish_units(staging, *(stage_one(staging, Unit(course, BOB, EntityType.LINKS))), day=DAYS[0])
        path = progress_file(EntityType.LINKS, course, DAYS[0])
        before = store.fs.info(store.full(path))
        forget(store, ADA)
        assert store.fs.info(store.full(path)) == before

    def test_again_finds_nothing(self, store: Store) -> None:
        forget(store, ADA, look=False)
        done = forget(store, ADA)
        assert done.erased.files == {}
        assert "nothing to erase: there is nothing of the learners" in done.lines()

    def test_with_others_goes_with_them(self, store: Store) -> None:
        forget(store, ADA, BOB, EVE, look=False)
        assert anywhere(store, *NAMES, *NAMES.values()) == set()
        assert {row["path"] for row in rows_of(store, "learner_progress")} == set()
        assert store.exists(progress_file(KINDS[0], SELF_PACED, DAYS[0]))

    def test_keeps_the_order_and_the_kind_of_each_file(self, store: Store) -> None:
        path = progress_file(KINDS[0], SELF_PACED, DAYS[0])

        def kind() -> tuple[Any, ...]:
            with store.open(path) as source, pq.ParquetFile(source) as file:
                group = file.metadata.row_group(0)
                return file.schema_arrow, group.sorting_columns, group.column(0).compression

        before = kind()
        forget(store, ADA, look=False)
        assert kind() == before

    def test_may_stand_in_the_files_under_another_id(self, store: Store) -> None:
        forgetting = Forgetting(
            [store], clock=now, stored_as=lambda learner_id: {"as-it-was": [ADA]}[learner_id]
        )
        forgetting.forget(["as-it-was"], look=False)
        assert anywhere(store, *ADAS) == set()
        assert "as-it-was" in Forgotten.read(store)

    def test_is_forgotten_in_every_output_path_that_is_named(
        self, store: Store, tmp_path: Path, populated: Path
    ) -> None:
        other = Store(shutil.copytree(populated, tmp_path / "other"))
        done = Forgetting([store, other], clock=now).forget([ADA])
        assert [each.is_sure for each in done] == [True, True]
        assert anywhere(store, *ADAS) | anywhere(other, *ADAS) == set()


def stage_one(staging: Staging, one: Unit) -> list[Unit]:
    kinds = {EntityType.LINKS: "linkId"}
    staging.add_page(one, Page(0, ({kinds[one.entity_type]: 5},), None), at(0), "run")
    return [one]


class TestWhatIsLeft:
    def test_in_what_zoho_says_of_others_is_told_and_left(self, store: Store) -> None:
        with store.replacing(
            "learner_progress/entity_type=links/snapshot_date=2026-01-02/course-1.parquet"
        ) as to:
            row = {"learner_id": [BOB], "attributes": [json.dumps({"by": NAMES[ADA], "reviewer": int(ADA)})]}
            pq.write_table(pa.table(row), to)
        store.write("notes/about.txt", f"see {ADA}.".encode())
        done = forget(store, ADA)
        lines = [line for line in done.lines() if line.startswith("LEFT")]
        assert lines == [
            "LEFT  learner_progress 2026-01-02  a name or e-mail address in attributes, 1 rows",
            "LEFT  learner_progress 2026-01-02  an id in attributes, 1 rows",
            "LEFT  notes  an id in bytes, 1 rows",
        ]
        assert not done.is_sure

    def test_of_a_name_alone_is_told_and_no_more(self, store: Store) -> None:
        store.write("notes.txt", f"{NAMES[ADA]} was here".encode())
        done = forget(store, ADA)
        assert [line for line in done.lines() if line.startswith("LEFT")]
        assert done.is_sure

    def test_is_not_an_id_that_is_part_of_a_longer_number(self, store: Store) -> None:
        store.write("notes.txt", f"{ADA}0 and 1{ADA}".encode())
        assert forget(store, ADA).left == {}

    def test_in_the_name_of_a_file_is_told_without_it(self, store: Store) -> None:
        store.write(f"exports/{ADA}/all.csv", b"")
        done = forget(store, ADA)
        assert [line for line in done.lines() if "LEFT" in line] == ["LEFT  exports  an id in path, 1 rows"]

    def test_in_a_file_that_cannot_be_read_is_told_and_the_others_are_erased(self, store: Store) -> None:
        path = progress_file(KINDS[0], SELF_PACED, DAYS[0])
        store.write(path, b"PAR1 damaged PAR1")
        done = forget(store, ADA)
        assert done.erased.unreadable == [path]
        assert not done.is_sure
        assert store.read(path) == b"PAR1 damaged PAR1"
        store.delete(path)
        assert anywhere(store, *ADAS) == set()


class TestAfterwards:
    def test_what_is_known_carries_on_for_the_others(self, store: Store) -> None:
        forget(store, ADA, look=False)
        for course in (SELF_PACED, BATCH):
            assert {kind: set(known) for kind, known in known_of(store, course).items()} == {
                kind: {BOB, EVE} for kind in KINDS
            }

    @IN_BOTH
    def test_a_run_on_its_way_goes_on_without_the_learner(self, store: Store, root: Any) -> None:
        forget(store, ADA, look=False)
        staging, lists = Staging(root, "failed"), ListStaging(root, "failed")
        plan = PlanFile(store, "failed")
        assert {each.unit.learner_id for _, units in planned_of(plan) for each in units} == {BOB, EVE}
        assert {each.learner_id for each in plan.to_fetch(0, 100)} == {BOB, EVE}
        publish(staging, plan, DAYS[1], at(5))
        write_coverage(staging, plan, DAYS[1], "failed")
        publish_lists(lists, DAYS[1])
        assert store.exists(coverage_file(DAYS[1], "failed"))
        assert anywhere(store, *ADAS) == set()

    def test_a_page_that_was_on_its_way_is_not_kept(self, store: Store, root: Any) -> None:
        forget(store, ADA, look=False)
        staging = Staging(root, "failed")
        one = Unit(SELF_PACED, ADA, KINDS[0])
        assert staging.progress(one).done
        kept = staging.add_page(one, Page(0, records(1), None), at(9), "run")
        staging.add_outcome(one, "failed", "why", at(9), "run")
        assert (kept.done, kept.outcome, kept.rows) == (True, FORGOTTEN, 0)
        stage(staging, unit(BOB))
        assert anywhere(store, *ADAS) == set()

    def test_a_list_that_has_the_learner_again_is_kept_without(self, store: Store, root: Any) -> None:
        forget(store, ADA, look=False)
        lists = ListStaging(root, "next")
        asked = COURSE_LEARNERS.of(SELF_PACED)
        items = [{"learnerId": each, "learnerName": NAMES[each]} for each in NAMES]
        lists.add_page(asked, page_of(asked, *items[:1], more=True), at(1), "run")
        assert lists.progress(asked).next_start_index == 1
        progress = lists.add_page(asked, page_of(asked, *items[1:], items[0], start=1), at(2), "run")
        assert (progress.done, progress.rows, progress.forgotten) == (True, 2, 2)
        assert anywhere(store, *ADAS) == set()

    def test_the_learner_may_be_asked_for_again_once_it_is_undone(self, store: Store, root: Any) -> None:
        forgetting = Forgetting([store], clock=now)
        forgetting.forget([ADA, BOB], look=False)
        assert forgetting.undo([ADA, EVE]) == 1
        staging = Staging(root, "failed")
        assert not staging.progress(Unit(SELF_PACED, ADA, KINDS[0])).done
        assert staging.progress(Unit(SELF_PACED, BOB, KINDS[0])).done


class TestWhileARunPublishes:
    def test_nothing_is_erased(self, store: Store) -> None:
        before = anywhere(store, *ADAS)
        with claimed(store, Side.RUN, "publish"), pytest.raises(Claimed, match="a run plans or publishes"):
            forget(store, ADA)
        assert anywhere(store, *ADAS) == before
        assert ADA not in Forgotten.read(store)


class TestWhileATaskFetches:
    """The task has looked who was forgotten, and has not written yet; the erasure begins and ends in between."""

    ONE = Unit(SELF_PACED, ADA, KINDS[0])

    def staging(self, root: Any, store: Store, at: str) -> Staging:
        staging = Staging(root, "meanwhile")
        staging.store = Hooked(root, at, lambda: forget(store, ADA, look=False))
        return staging

    @pytest.mark.parametrize(
        ("end", "written"), [(None, f"{ADA}.arrow"), (1, f"{ADA}.pages/000000000000.arrow")]
    )
    def test_nothing_stays_of_a_page(self, store: Store, root: Any, end: int | None, written: str) -> None:
        staging = self.staging(root, store, written)
        kept = staging.add_page(self.ONE, Page(0, records(1), end), at(9), "run")
        assert kept.outcome == FORGOTTEN
        assert anywhere(store, *ADAS) == set()

    @pytest.mark.parametrize(
        ("outcome", "written"), [("not_found", f"{ADA}.arrow"), ("failed", f"{ADA}.pages/failed.json")]
    )
    def test_nothing_stays_of_an_outcome(self, store: Store, root: Any, outcome: str, written: str) -> None:
        staging = self.staging(root, store, written)
        staging.add_outcome(self.ONE, outcome, "why", at(9), "run")
        assert ADA in Forgotten.read(store)
        assert anywhere(store, *ADAS) == set()


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory, populated: Path) -> int:
    """How many places there are at which a whole erasure could be killed."""
    return forget_up_to(shutil.copytree(populated, tmp_path_factory.mktemp("whole") / "out"), ADA)


@pytest.mark.component
@pytest.mark.parametrize(
    "where",
    [
        pytest.param(lambda steps: 1, id="before anything is known of it"),
        pytest.param(lambda steps: 2, id="once it is never asked for again"),
        pytest.param(lambda steps: 3, id="with the first file written and not in place"),
        pytest.param(lambda steps: steps // 2, id="half-way"),
        pytest.param(lambda steps: steps * 3 // 4, id="later"),
        pytest.param(lambda steps: steps - 1, id="near the end"),
    ],
)
def test_one_that_is_killed_is_done_by_doing_it_again(
    tmp_path: Path, populated: Path, steps: int, where: Callable[[int], int]
) -> None:
    store = Store(shutil.copytree(populated, tmp_path / "out"))
    before = others(store)

    assert killed_after(tmp_path / "out", ADA, after=where(steps)) == -signal.SIGKILL
    assert others(store) == before
    done = forget(store, ADA)

    assert done.is_sure
    assert anywhere(store, *ADAS) == set()
    assert others(store) == before
    assert ADA in Forgotten.read(store)
