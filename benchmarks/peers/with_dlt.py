"""dlt's `rest_api` source into Parquet files: `python with_dlt.py TASK.json`.

Written so, by dlt's documentation:

- A page of units feeds a dependent resource (`{resources.units.…}`, `include_from_parent`). Dependent resources
  are read one after the other: `parallelized` stays off, which is the default and the gentlest setting.
- `OffsetPaginator` goes on by a fixed limit, but Zoho's pages may be shorter than 25 records while more follow: it
  would leave records out. So a paginator of its own goes on by what was received, `has_more_path` ends it.
- Retries: dlt's client retries 429 and 5xx by itself; a `retry_condition` knows Zoho's lock by its body, and the
  backoff is the length of the lock.
- Token: the documented subclass of `OAuth2ClientCredentials`, for Zoho's grant and header.
- `write_disposition="replace"`: with Parquet files on a filesystem `merge` falls back to `append` and would double
  every row; merging needs Delta or Iceberg tables instead of plain Parquet.
- dlt has no setting for requests per minute. With `"paced": true` its session gets the adapter of
  requests-ratelimiter with the SQLite bucket that survives a restart, as a user would add who knows the limit.
- Parquet: `loader_file_format`; types of columns are given, so that none is guessed from the first rows.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import dlt
from dlt.common.configuration.specs import configspec
from dlt.destinations import filesystem
from dlt.sources.helpers.requests import Client
from dlt.sources.helpers.rest_client.auth import OAuth2ClientCredentials
from dlt.sources.helpers.rest_client.paginators import RangePaginator
from dlt.sources.rest_api import rest_api_source
from rows import is_locked, path, row

COLUMNS = {
    "entity_name": {"data_type": "text"},
    "status": {"data_type": "text"},
    "user_mark": {"data_type": "double"},
}


class ReceivedPaginator(RangePaginator):
    """Goes on by the number of records received."""

    def __init__(self) -> None:
        super().__init__(
            param_name="startIndex", initial_value=0, value_step=0, has_more_path="hasMoreRecords"
        )

    def update_state(self, response: Any, data: list[Any] | None = None) -> None:
        self.value_step = len(data or [])
        super().update_state(response, data)


@configspec
class ZohoAuth(OAuth2ClientCredentials):
    """Zoho's refresh token, and its own word for `Bearer`."""

    def build_access_token_request(self) -> dict[str, Any]:
        request = super().build_access_token_request()
        request["data"]["grant_type"] = "refresh_token"
        return request

    def __call__(self, request: Any) -> Any:
        request = super().__call__(request)
        request.headers["Authorization"] = f"Zoho-oauthtoken {self.access_token}"
        return request


def locked(response: Any, error: BaseException | None) -> bool:
    """Whether to ask again: dlt's client calls this after every answer."""
    try:
        return response is not None and is_locked(response.json())
    except ValueError:
        return False


def session(task: dict[str, Any]) -> Any:
    """dlt's session, which waits out a lock; paced when the task says so."""
    wait_s = task["lock_seconds"] + 1
    client = Client(
        raise_for_status=False,
        request_max_attempts=10,
        request_backoff_factor=wait_s,
        request_max_retry_delay=wait_s,
        retry_condition=locked,
    )
    if task["paced"]:
        from pyrate_limiter import Limiter, Rate, SQLiteBucket
        from requests_ratelimiter import HostBucketFactory, LimiterAdapter

        rate = Rate(task["threshold"], int(task["window_seconds"] * 1000))
        buckets = HostBucketFactory(
            rates=[rate],
            bucket_class=SQLiteBucket,
            bucket_init_kwargs={"path": str(Path(task["state"]) / "requests.db")},
        )
        client.session.mount("http://", LimiterAdapter(limiter=Limiter(buckets, buffer_ms=50)))
    return client.session


def as_row(record: dict[str, Any]) -> dict[str, Any]:
    """The row of a record, which has its unit with it."""
    unit = {name: record.pop(f"_units_{name}") for name in ("course_id", "learner_id", "entity_type")}
    return row(unit, record)


def main(task: dict[str, Any]) -> None:
    Path(task["state"]).mkdir(parents=True, exist_ok=True)
    template = {name: f"{{resources.units.{name}}}" for name in ("course_id", "learner_id", "entity_type")}
    auth = ZohoAuth(
        access_token_url=f"{task['url']}/oauth/v2/token",
        client_id=task["client_id"],
        client_secret=task["client_secret"],
        access_token_request_data={"refresh_token": task["refresh_token"]},
    )
    source = rest_api_source(
        {
            "client": {"base_url": task["url"], "auth": auth, "session": session(task)},
            "resources": [
                dlt.resource([task["units"]], name="units", selected=False),
                {
                    "name": "progress",
                    "write_disposition": "replace",
                    "columns": COLUMNS,
                    "include_from_parent": list(template),
                    "processing_steps": [{"map": as_row}],
                    "endpoint": {
                        "path": path(template),
                        "params": {"entityType": template["entity_type"]},
                        "data_selector": "learnerProgress",
                        "paginator": ReceivedPaginator(),
                    },
                },
            ],
        }
    )
    pipeline = dlt.pipeline(
        pipeline_name="learner_progress",
        pipelines_dir=task["state"],
        destination=filesystem(bucket_url=Path(task["output"]).as_uri()),
        dataset_name="zoho",
    )
    print(pipeline.run(source, loader_file_format="parquet"))


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text()))
