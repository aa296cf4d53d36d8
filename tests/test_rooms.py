"""The rooms of the package: imports go one way, and what is pure stays pure."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import airflow.sdk
import pytest

PLUGINS = Path(__file__).parents[1] / "plugins"
PACKAGE = PLUGINS / "zoho_people"

ROOMS = (
    ("model",),
    ("zoho",),
    ("shared", "storage"),
    ("endpoints",),
    ("staging",),
    ("planning",),
    ("fetching",),
    ("publishing",),
    ("comparing", "reading", "erasing"),
    ("configuration",),
    ("notifications",),
    ("hooks",),
    ("triggers", "assets"),
    ("operators",),
    ("listeners",),
    ("steps",),
    ("dags",),
    ("web", "commands"),
)
"""In the order of the data's way: a room imports those before it, and never one beside or after it."""

PURE = frozenset(room for rooms in ROOMS[: ROOMS.index(("configuration",))] for room in rooms)
"""The rooms that know nothing of Airflow."""

REACHES_AIRFLOW = frozenset({"zoho_people.shared.variables", "zoho_people.shared.airflow_internals"})
"""But for these two, by which tasks reach Variables."""

ON_TOP = frozenset({"__init__", "__main__", "plugin", "provider_info"})
"""What Airflow and Python look for by these names, and nothing else."""

BESIDE_THE_PACKAGE = frozenset({"benchmarks", "browser", "emulated", "emulator", "local_airflow"})
"""What else has tests: the tools around the package, and the whole of it in a real Airflow."""

PUBLIC_OF_AIRFLOW = frozenset(
    {
        *("airflow.sdk", "airflow.sdk.exceptions", "airflow.sdk.log"),
        *("airflow.triggers.base", "airflow.listeners", "airflow.plugins_manager"),
        "airflow.providers.http.hooks.http",
    }
)
"""The modules that Airflow's documentation names for others to import from; of ``airflow.sdk`` what it exports.

All else is what Airflow keeps to itself, and changes without notice: its tables, its server, how it runs tasks,
and where the names that ``airflow.sdk`` exports are defined.
"""

REACHES_PRIVATE = frozenset(
    {
        "zoho_people.shared.airflow_internals",
        "zoho_people.web.airflow_door",
        "zoho_people.web.airflow_runs",
        "zoho_people.web.rights",
    }
)
"""For tasks, scheduler and commands; and for the page. Each says what breaks when that changes."""

_NAMES_AIRFLOW = re.compile(r"airflow(\.\w+)+")

PLACE = {room: place for place, rooms in enumerate(ROOMS) for room in rooms}


@dataclass(frozen=True)
class Arrow:
    """*module* imports *imported*, wherever in its file that stands."""

    module: str
    imported: str

    def __str__(self) -> str:
        return f"{self.module} imports {self.imported}"


def room_of(module: str) -> str:
    """The room of a dotted module of the package; empty for one on top."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in PLACE else ""


def arrows_of(module: str, source: str) -> Iterator[Arrow]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (Arrow(module, each.name) for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (Arrow(module, f"{node.module}.{each.name}") for each in node.names)
        elif isinstance(node, ast.Constant) and _NAMES_AIRFLOW.fullmatch(str(node.value)):
            yield Arrow(module, str(node.value))  # for import_module


def is_against_the_stream(arrow: Arrow) -> bool:
    here, there = room_of(arrow.module), room_of(arrow.imported)
    if not here or not arrow.imported.startswith("zoho_people."):
        return False
    return not there or (here != there and PLACE[there] >= PLACE[here])


def is_impure(arrow: Arrow) -> bool:
    is_airflow = arrow.imported.partition(".")[0] == "airflow"
    return is_airflow and room_of(arrow.module) in PURE and arrow.module not in REACHES_AIRFLOW


def is_private(arrow: Arrow) -> bool:
    module, _, name = arrow.imported.rpartition(".")
    if arrow.imported.partition(".")[0] != "airflow" or arrow.module in REACHES_PRIVATE:
        return False
    return module not in PUBLIC_OF_AIRFLOW or (module == "airflow.sdk" and name not in airflow.sdk.__all__)


def circle_in(arrows: Iterable[Arrow], modules: Collection[str]) -> list[str]:
    """*modules* that import each other in a circle, none where there is no circle."""
    graph: dict[str, set[str]] = {}
    for arrow in arrows:
        there = arrow.imported if arrow.imported in modules else arrow.imported.rpartition(".")[0]
        if there in modules and there != arrow.module:
            graph.setdefault(arrow.module, set()).add(there)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


@cache
def sources() -> dict[str, str]:
    """The package's modules by dotted name."""
    found = {}
    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(PLUGINS).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path.read_text()
    return found


