"""What every process of Airflow loads of the page: next to nothing."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from zoho_people.plugin import ZohoPeoplePlugin
from zoho_people.web.mount import LazyApp

PLUGINS = Path(__file__).parents[2] / "plugins"
HEAVY = ("fastapi", "starlette", "duckdb", "pandas", "pyarrow", "airflow")


@pytest.mark.component
def test_the_plugin_s_part_of_the_page_loads_nothing() -> None:
    code = f"import sys, zoho_people.web.mount; print([name for name in {HEAVY} if name in sys.modules])"
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, env={"PYTHONPATH": str(PLUGINS)}, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_the_app_is_built_once_and_by_the_first_request() -> None:
    built: list[str] = []

    async def answer(scope: Any, _: Any, __: Any) -> None:
        built.append(scope["path"])

    def build() -> Any:
        built.append("built")
        return answer

    app = LazyApp(build)
    assert built == []
    for path in ("/a", "/b"):
        asyncio.run(app({"path": path}, None, None))  # type: ignore[arg-type]
    assert built == ["built", "/a", "/b"]


def test_airflow_s_navigation_and_the_dag_s_own_page_lead_to_it() -> None:
    (app,) = ZohoPeoplePlugin.fastapi_apps
    views = {view["destination"]: view for view in ZohoPeoplePlugin.external_views}
    prefix = app["url_prefix"].strip("/")
    assert views["nav"]["href"] == f"{prefix}/"
    assert views["dag"]["href"] == f"{prefix}/?dag={{DAG_ID}}"
    assert views["nav"]["url_route"] != views["dag"]["url_route"]
