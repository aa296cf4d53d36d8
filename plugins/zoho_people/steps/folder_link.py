"""Where a browser shows the folder that a run wrote to: a link beside the task ``publish``."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from airflow.sdk import BaseOperator, BaseOperatorLink

from zoho_people.model.run_tasks import PUBLISHED_KEY
from zoho_people.shared.airflow_internals import xcom_of
from zoho_people.storage.layout import PROGRESS
from zoho_people.storage.location import Location


class FolderLink(BaseOperatorLink):
    """The folder of what a run wrote, in the console of its object store; empty where it has none."""

    name = "Folder"

    def get_link(self, operator: BaseOperator, *, ti_key: Any) -> str:
        """As the task noted it in its XCom; nothing before it has published."""
        published = xcom_of(ti_key, PUBLISHED_KEY)
        return str(published["folder_url"]) if published else ""


def folder_url(output_path: str, file_system: Any) -> str:
    """The address of the dataset below *output_path* in the console of its object store; empty where it has none.

    Amazon's and Google's follow from bucket and folder. Azure's needs subscription, resource group and account,
    which no path has. A local path is on the workers' disks, which a browser can't open: the asset's URI says it.
    An S3 *file_system* with an endpoint of its own is not Amazon's.
    """
    place = Location.parse(output_path)
    folder = quote("/".join((*place.parts, PROGRESS)))
    if place.protocol in ("gs", "gcs"):
        return f"https://console.cloud.google.com/storage/browser/{place.bucket}/{folder}"
    if place.protocol == "s3" and not _has_own_endpoint(file_system):
        return f"https://console.aws.amazon.com/s3/buckets/{place.bucket}?prefix={folder}/"
    return ""


def _has_own_endpoint(file_system: Any) -> bool:
    options = getattr(file_system, "client_kwargs", None) or {}
    return bool(getattr(file_system, "endpoint_url", None) or options.get("endpoint_url"))