@cache
def arrows() -> tuple[Arrow, ...]:
    return tuple(arrow for module, source in sources().items() for arrow in arrows_of(module, source))


def test_every_folder_is_a_room_that_says_what_it_is_for() -> None:
    rooms = {path.parent.name: path for path in PACKAGE.glob("*/__init__.py")}
    assert set(rooms) <= set(PLACE)
    assert all(ast.get_docstring(ast.parse(path.read_text())) for path in rooms.values())


def test_no_module_lies_outside_the_rooms() -> None:
    assert {path.stem for path in PACKAGE.glob("*.py")} == ON_TOP


def test_tests_lie_where_what_they_test_lies() -> None:
    here = Path(__file__).parent
    folders = {path.relative_to(here).parts[0] for path in here.glob("*/**/test_*.py")}
    assert folders - BESIDE_THE_PACKAGE <= set(PLACE)


def test_what_runs_in_a_real_airflow_lies_in_one_folder() -> None:
    """It is collected by itself: to collect everything else takes longer than one of its tests."""
    here = Path(__file__).parent
    marked = {path for path in here.rglob("test_*.py") if "pytest.mark.emulated" in path.read_text()}
    assert marked - {Path(__file__)} == set(here.glob("emulated/test_*.py"))


def test_what_starts_a_process_is_no_unit_test() -> None:
    """It is a component, as `make components` runs them: `make unit` takes a minute."""
    starts = ("subprocess.", "tests.helpers.killed", "ThreadedMotoServer(", "chromium.browser")
    here = Path(__file__).parent
    texts = {path: path.read_text() for path in here.rglob("test_*.py") if path.parent.name != "emulated"}
    unmarked = {path for path, text in texts.items() if "pytest.mark.component" not in text}
    assert [path for path in unmarked if any(word in texts[path] for word in starts)] == []


def test_imports_go_one_way() -> None:
    assert [str(arrow) for arrow in arrows() if is_against_the_stream(arrow)] == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert circle_in(arrows(), sources().keys()) == []


def test_a_circle_of_modules_is_seen_wherever_the_imports_stand() -> None:
    there = "if TYPE_CHECKING:\n    from zoho_people.shared.ledger import Ledger"
    back = "def later():\n    from zoho_people.shared import gate"
    seen = [
        *arrows_of("zoho_people.shared.gate", there),
        *arrows_of("zoho_people.shared.ledger", back),
    ]
    assert {*circle_in(seen, sources().keys())} == {"zoho_people.shared.gate", "zoho_people.shared.ledger"}


def test_pure_rooms_know_nothing_of_airflow() -> None:
    assert [str(arrow) for arrow in arrows() if is_impure(arrow)] == []
    assert {arrow.module for arrow in arrows() if arrow.imported.startswith("airflow")} >= REACHES_AIRFLOW


def test_what_airflow_keeps_to_itself_is_used_in_few_places() -> None:
    assert [str(arrow) for arrow in arrows() if is_private(arrow)] == []


