"""A run whose deployer wants less of learners kept: names elsewhere or nowhere, pseudonyms for ids."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.helpers.hooked import Hooked
from tests.helpers.kept_text import kept_text
from tests.helpers.lists import COURSE_LIST, course_item, stage_list
from tests.steps.world import COURSES, LEARNERS, World, item, refusal
from zoho_people.endpoints.course_learners import COURSE_LEARNERS
from zoho_people.erasing.forgetting import Forgetting
from zoho_people.model.pseudonyms import Pseudonyms
from zoho_people.model.unit import Course
from zoho_people.staging.list_pages import ListStaging
from zoho_people.storage.key_note import NOTE
from zoho_people.storage.layout import staged_rosters_folder
from zoho_people.storage.store import Store

SECRET = "0123456789abcdef0123456789abcdef"
KEY = Pseudonyms(SECRET)
NAMES = [KEY.of(learner) for learner in LEARNERS]
OTHER_SECRET = "another secret of enough letters"


class Deployer:
    """Sets options of ``[zoho_people]``, and the key."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._patch = patch

    def sets(self, **options: str) -> None:
        for name, value in options.items():
            self._patch.setenv(f"AIRFLOW__ZOHO_PEOPLE__{name.upper()}", value)

    def wants_pseudonyms(self, secret: str = SECRET) -> None:
        self.sets(pseudonym_conn_id="key")
        self._patch.setenv("AIRFLOW_CONN_KEY", json.dumps({"conn_type": "generic", "password": secret}))


@pytest.fixture
def deployer(monkeypatch: pytest.MonkeyPatch) -> Deployer:
    return Deployer(monkeypatch)


@pytest.fixture
def people(tmp_path: Path) -> Path:
    return tmp_path / "people"


@pytest.fixture
def world(world: World) -> World:
    world.params["entity_types"] = ["files"]
    return world


def staged_names(lists: ListStaging) -> list[str]:
    return lists.store.names(staged_rosters_folder(lists.key))


def lists_below(root: Path, world: World) -> ListStaging:
    return ListStaging(str(root), world.staging.key)


def stage(lists: ListStaging, *learners: Any) -> None:
    """Lists, already read: course 5 and its *learners*."""
    stage_list(lists, COURSE_LIST, course_item("5"))
    lists.choose([Course("5")])
    stage_list(lists, COURSE_LEARNERS.of(Course("5")), *learners)


def fetch_all(world: World, items: list[dict[str, Any]]) -> None:
    for each in items:
        world.fetch(each, 1)


