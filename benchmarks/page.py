"""How fast the page is over a large organisation's month, in Airflow's own API server, and what memory it takes.

    python -m benchmarks.answers.month /tmp/month   # once: 1,000,000 rows a day over 30 days
    python -m benchmarks.page /tmp/month

For each answer: the first one after a start, one with a filter that nobody has asked for, the same again; and
beside it how long DuckDB takes for the bare query over the day's files. In Chromium, if there is one, when the
page paints first.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import duckdb
import httpx
import psutil
from tabulate import tabulate

from local_airflow import database, private, project, secrets_file
from local_airflow.api_server import ApiServer
from local_airflow.configuration import Configuration
from local_airflow.supervision import logs_folder
from tests.browser import chromium

DAG_ID = "zoho_learner_progress"
PASSWORD = "a-password-of-this-benchmark"  # noqa: S105
DUE_MONTH, DUE_FROM = "2026-12", "2026-11-20"
"""Some of the due dates that the month has; of the others some count from a learner's first day."""

BARE = """
SELECT course_id, batch_id, count(*), count(*) FILTER (status = 'completed'), count(DISTINCT learner_id)
FROM read_parquet('{files}', hive_partitioning = true)
WHERE {where}
GROUP BY ALL
"""


@dataclass(frozen=True)
class Page:
    """The page of a running API server."""

    server: ApiServer
    http: httpx.Client

    def get(self, path: str) -> Any:
        """An answer of the page's API."""
        named = path if "?" in path else f"{path}?dag={DAG_ID}" if path != "datasets" else path
        answer = self.http.get(f"/zoho-people/api/{named}")
        answer.raise_for_status()
        return answer

    def json(self, path: str) -> Any:
        """The same, read."""
        return self.get(path).json()

    def memory_mb(self) -> float:
        """What the API server takes, all its processes together."""
        server = psutil.Process(self.server.pid)
        every = [server, *server.children(recursive=True)]
        return sum(process.memory_info().rss for process in every) / 2**20


def seconds(work: Callable[[], Any]) -> float:
    """How long *work* takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def counted(page: Page) -> float:
    """How long it takes until every day is counted."""
    began = time.perf_counter()
    while page.json("overview")["pending_days"]:
        time.sleep(1)
    return time.perf_counter() - began


def filters(page: Page) -> Iterator[str]:
    """Each filter once, as a query."""
    options = page.json("options")
    course = options["courses"][0]
    yield f"course={'/'.join(filter(None, (course['course_id'], course['batch_id'])))}"
    yield "entity_type=online_tests"
    for name in ("department", "manager", "location"):
        if options[f"{name}s"]:
            yield f"{name}={options[f'{name}s'][0]}"
    if options["has_deadlines"]:
        yield f"due_month={DUE_MONTH}"
        yield f"due_from={DUE_FROM}"
        yield "due_date=no due date"


def rows_of(page: Page, bare: Callable[[str], float]) -> Iterator[list[Any]]:
    """Filter by filter: the overview, who is behind, and the bare query."""
    for query in filters(page):
        times = []
        for view in ("overview", "behind"):
            path = f"{view}?dag={DAG_ID}&{query}"
            times += [seconds(lambda path=path: page.get(path)), seconds(lambda path=path: page.get(path))]
        yield [query.partition("=")[0], *times, None if query.startswith("due_") else bare(query)]


def bare_query(month: Path) -> Callable[[str], float]:
    """DuckDB over the latest day's files, by two threads, as fast as it goes: the second time."""
    connection = duckdb.connect(config={"threads": 2})
    days = sorted({path.name for path in (month / "data/learner_progress").glob("*/snapshot_date=*")})
    files = f"{month}/data/learner_progress/*/{days[-1]}/*.parquet"

    def took(query: str) -> float:
        name, _, value = query.partition("=")
        where = "true"
        if name == "course":
            where = f"course_id = '{value.partition('/')[0]}'"
        elif name == "entity_type":
            where = f"entity_type = '{value}'"
        else:
            people = f"read_csv('{month}/people.csv', all_varchar = true)"
            where = f"learner_id IN (SELECT learner_id FROM {people} WHERE {name} = '{value}')"  # noqa: S608
        text = BARE.format(files=files, where=where)
        return min(seconds(lambda: connection.sql(text).fetchall()) for _ in range(2))

    return took