@pytest.mark.parametrize(
    ("source", "is_found"),
    [
        ("from airflow.models.connection import Connection", True),
        ("from airflow.sdk.definitions.deadline import DeadlineAlert", True),
        ("from airflow.sdk import execution_time", True),
        ("import airflow.settings", True),
        ("if TYPE_CHECKING:\n    from airflow.sdk.definitions.dag import ScheduleArg", True),
        ("import_module('airflow.sdk.api.client')", True),
        ("from airflow.sdk import DeadlineAlert", False),
        ("from airflow.sdk.exceptions import AirflowException", False),
    ],
)
def test_what_airflow_keeps_to_itself_is_seen_however_it_is_imported(source: str, *, is_found: bool) -> None:
    assert any(map(is_private, arrows_of("zoho_people.hooks.saved_connection", source))) is is_found


@pytest.mark.parametrize(
    "source",
    [
        "from zoho_people.publishing.publish import publish",
        "from zoho_people import publishing",
        "import zoho_people.publishing.publish",
        "from zoho_people.plugin import ZohoPeoplePlugin",
        "def later():\n    from zoho_people.publishing import publish",
        "if TYPE_CHECKING:\n    from zoho_people.publishing.publish import PublishReport",
        "from zoho_people.storage import layout",  # beside it
    ],
)
def test_an_arrow_against_the_stream_is_seen_wherever_it_stands(source: str) -> None:
    assert [is_against_the_stream(arrow) for arrow in arrows_of("zoho_people.shared.gate", source)] == [True]


def test_an_arrow_with_the_stream_is_none_against_it() -> None:
    source = (
        "from zoho_people.shared.gate import SharedGate\nfrom zoho_people.zoho import errors\nimport json"
    )
    assert not any(is_against_the_stream(arrow) for arrow in arrows_of("zoho_people.shared.ledger", source))


def patches_in(source: str) -> Iterator[str]:
    """What *source* puts in the place of an attribute; what somebody types (``sys.stdin``) may be."""
    if "setattr" not in source and "mock" not in source:
        return  # to parse all tests takes long
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "setattr"
        ):
            target = node.args[0] if node.args else None
            if not (isinstance(target, ast.Constant) and target.value == "sys.stdin"):
                yield ast.unparse(node)
        elif isinstance(node, ast.ImportFrom) and node.module == "unittest.mock":
            yield ast.unparse(node)


def test_tests_hand_in_what_they_need_and_patch_nothing() -> None:
    tests = Path(__file__).parent.rglob("*.py")
    assert [f"{path.name}: {each}" for path in tests for each in patches_in(path.read_text())] == []
    assert list(patches_in("with context() as patch:\n    patch.setattr(time, 'time', clock)"))


def loaded_by(*modules: str) -> set[str]:
    """The top-level modules that a bare interpreter has after importing *modules*."""
    code = f"import sys, {', '.join(modules)}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(PLUGINS)},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


@pytest.mark.component
def test_pure_rooms_are_imported_without_airflow() -> None:
    by_variables = {
        arrow.module for arrow in arrows() if arrow.imported.startswith("zoho_people.shared.variables")
    }
    pure = [
        module
        for module in sources()
        if room_of(module) in PURE and module not in REACHES_AIRFLOW | by_variables
    ]
    loaded = loaded_by(*sorted(pure))
    assert "airflow" not in loaded
    assert "pyarrow" in loaded


@pytest.mark.component
def test_the_package_and_its_rooms_import_nothing_heavy_by_themselves() -> None:
    rooms = [f"zoho_people.{path.parent.name}" for path in PACKAGE.glob("*/__init__.py")]
    light = [room for room in rooms if room_of(room) in PURE]
    assert not loaded_by("zoho_people", *light) & {"airflow", "pandas", "pyarrow", "fsspec"}


@pytest.mark.component
def test_naming_paths_needs_no_pyarrow() -> None:
    assert "pyarrow" not in loaded_by("zoho_people.storage.layout")
