"""Airflow's own HttpOperator, mapped over the units, in a pool; a following task writes Parquet.

Written so, by the documentation of Airflow and its HTTP provider:

- One mapped task per unit (`expand_kwargs`) in a pool, Airflow's means to go easy on a service. The pool's size is
  the benchmark's to choose.
- `pagination_function` asks for the next page by what was received; `response_check` refuses all whose `code` is
  not 200; `response_filter` makes the rows, so that only they travel through XCom.
- `retry_args`: the operator waits for the length of a lock in its worker and asks the same page again. The pool's
  slot is kept meanwhile, so other tasks don't run into the same lock, as they would with the task's `retries`. The
  HTTP hook tells statuses apart by the text of its error only, so every failure is waited for alike. `retries`
  with the same delay are behind it.
- `deferrable` stays off: it drops `retry_args`, and a request takes no time worth a triggerer's.
- The token is minted by a task before and shared, since Zoho mints ten in ten minutes only.
"""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from airflow.providers.http.operators.http import HttpOperator
from airflow.sdk import dag, get_current_context, task
from rows import path, row
from tenacity import retry_if_exception_type, stop_after_attempt, wait_fixed

LOCK_S = float(os.environ.get("PEERS_LOCK_SECONDS", "300")) + 1


def next_page(response: Any) -> dict[str, Any] | None:
    """The parameters of the next page; None after the last one."""
    page = response.json()
    received = page.get("learnerProgress")
    if not page.get("hasMoreRecords") or not received:
        return None
    start = int(parse_qs(urlsplit(response.url).query).get("startIndex", ["0"])[0])
    return {"data": {"startIndex": start + len(received)}}


def all_good(responses: list[Any]) -> bool:
    """Whether every page is one."""
    return all(str(response.json().get("code")) == "200" for response in responses)


def as_rows(responses: list[Any]) -> list[dict[str, Any]]:
    """The rows of a unit's pages."""
    rows = []
    for response in responses:
        page = response.json()
        unit = {
            "course_id": urlsplit(response.url).path.split("/")[4],
            "learner_id": page["learnerId"],
            "entity_type": page["entityType"],
        }
        rows += [row(unit, record) for record in page["learnerProgress"]]
    return rows


@dag(schedule=None, catchup=False, default_args={"retries": 5, "retry_delay": timedelta(seconds=LOCK_S)})
def http_operator() -> None:
    @task
    def token() -> str:
        import requests
        from airflow.sdk import BaseHook

        accounts = BaseHook.get_connection("peer_accounts")
        form = {
            "grant_type": "refresh_token",
            "client_id": accounts.login,
            "client_secret": accounts.password,
            "refresh_token": accounts.extra_dejson["refresh_token"],
        }
        answer = requests.post(f"{accounts.host}/oauth/v2/token", data=form, timeout=60)
        return str(answer.json()["access_token"])

    @task
    def requests_of_units() -> list[dict[str, Any]]:
        units = get_current_context()["dag_run"].conf["units"]
        return [{"endpoint": path(unit), "data": {"entityType": unit["entity_type"]}} for unit in units]

    @task
    def write(fetched: Any) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        output = Path(get_current_context()["dag_run"].conf["output"])
        output.mkdir(parents=True, exist_ok=True)
        unfinished = output / "progress.parquet.unfinished"
        pq.write_table(pa.Table.from_pylist([each for rows in fetched for each in rows]), unfinished)
        unfinished.replace(output / "progress.parquet")

    minted = token()
    fetch = HttpOperator.partial(
        task_id="fetch",
        http_conn_id="peer_api",
        method="GET",
        headers={"Authorization": "Zoho-oauthtoken {{ ti.xcom_pull(task_ids='token') }}"},
        pagination_function=next_page,
        response_check=all_good,
        response_filter=as_rows,
        retry_args={
            "wait": wait_fixed(LOCK_S),
            "stop": stop_after_attempt(5),
            "retry": retry_if_exception_type(Exception),
        },
        pool="peer_api",
    ).expand_kwargs(requests_of_units())
    minted >> fetch
    write(fetch.output)


http_operator()