def views(page: Page) -> Iterator[list[Any]]:
    """Each of the other views, warm: what nobody has asked for, and the same again."""
    course = page.json("options")["courses"][1]
    learner = page.json("learners")["rows"][7]["learner_id"]
    named = "/".join(filter(None, (course["course_id"], course["batch_id"])))
    for path in (
        f"course?dag={DAG_ID}&course={named}",
        f"overview?dag={DAG_ID}&group_by=department",
        f"overview?dag={DAG_ID}&group_by=manager",
        f"course?dag={DAG_ID}&course={named}&group_by=department",
        f"behind?dag={DAG_ID}&group_by=department",
        *(
            f"{view}&{due}"
            for view in (
                f"overview?dag={DAG_ID}",
                f"course?dag={DAG_ID}&course={named}",
                f"behind?dag={DAG_ID}",
            )
            for due in ("group_by=due_month", f"due_from={DUE_FROM}&entity_type=online_tests")
        ),
        f"learners?dag={DAG_ID}&due_from={DUE_FROM}",
        f"learner?dag={DAG_ID}&learner_id={learner}",
        f"learners?dag={DAG_ID}&q=an",
        f"behind?dag={DAG_ID}&q=an&sort=name",
        f"behind.csv?dag={DAG_ID}",
        "health",
    ):
        name, _, query = path.partition("?")
        asked = dict(parse_qsl(query))
        by = f" by {asked['group_by']}" if "group_by" in asked else ""
        due = f" due from {asked['due_from']}" if "due_from" in asked else ""
        yield [
            f"{name}{by}{due}",
            *[seconds(lambda path=path: page.get(path)) for _ in range(2)],
        ]


def first_paint(server: ApiServer, token: str) -> Iterator[tuple[str, float]]:
    """When Chromium paints the page first, warm, and when its figures are there."""
    if chromium.missing():
        return
    with chromium.browser() as browser:
        context = browser.new_context()
        context.add_cookies([{"name": "_token", "value": token, "url": server.url}])
        tab = context.new_page()
        for _ in range(3):
            tab.goto(f"{server.url}/zoho-people/?dag={DAG_ID}", wait_until="networkidle")
            paint = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
            largest = "Math.max(...performance.getEntriesByType('resource').map(each => each.responseEnd))"
            times = (tab.evaluate(paint) / 1_000, tab.evaluate(largest) / 1_000)
        yield "first paint", times[0]
        yield "last figure there", times[1]


def main() -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("month", type=Path, help="what benchmarks.answers.month wrote")
    month = parser.parse_args().month.resolve()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "airflow"
        environment = _prepared(home, month)
        running = ApiServer(home, environment, roles={"editor": "user"}, password=PASSWORD)
        with running as server, server.client("editor") as http:
            _measure(Page(server, http), month)


def _prepared(home: Path, month: Path) -> dict[str, str]:
    """The environment of an Airflow that has the DAG, and whose output path is that of *month*."""
    for each in (home, logs_folder(home), home / "tmp"):
        private.make_folder(each)
    variables = {"output": "data", "people": "people.csv", "deadlines": "deadlines.csv"}
    env = {
        "AIRFLOW__ZOHO_PEOPLE__ALLOWED_ROOTS": str(month),
        "AIRFLOW__ZOHO_PEOPLE__NAMES_PERMISSION": "edit_dag",
        **{
            f"AIRFLOW_VAR_{DAG_ID.upper()}_{name.upper()}": f"{month}/{file}"
            for name, file in variables.items()
        },
    }
    configuration = Configuration(home=home, port=0, parallelism=1, dags=project.DAGS)
    environment = configuration.environment(secrets_file.load_or_make(home / "secrets.json"), env)
    database.prepare(home, environment)
    subprocess.run(
        [sys.executable, "-m", "airflow", "dags", "reserialize"],
        env=environment,
        check=True,
        capture_output=True,
    )
    return environment


def _measure(page: Page, month: Path) -> None:
    page.http.get("/api/v2/dags").raise_for_status()
    before = page.memory_mb()
    facts: list[tuple[str, float]] = [("list of DAGs, first", seconds(lambda: page.get("datasets")))]
    facts.append(("snapshots, first", seconds(lambda: page.get("snapshots"))))
    facts.append(("overview, first (the day is counted)", seconds(lambda: page.get("overview"))))
    facts.append(("all days counted", counted(page)))
    page.get("overview")
    warm = statistics.median(seconds(lambda: page.get("overview")) for _ in range(9))
    facts.append(("overview, warm", warm))
    by_filter = list(rows_of(page, bare_query(month)))
    by_view = list(views(page))
    facts += first_paint(page.server, page.http.cookies["_token"])
    print(tabulate(facts, ["what", "seconds"], floatfmt=".2f"))
    print()
    head = ["filter", "overview", "again", "behind", "again", "DuckDB, bare"]
    print(tabulate(by_filter, head, floatfmt=".2f"))
    print()
    print(tabulate(by_view, ["view", "first", "again"], floatfmt=".2f"))
    print()
    after = page.memory_mb()
    print(f"API server: {before:.0f} MB before, {after:.0f} MB after: {after - before:.0f} MB more")


if __name__ == "__main__":
    main()
