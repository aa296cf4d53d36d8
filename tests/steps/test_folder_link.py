from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tests.helpers.fakes import Variables
from tests.helpers.in_a_task import in_a_task
from zoho_people.steps.folder_link import FolderLink, folder_url

AMAZONS: Any = SimpleNamespace(endpoint_url=None, client_kwargs={})


@pytest.mark.parametrize(
    ("output_path", "url"),
    [
        (
            "s3://aws_default@bucket/zoho/eu",
            "https://console.aws.amazon.com/s3/buckets/bucket?prefix=zoho/eu/learner_progress/",
        ),
        ("s3://bucket", "https://console.aws.amazon.com/s3/buckets/bucket?prefix=learner_progress/"),
        (
            "gs://bucket/Schulung 1",
            "https://console.cloud.google.com/storage/browser/bucket/Schulung%201/learner_progress",
        ),
        ("gcs://bucket", "https://console.cloud.google.com/storage/browser/bucket/learner_progress"),
        ("abfs://container/zoho", ""),
        ("/data/zoho", ""),
    ],
)
def test_a_folder_opens_in_the_console_of_its_store_where_that_follows_from_the_path(
    output_path: str, url: str
) -> None:
    assert folder_url(output_path, AMAZONS) == url


@pytest.mark.parametrize(
    "file_system",
    [
        SimpleNamespace(endpoint_url="http://minio:9000", client_kwargs={}),
        SimpleNamespace(endpoint_url=None, client_kwargs={"endpoint_url": "http://minio:9000"}),
    ],
)
def test_a_store_that_only_speaks_s3_has_no_link_to_amazon(file_system: Any) -> None:
    assert folder_url("s3://bucket/zoho", file_system) == ""


@pytest.mark.parametrize(
    ("published", "url"), [({"folder_url": "https://x"}, "https://x"), ({"folder_url": ""}, ""), (None, "")]
)
def test_the_link_is_what_the_task_noted(published: dict[str, Any] | None, url: str) -> None:
    key = SimpleNamespace(dag_id="a_dag", run_id="a_run", task_id="publish", map_index=-1)
    with in_a_task(Variables(), {("publish", "published"): published}):
        assert FolderLink().get_link(SimpleNamespace(), ti_key=key) == url  # type: ignore[arg-type]