class TestNamesWithARootOfTheirOwn:
    @pytest.fixture(autouse=True)
    def root(self, deployer: Deployer, people: Path) -> None:
        deployer.sets(learners_root=str(people))

    @pytest.fixture
    def published(self, world: World, people: Path) -> World:
        world.params |= {"courses": [], "learner_ids": []}
        world.check()
        stage(lists_below(people, world), {"learnerId": "11", "learnerName": "Ada Example"})
        fetch_all(world, world.plan())
        world.publish()
        return world

    def test_are_published_there_and_the_rest_below_the_output_path(
        self, published: World, people: Path
    ) -> None:
        [file] = (people / "learners").rglob("*.parquet")
        assert pq.ParquetFile(file).read()["learner_name"].to_pylist() == ["Ada Example"]
        assert [row["learner_id"] for row in published.coverage] == ["11"]
        assert published.files("courses")
        assert not published.files("learners")
        assert not (published.root / "_staging" / published.staging.key / "rosters").exists()

    def test_are_not_published_there_of_who_was_forgotten_there_alone(
        self, world: World, people: Path
    ) -> None:
        world.params |= {"courses": [], "learner_ids": []}
        world.check()
        lists = lists_below(people, world)
        forgetting = Forgetting([Store(str(people))], clock=lambda: datetime.now(UTC))
        lists.store = Hooked(str(people), "/course-5.arrow", lambda: forgetting.forget(["11"]))
        stage(lists, *({"learnerId": each, "learnerName": "A name"} for each in ("11", "12")))
        assert [each["learner_id"] for each in world.plan()] == ["12"]
        assert lists.table(COURSE_LEARNERS.of(Course("5")))["id"].to_pylist() == ["12"]

    def test_leave_the_lists_when_the_run_is_complete(self, published: World, people: Path) -> None:
        roster = COURSE_LEARNERS.of(Course("5"))
        assert "Ada Example" in str(list(lists_below(people, published).records(roster)))
        published.report()
        assert [each.record for each in lists_below(people, published).records(roster)] == [{}]

    def test_are_removed_when_the_run_is_checked_once_more(self, published: World, people: Path) -> None:
        published.check()
        assert not staged_names(lists_below(people, published))

    def test_are_removed_after_a_dry_run(self, world: World, people: Path) -> None:
        world.params |= {"courses": [], "learner_ids": [], "dry_run": True}
        world.check()
        stage(lists_below(people, world), "11")
        world.plan()
        with pytest.raises(Exception, match="a dry run publishes nothing"):
            world.publish()
        assert not staged_names(lists_below(people, world))

    def test_are_kept_as_long_as_learners_are(
        self, world: World, deployer: Deployer, people: Path, published: World
    ) -> None:
        old = people / "learners/snapshot_date=2020-01-01/course-5.parquet"
        old.parent.mkdir()
        old.write_bytes(b"")
        deployer.sets(retention_days="learners=30")
        world.publish()
        assert not old.exists()
        assert len(list((people / "learners").rglob("*.parquet"))) == 1

    def test_are_refused_where_nothing_can_be_written(
        self, world: World, deployer: Deployer, tmp_path: Path
    ) -> None:
        (tmp_path / "file").write_text("")
        deployer.sets(learners_root=f"{tmp_path}/file/people")
        why = world.refused_check()
        assert why.startswith("[zoho_people] learners_root '/")
        assert "can't be written to (NotADirectoryError)" in why
        deployer.sets(learners_root="people")
        assert "learners_root 'people' is relative" in world.refused_check()
        assert not world.server.received

    def test_go_where_they_went_when_the_run_was_checked(self, world: World, deployer: Deployer) -> None:
        fetch_all(world, world.plan())
        deployer.sets(learners_root="")
        for step in (world.plan, world.publish):
            assert "[zoho_people] learners_root is not what it was where the run was checked" in refusal(step)


class TestNamesOff:
    def test_leave_no_learners_behind(self, world: World, deployer: Deployer) -> None:
        deployer.sets(learners_root="off")
        world.ask_for_everybody(c5=["11"])
        fetch_all(world, world.plan())
        world.publish()
        assert world.files("courses")
        assert not world.files("learners")
        assert [row["learner_id"] for row in world.coverage] == ["11"]


