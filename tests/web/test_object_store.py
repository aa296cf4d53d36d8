"""The page over a server that speaks S3."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import s3fs
from airflow.sdk.io import attach
from airflow.sdk.io import store as attached
from moto.server import ThreadedMotoServer

from tests.web.house import Background, House, house_of, progress_dag
from zoho_people.web.keeper import Keeper

pytestmark = pytest.mark.component

BUCKET = "bucket-of-the-page"
"""The servers of one process share their buckets."""

URL = f"s3://aws_of_the_page@{BUCKET}/zoho"
ANSWERS = ("snapshots", "options", "overview", "behind")


@pytest.fixture(scope="module")
def bucket(published: Path) -> Iterator[s3fs.S3FileSystem]:
    """The server, with the published days below :data:`URL`, reached by a connection of Airflow's."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    store = s3fs.S3FileSystem(
        key="key",
        secret="secret",
        endpoint_url=f"http://{host}:{port}",
        client_kwargs={"region_name": "eu-west-1"},
        skip_instance_cache=True,
    )
    store.mkdir(BUCKET)
    store.put(f"{published}/", f"{BUCKET}/zoho/", recursive=True)
    attach("s3", "aws_of_the_page", fs=store)
    yield store
    attached._STORE_CACHE.pop("s3-aws_of_the_page")
    server.stop()


def test_it_shows_of_a_bucket_what_it_shows_of_a_folder(
    bucket: s3fs.S3FileSystem, house: House, tmp_path: Path
) -> None:
    there = house_of(progress_dag("zoho_eu", URL))
    with (
        closing(Keeper(tmp_path / "of-the-bucket", in_background=Background())) as there.keeper,
        closing(Keeper(tmp_path / "of-the-folder", in_background=Background())) as house.keeper,
    ):
        # A keeper that other tests share has counted more days, or counts when the server is gone.
        for name in ANSWERS:
            told, expected = (each.client("hr").get(f"/api/{name}") for each in (there, house))
            assert told.status_code == 200, told.text
            assert _without_marks(told.json()) == _without_marks(expected.json()), name


def _without_marks(answer: dict[str, object]) -> dict[str, object]:
    """*answer* without what tells files apart: those of a folder are never those of a bucket."""
    return {name: value for name, value in answer.items() if name not in ("files_fingerprint", "output_path")}
