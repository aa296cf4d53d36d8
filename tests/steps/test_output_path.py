from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk import ObjectStoragePath
from airflow.sdk.exceptions import AirflowFailException
from airflow.sdk.io import attach
from airflow.sdk.io import store as attached
from fsspec.implementations.memory import MemoryFileSystem

from tests.helpers.watching import calls_of
from tests.steps.world import CONN_ID, STEPS_LOGGER, World
from zoho_people.staging.run_marker import MARKER
from zoho_people.steps.output_path import (
    AMPLE_FREE_BYTES,
    LEAST_FREE_BYTES,
    free_on_disk,
    refuse_full_disk,
)
from zoho_people.steps.plan import plan_units
from zoho_people.steps.request import InvalidRequest
from zoho_people.storage.store import Store

PREFIX = "bucket/team/zoho"


class PrefixOnly(MemoryFileSystem):  # type: ignore[misc]
    """An object store whose policy allows to read, write, delete and list below a prefix, and nothing else."""

    protocol = "s3"
    cachable = False
    store: dict[str, Any] = {}  # noqa: RUF012 (as fsspec's own)
    pseudo_dirs = [""]  # noqa: RUF012

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.refused: list[str] = []
        self.may_delete = True

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return "/" + path.removeprefix("s3://").strip("/")

    def _allow(self, what: str, path: str) -> None:
        if not path.strip("/").startswith(f"{PREFIX}/"):
            self.refused.append(f"{what} {path}")
            raise PermissionError(f"{what} is not allowed at {path}")

    def ls(self, path: str, detail: bool = True, **options: Any) -> Any:
        self._allow("ListBucket", path)
        return super().ls(path, detail=detail, **options)

    def info(self, path: str, **options: Any) -> Any:
        self._allow("HeadObject", path)
        return super().info(path, **options)

    def isfile(self, path: str) -> bool:
        """Asked by the file system in memory itself, of the folders above a file; older ones ask :meth:`info`."""
        return self._strip_protocol(path) in self.store

    def mkdir(self, path: str, create_parents: bool = True, **options: Any) -> None:
        self.refused.append(f"CreateBucket {path}")
        raise PermissionError("CreateBucket is not allowed")

    def makedirs(self, path: str, exist_ok: bool = False) -> None:
        self.mkdir(path)

    def put_file(self, lpath: str, rpath: str, **options: Any) -> None:
        self._allow("PutObject", rpath)
        self.pipe_file(rpath, Path(lpath).read_bytes())

    def rm_file(self, path: str) -> None:
        self._allow("DeleteObject", path if self.may_delete else "/")
        del self.store[self._strip_protocol(path)]


@pytest.fixture
def bucket(world: World) -> Iterator[PrefixOnly]:
    fs = PrefixOnly()
    attach("s3", "aws_narrow", fs=fs)
    world.allow(f"s3://aws_narrow@{PREFIX}")
    world.params["output_path"] = f"s3://aws_narrow@{PREFIX}"
    yield fs
    attached._STORE_CACHE.pop("s3-aws_narrow")
    fs.store.clear()


def test_a_check_needs_no_right_but_those_below_the_output_path(world: World, bucket: PrefixOnly) -> None:
    world.check()
    assert bucket.refused == []
    assert {path.rpartition("/")[2] for path in bucket.store} == {"origin.json", MARKER}


def test_a_check_without_the_right_to_delete_is_refused(world: World, bucket: PrefixOnly) -> None:
    bucket.may_delete = False
    assert "can't be written to (PermissionError)" in world.refused_check()


class TestTheDisk:
    @staticmethod
    def store(world: World) -> Store:
        return Store(ObjectStoragePath(str(world.root)))

    def test_that_is_nearly_full_takes_no_run(self, world: World) -> None:
        with pytest.raises(InvalidRequest) as error:
            refuse_full_disk(self.store(world), "/data", free_bytes=lambda folder: LEAST_FREE_BYTES - 1)
        assert str(error.value) == (
            "output_path '/data' has 128 MiB free, and a run needs at least 128 MiB; make room, or choose another "
            "output_path"
        )

    def test_that_is_scarce_is_told(self, world: World, caplog: pytest.LogCaptureFixture) -> None:
        with caplog.at_level(logging.WARNING, logger=STEPS_LOGGER):
            refuse_full_disk(self.store(world), "/data", free_bytes=lambda folder: AMPLE_FREE_BYTES - 1)
        assert "Only 1.0 GiB are free at /data" in caplog.text

    def test_with_room_is_not_worth_a_word(self, world: World, caplog: pytest.LogCaptureFixture) -> None:
        folders: list[str] = []
        refuse_full_disk(
            self.store(world), "/data", free_bytes=lambda folder: folders.append(folder) or AMPLE_FREE_BYTES
        )
        assert folders == [str(world.root)]
        assert caplog.text == ""

    def test_of_an_object_store_is_not_looked_at(self) -> None:
        refuse_full_disk(Store("memory://full"), "s3://bucket", free_bytes=lambda folder: 0)

    def test_is_looked_at_by_the_check(self, world: World) -> None:
        with calls_of(free_on_disk) as looked:
            world.check()
        assert [by["folder"] for _, by in looked] == [str(world.root)]


class TestAnOutputPathThatAnotherWorkerDoesNotSee:
    WORDS = "the output path is not shared by all workers"

    @pytest.fixture
    def elsewhere(self, world: World) -> World:
        """The run was checked on another worker, whose disk is not this one."""
        world.check()
        world.staging.remove()
        return world

    def test_is_found_by_the_plan(self, elsewhere: World) -> None:
        with pytest.raises(AirflowFailException, match=self.WORDS):
            elsewhere.plan()

    def test_is_found_by_publishing(self, elsewhere: World) -> None:
        with pytest.raises(AirflowFailException, match=self.WORDS):
            elsewhere.publish()

    def test_is_no_question_in_an_object_store(self, world: World, bucket: PrefixOnly) -> None:
        world.check()
        bucket.store.clear()
        items = plan_units(world.context("plan"), conn_id=CONN_ID)
        assert len(items) == 20
        assert bucket.refused == []