class TestPseudonyms:
    @pytest.fixture(autouse=True)
    def key(self, deployer: Deployer) -> None:
        deployer.wants_pseudonyms()

    def test_stand_for_named_learners_in_all_that_tasks_tell_each_other(self, world: World) -> None:
        world.params["learner_ids"] = [*LEARNERS, NAMES[0]]
        items = world.plan()
        assert items == [item(name) for name in sorted(NAMES)]
        assert world.request.learner_ids == tuple(NAMES)
        fetch_all(world, items)
        world.publish()
        world.report()
        told = json.dumps([list(map(str, world.xcoms)), list(world.xcoms.values())]) + kept_text(world.root)
        assert NAMES[0] in told
        assert not [text for text in (*LEARNERS, SECRET) if text in told]

    def test_stand_for_those_of_a_roster_file(self, world: World) -> None:
        world.ask_by_file("course_id,learner_id\n" + "".join(f"5,{learner}\n" for learner in LEARNERS))
        assert [each["learner_id"] for each in world.plan()] == sorted(NAMES)

    def test_are_made_of_no_ids_that_a_spreadsheet_rounded(self, world: World) -> None:
        world.params["learner_ids"] = ["100002000000041000", "100002000000042000", "100002000000043000"]
        assert "a spreadsheet has rounded them" in world.refused_check()

    def test_take_no_data_that_was_written_without(self, world: World, deployer: Deployer) -> None:
        deployer.sets(pseudonym_conn_id="")
        fetch_all(world, world.plan())
        world.publish()
        world.begin_run("with pseudonyms")
        deployer.wants_pseudonyms()
        sent = len(world.server.received)
        why = world.refused_check()
        assert (
            f"the data in {world.root} was written without pseudonyms, and this run would write with" in why
        )
        assert "choose another path for it" in why
        assert len(world.server.received) == sent

    @pytest.mark.parametrize("secret", ["", OTHER_SECRET])
    def test_are_of_one_key_for_ever(self, world: World, deployer: Deployer, secret: str) -> None:
        fetch_all(world, world.plan())
        world.publish()
        world.begin_run("the next day's")
        world.check()
        if secret:
            deployer.wants_pseudonyms(secret)
        else:
            deployer.sets(pseudonym_conn_id="")
        world.begin_run("another")
        assert f"was written with pseudonyms of the key {KEY.key_fingerprint}" in world.refused_check()

    def test_of_two_runs_that_began_together_only_one_key_is_published(
        self, world: World, deployer: Deployer
    ) -> None:
        """Both found an empty path."""
        fetch_all(world, world.plan())
        xcoms, run_id = world.xcoms, world.run_id
        deployer.sets(pseudonym_conn_id="")
        world.begin_run("without")
        fetch_all(world, world.plan())
        world.publish()
        before = world.files("learner_progress")
        deployer.wants_pseudonyms()
        world.begin_run(run_id)
        world.xcoms = xcoms
        assert "was written without pseudonyms" in refusal(world.publish)
        assert world.files("learner_progress") == before
        assert not (world.root / NOTE).exists()
        assert len(world.files("coverage")) == 1

    @pytest.mark.parametrize("secret", ["", OTHER_SECRET])
    def test_do_not_change_within_a_run(self, world: World, deployer: Deployer, secret: str) -> None:
        fetch_all(world, world.plan())
        deployer.wants_pseudonyms(secret) if secret else deployer.sets(pseudonym_conn_id="")
        for step in (world.plan, world.publish):
            assert "[zoho_people] pseudonym_conn_id is not what it was" in refusal(step)
        assert not world.files("learner_progress")

    @pytest.mark.parametrize("secret", ["", "short"])
    def test_need_a_good_key(self, world: World, deployer: Deployer, secret: str) -> None:
        deployer.wants_pseudonyms(secret)
        why = world.refused_check()
        assert f"the password of the connection 'key' has {len(secret)} characters" in why
        assert not world.server.received

    def test_under_another_key_name_nobody(self, world: World, deployer: Deployer) -> None:
        world.params["learner_ids"] = [Pseudonyms(OTHER_SECRET).of(LEARNERS[0])]
        assert "is no pseudonym of this key" in world.refused_check()
        deployer.sets(pseudonym_conn_id="")
        assert "is a pseudonym, and [zoho_people] pseudonym_conn_id is empty" in world.refused_check()
        assert not world.server.received

    def test_of_the_next_run_are_those_whose_rows_are_carried_forward(self, world: World) -> None:
        def run(run_id: str, *learners: Any) -> list[dict[str, Any]]:
            world.begin_run(run_id)
            world.params |= {"courses": [], "learner_ids": []}
            world.check()
            stage(world.lists, *learners)
            items = world.plan()
            fetch_all(world, items)
            world.publish()
            return items

        items = run("first", *NAMES)
        assert [each["learner_id"] for each in items] == sorted(NAMES)
        [again] = run("second", NAMES[0], {"learnerId": NAMES[1], "changed": datetime.now(UTC).isoformat()})
        assert again["learner_id"] == NAMES[1]
        rows = {row["learner_id"]: row["outcome"] for row in world.coverage}
        assert rows == {NAMES[0]: "carried_forward", NAMES[1]: "fetched"}


def test_where_nothing_is_set_nothing_is_noted(world: World) -> None:
    fetch_all(world, world.plan())
    world.publish()
    assert world.request.privacy == {}
    assert not (world.root / NOTE).exists()
    assert [row["learner_id"] for row in world.coverage] == LEARNERS
    assert [row["course_id"] for row in world.coverage][:1] == COURSES
