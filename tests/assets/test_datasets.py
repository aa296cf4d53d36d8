from __future__ import annotations

import pytest
from airflow.sdk import Asset, AssetAlias

from zoho_people.assets.datasets import DATASETS, dataset_alias, dataset_asset, dataset_uri, outlets_of
from zoho_people.storage.layout import COVERAGE, LEARNERS


@pytest.mark.parametrize(
    ("output_path", "uri"),
    [
        ("/data/zoho", "file:///data/zoho/learner_progress"),
        ("/data//x/../zoho/", "file:///data/zoho/learner_progress"),
        ("file:///data/zoho", "file:///data/zoho/learner_progress"),
        ("/", "file:///learner_progress"),
        ("/data/Schulung Größe", "file:///data/Schulung%20Gr%C3%B6%C3%9Fe/learner_progress"),
        ("s3://bucket/zoho", "s3://bucket/zoho/learner_progress"),
        ("s3://aws_default@bucket/zoho/", "s3://bucket/zoho/learner_progress"),
        ("s3://other@bucket/zoho", "s3://bucket/zoho/learner_progress"),
        ("gcs://bucket/zoho", "gs://bucket/zoho/learner_progress"),
        ("abfss://container/zoho", "abfs://container/zoho/learner_progress"),
        ("S3://bucket", "s3://bucket/learner_progress"),
    ],
)
def test_the_same_files_have_one_uri_without_a_connection(output_path: str, uri: str) -> None:
    assert dataset_uri(output_path) == uri
    asset = dataset_asset(output_path)
    assert (asset.name, asset.uri) == (uri, uri)


def test_two_output_paths_share_no_asset() -> None:
    paths = ["/data/eu", "/data/us", "s3://eu/zoho", "s3://us/zoho", "gs://eu/zoho"]
    uris = {dataset_uri(path, dataset) for path in paths for dataset in DATASETS}
    assert len(uris) == len(paths) * len(DATASETS)


def test_two_dags_share_no_alias() -> None:
    told = [str(outlet.name) for dag_id in ("zoho_eu", "zoho_us") for outlet in outlets_of(dag_id)]
    assert len(set(told)) == len(told)


def test_the_asset_of_before_is_told_of_beside_the_datasets() -> None:
    assert outlets_of("zoho_learner_progress") == [
        Asset("zoho_learner_progress"),
        AssetAlias("zoho_learner_progress.learner_progress"),
        AssetAlias("zoho_learner_progress.coverage"),
        AssetAlias("zoho_learner_progress.courses"),
        AssetAlias("zoho_learner_progress.learners"),
    ]
    assert dataset_alias("zoho_eu", COVERAGE) == AssetAlias("zoho_eu.coverage")


@pytest.mark.parametrize("dataset", ["progress", "_state", ""])
def test_a_dataset_that_there_is_not_is_refused_by_name(dataset: str) -> None:
    with pytest.raises(ValueError, match=f"dataset '{dataset}' is unknown; use one of: learner_progress, "):
        dataset_asset("/data", dataset)


@pytest.mark.parametrize("path", ["data/zoho", "{{ var.value.output }}", "s3://key:secret@bucket/zoho"])
def test_a_path_that_can_be_no_output_path_is_refused_without_its_secrets(path: str) -> None:
    with pytest.raises(ValueError, match="write") as error:
        dataset_asset(path, LEARNERS)
    assert "secret" not in str(error.value)
