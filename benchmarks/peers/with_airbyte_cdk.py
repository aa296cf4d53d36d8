"""airbyte-cdk's HTTP client, its records into a Parquet file: `python with_airbyte_cdk.py TASK.json`.

Written so, by the CDK's documentation:

- `HttpAPIBudget` with `MovingWindowCallRatePolicy`, Zoho's threshold and window, is what the CDK has for a limit
  like this one. It counts in this process's memory, when a request is sent; the service counts when it arrives. So
  a user who has met the lock makes the window a second longer (`margin_seconds` in the task).
- An error handler that knows Zoho's lock by its body (`RATE_LIMITED`), and a backoff strategy that waits as long
  as the lock is. Everything else is `HttpStatusErrorHandler`'s default mapping: 429 and 5xx are asked again.
- `Oauth2Authenticator` with Zoho's own word for `Bearer`.
- One request after the other. More threads would gain nothing, the budget is the limit.
- The CDK writes no Parquet, Airbyte's destinations do; without the platform the user writes the file, here whole
  and in one move at the end, so that no reader sees half of it. The platform would also keep a stream's state
  between attempts; the client alone has none, so a run that was killed starts from the beginning.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import requests
from airbyte_cdk.models import FailureType
from airbyte_cdk.sources.streams.call_rate import HttpAPIBudget, MovingWindowCallRatePolicy, Rate
from airbyte_cdk.sources.streams.http import HttpClient
from airbyte_cdk.sources.streams.http.error_handlers import (
    BackoffStrategy,
    ErrorResolution,
    HttpStatusErrorHandler,
    ResponseAction,
)
from airbyte_cdk.sources.streams.http.requests_native_auth import Oauth2Authenticator
from rows import is_locked, path, row

LOGGER = logging.getLogger("airbyte")
SCHEMA = pa.schema(
    [
        ("course_id", pa.string()),
        ("learner_id", pa.string()),
        ("entity_type", pa.int32()),
        ("entity_id", pa.string()),
        ("entity_name", pa.string()),
        ("status", pa.string()),
        ("user_mark", pa.float64()),
        ("record", pa.string()),
    ]
)


class ZohoAuthenticator(Oauth2Authenticator):
    """Zoho's own word for `Bearer`."""

    def get_auth_header(self) -> dict[str, Any]:
        return {"Authorization": f"Zoho-oauthtoken {self.get_access_token()}"}


class KnowsTheLock(HttpStatusErrorHandler):
    """The default mapping, and Zoho's lock by its body, whatever the status."""

    def interpret_response(self, response_or_exception: Any = None) -> ErrorResolution:
        if isinstance(response_or_exception, requests.Response) and _is_locked(response_or_exception):
            return ErrorResolution(ResponseAction.RATE_LIMITED, FailureType.transient_error, "locked")
        return super().interpret_response(response_or_exception)


class WaitsForTheLock(BackoffStrategy):
    """Waits as long as Zoho's lock is."""

    def __init__(self, lock_s: float) -> None:
        self._lock_s = lock_s

    def backoff_time(self, response_or_exception: Any, attempt_count: int) -> float | None:
        locked = isinstance(response_or_exception, requests.Response) and _is_locked(response_or_exception)
        return self._lock_s if locked else None


def _is_locked(response: requests.Response) -> bool:
    try:
        return is_locked(response.json())
    except ValueError:
        return False


def client(task: dict[str, Any]) -> HttpClient:
    """The CDK's client with its budget, its patience and Zoho's token."""
    window = timedelta(seconds=task["window_seconds"] + task["margin_seconds"])
    policy = MovingWindowCallRatePolicy(rates=[Rate(limit=task["threshold"], interval=window)], matchers=[])
    return HttpClient(
        name="progress",
        logger=LOGGER,
        error_handler=KnowsTheLock(LOGGER),
        backoff_strategy=WaitsForTheLock(task["lock_seconds"]),
        api_budget=HttpAPIBudget(policies=[policy]),
        authenticator=ZohoAuthenticator(
            token_refresh_endpoint=f"{task['url']}/oauth/v2/token",
            client_id=task["client_id"],
            client_secret=task["client_secret"],
            refresh_token=task["refresh_token"],
        ),
    )


def records(http: HttpClient, url: str, unit: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """All records of a unit, page by page."""
    start, more = 0, True
    while more:
        params = {"entityType": str(unit["entity_type"]), "startIndex": str(start)}
        _, response = http.send_request("GET", f"{url}/{path(unit)}", request_kwargs={}, params=params)
        page = response.json()
        yield from page["learnerProgress"]
        start += len(page["learnerProgress"])
        more = page["hasMoreRecords"] and bool(page["learnerProgress"])


def main(task: dict[str, Any]) -> None:
    http = client(task)
    found = [row(unit, record) for unit in task["units"] for record in records(http, task["url"], unit)]
    output = Path(task["output"])
    output.mkdir(parents=True, exist_ok=True)
    unfinished = output / "progress.parquet.unfinished"
    pq.write_table(pa.Table.from_pylist(found, schema=SCHEMA), unfinished)
    unfinished.replace(output / "progress.parquet")


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    main(json.loads(Path(sys.argv[1]).read_text()))
