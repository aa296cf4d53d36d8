"""What the package imports is what its metadata asks for, and the other way round."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from functools import cache
from importlib.metadata import requires
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "plugins" / "zoho_people"
DISTRIBUTIONS = {"airflow": "apache-airflow", "airflow.providers.http": "apache-airflow-providers-http"}
"""Of a module that is not named as its distribution is, or not alone in it."""
COMES_WITH = {
    "sqlalchemy": "apache-airflow-core",
    "pydantic": "apache-airflow-core",
    "pydantic-core": "pydantic",
    "fastapi": "apache-airflow-core",
    "starlette": "apache-airflow-core",
    "anyio": "starlette",
}
"""What is not declared, since Airflow is built on it: its models are SQLAlchemy's, its APIs are FastAPI's."""


def declared() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return {_name(text) for text in project["dependencies"]}


@cache
def imported() -> dict[str, set[str]]:
    """Each distribution that the package imports from, with the files that do."""
    found: dict[str, set[str]] = {}
    for path in PACKAGE.rglob("*.py"):
        for module in _modules(ast.parse(path.read_text("utf-8"))):
            top = module.partition(".")[0]
            if top not in sys.stdlib_module_names and top != PACKAGE.name:
                found.setdefault(_distribution(module), set()).add(path.name)
    return found


def test_every_import_is_declared_and_everything_declared_is_imported() -> None:
    assert set(imported()) - set(COMES_WITH) == declared()


@pytest.mark.parametrize(("name", "bringer"), COMES_WITH.items())
def test_what_is_not_declared_comes_with_what_is(name: str, bringer: str) -> None:
    assert name in imported()
    always = {_name(text) for text in requires(bringer) or () if "extra ==" not in text}
    assert name in always


def _modules(tree: ast.AST) -> set[str]:
    """The modules that are imported anywhere in a file; in functions and for type checkers, too."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
    return found


def _distribution(module: str) -> str:
    """The distribution that has *module*: by the longest name that is listed, or named as the module is."""
    listed = [name for name in DISTRIBUTIONS if f"{module}.".startswith(f"{name}.")]
    return DISTRIBUTIONS[max(listed, key=len)] if listed else _name(module.partition(".")[0])


def _name(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found
    return re.sub(r"[-_.]+", "-", found[0]).lower()
