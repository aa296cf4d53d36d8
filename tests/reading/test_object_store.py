"""The questions on a server that speaks S3, by s3fs and credentials that are handed in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import s3fs
from moto.server import ThreadedMotoServer

from tests.helpers.published_days import DAYS
from zoho_people.reading import progress
from zoho_people.reading.dataset import Dataset
from zoho_people.reading.errors import NoDataset, UnreadableFile
from zoho_people.reading.opened import OpenDataset

pytestmark = pytest.mark.component

URL = "s3://bucket/zoho"


@pytest.fixture(scope="module")
def options() -> Iterator[dict[str, Any]]:
    """What fsspec needs to reach a server of its own."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield {
        "key": "key",
        "secret": "secret",
        "endpoint_url": f"http://{host}:{port}",
        "client_kwargs": {"region_name": "eu-west-1"},
        "skip_instance_cache": True,
    }
    server.stop()


@pytest.fixture(scope="module")
def store(options: dict[str, Any], published: Path) -> s3fs.S3FileSystem:
    """The server, with the days below :data:`URL`."""
    store = s3fs.S3FileSystem(**options)
    store.mkdir("bucket")
    store.put(f"{published}/", f"{URL}/", recursive=True)
    return store


def test_a_bucket_answers_as_a_folder_does(
    store: s3fs.S3FileSystem, options: dict[str, Any], opened: OpenDataset
) -> None:
    dataset = Dataset.at(URL, storage_options=options)
    assert dataset.snapshots() == list(reversed(DAYS))
    with dataset.open(threads=1) as there:
        for question in ("evidence", "completion_over_time", "completed_since"):
            assert there.run(question).equals(opened.run(question)), question


def test_a_data_frame_comes_out_of_a_bucket(
    store: s3fs.S3FileSystem, options: dict[str, Any], published: Path
) -> None:
    there = progress(URL, DAYS[0], entity_types="links", storage_options=options)
    assert len(there)
    assert there.equals(progress(published, DAYS[0], entity_types="links"))


def test_what_is_wrong_in_a_bucket_is_told(store: s3fs.S3FileSystem, options: dict[str, Any]) -> None:
    with pytest.raises(NoDataset):
        progress("s3://bucket/nothing", storage_options=options)
    victim = sorted(store.find(f"{URL}/learner_progress"))[0]
    whole = store.cat_file(victim)
    store.pipe_file(victim, b"no parquet")
    with pytest.raises(UnreadableFile) as told:
        progress(URL, DAYS[0], storage_options=options)
    store.pipe_file(victim, whole)
    assert told.value.path == victim.removeprefix("bucket/zoho/")
