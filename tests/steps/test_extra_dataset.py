"""A dataset that is read besides: who is asked for, what that may cost, and what is published."""

from __future__ import annotations

import json
from typing import Any

import pyarrow.parquet as pq
import pytest
from airflow.sdk.exceptions import AirflowSkipException

from tests.helpers.lists import refuse, stage_list
from tests.steps.world import CONN_ID, COURSES, LEARNERS, SPENT, World, connect, refusal
from zoho_people.endpoints.endpoint import Resource
from zoho_people.endpoints.learner_courses import LEARNER_COURSES
from zoho_people.planning.learner_share import LearnerShare, shares
from zoho_people.steps.extra_dataset import publish_extra, share_learners
from zoho_people.storage.layout import LEARNER_COURSES as DATASET

SHARE, READ, PUBLISH = "share_learner_courses", "read_learner_courses", "publish_learner_courses"
ONE = [{"number": 0, "of": 1}]


def share(world: World) -> list[dict[str, int]]:
    found: list[dict[str, int]] = world._run(SHARE, share_learners, conn_id=CONN_ID, dataset=DATASET)
    return found


def publish(world: World) -> None:
    world._run(PUBLISH, publish_extra, conn_id=CONN_ID, dataset=DATASET)


def courses_of(learner_id: str) -> Resource:
    return LEARNER_COURSES.of(learner_id=learner_id)


def rows(world: World) -> list[tuple[str, str]]:
    [path] = world.files(DATASET)
    return [(row["learner_id"], row["course_id"]) for row in pq.read_table(path).to_pylist()]


@pytest.fixture
def planned(world: World) -> World:
    world.plan()
    return world


class TestTheLearners:
    def test_are_those_of_the_plan_by_shares_that_name_nobody(self, planned: World) -> None:
        assert share(planned) == ONE
        assert not [
            learner for learner in LEARNERS if learner in json.dumps(planned.xcoms[SHARE, "return_value"])
        ]

    def test_are_booked(self, planned: World) -> None:
        share(planned)
        assert sum(planned.booked.values()) == len(LEARNERS)

    def test_are_nobody_without_a_plan(self, world: World) -> None:
        world.check()
        assert share(world) == []

    def test_are_nobody_in_a_dry_run(self, world: World) -> None:
        world.params["dry_run"] = True
        world.plan()
        assert share(world) == []

    def test_are_nobody_where_nothing_is_kept_of_learners(
        self, world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setenv("AIRFLOW__ZOHO_PEOPLE__LEARNERS_ROOT", "off")
        world.plan()
        assert share(world) == []
        assert "learner_courses is not read: the deployer wants nothing kept of learners" in caplog.text

    def test_are_nobody_where_the_day_has_too_few_requests_left_for_all(
        self, world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        connect(monkeypatch, world.server, daily_limit=20, reserve_percent=0)
        world.plan()
        world.hook.ledger.book("others", {world.request.snapshot_date: 19}, today=world.request.snapshot_date)
        assert share(world) == []
        assert "its 2 learners need a request each at the least, and 0 are left" in caplog.text


class TestTheShares:
    @pytest.mark.parametrize(("learners", "tasks"), [(0, 0), (1, 1), (25, 1), (26, 2), (10_000, 6)])
    def test_are_few(self, learners: int, tasks: int) -> None:
        assert len(shares(learners)) == tasks

    def test_have_each_learner_once(self) -> None:
        learners = [str(number) for number in range(1_000)]
        found = [sorted(each.among(learners)) for each in shares(len(learners))]
        assert sorted(each for share in found for each in share) == sorted(learners)
        assert min(map(len, found)) > 100

    def test_do_not_change_when_somebody_leaves(self) -> None:
        share, learners = LearnerShare(number=1, of=3), [str(number) for number in range(30)]
        before = list(share.among(learners))
        learners.remove(before[0])
        assert list(share.among(learners)) == before[1:]


class TestWhatIsPublished:
    def test_is_what_was_read_of_all_of_them(self, planned: World) -> None:
        share(planned)
        for learner in LEARNERS:
            stage_list(planned.lists, courses_of(learner), {"courseId": COURSES[0]})
        publish(planned)
        assert rows(planned) == [(learner, COURSES[0]) for learner in LEARNERS]
        assert planned.lists.complete(LEARNER_COURSES) == []
        [event] = planned.events.values()
        assert (event["rows"], event["learners"]) == (2, 2)

    def test_goes_without_a_learner_whom_zoho_refuses_to_tell_of(self, planned: World) -> None:
        share(planned)
        stage_list(planned.lists, courses_of(LEARNERS[0]), {"courseId": COURSES[0]})
        refuse(planned.lists, courses_of(LEARNERS[1]), "HTTP 404")
        publish(planned)
        assert rows(planned) == [(LEARNERS[0], COURSES[0])]

    def test_is_what_there_is_where_learners_were_not_read_and_says_how_to_complete_it(
        self, planned: World
    ) -> None:
        share(planned)
        stage_list(planned.lists, courses_of(LEARNERS[0]), {"courseId": COURSES[0]})
        why = refusal(lambda: publish(planned))
        assert why.startswith("learner_courses of 1 learner could not be read; clear read_learner_courses")
        assert rows(planned) == [(LEARNERS[0], COURSES[0])]
        assert planned.events == {}
        stage_list(planned.lists, courses_of(LEARNERS[1]), {"courseId": COURSES[0]})
        publish(planned)
        assert rows(planned) == [(learner, COURSES[0]) for learner in LEARNERS]

    def test_is_nothing_where_nobody_was_to_be_asked_for(self, planned: World) -> None:
        planned.xcoms[SHARE, "return_value"] = []
        with pytest.raises(AirflowSkipException, match="the log of share_learner_courses says why"):
            publish(planned)
        assert planned.files(DATASET) == []

    def test_counts_for_the_day_with_all_else_that_the_run_sent(self, planned: World) -> None:
        today = planned.request.snapshot_date.isoformat()
        spent: dict[str, Any] = {**SPENT, "by_day": {today: 2}}
        planned.counted("fetch", spent)
        share(planned)
        planned.counted(READ, {**spent, "lists": 1}, {**spent, "lists": 1})
        for learner in LEARNERS:
            stage_list(planned.lists, courses_of(learner), {"courseId": COURSES[0]})
        publish(planned)
        assert sum(planned.booked.values()) == 6

    def test_of_a_damaged_file_is_told_and_the_file_left(self, planned: World) -> None:
        share(planned)
        stage_list(planned.lists, courses_of(LEARNERS[0]), {"courseId": COURSES[0]})
        path = planned.root / courses_of(LEARNERS[0]).file(planned.request.snapshot_date)
        path.parent.mkdir(parents=True)
        path.write_bytes(b"damaged")
        assert "could not be merged" in refusal(lambda: publish(planned))
        assert path.read_bytes() == b"damaged"
