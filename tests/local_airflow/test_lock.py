"""The files that pin every version."""

import re
from collections.abc import Iterator
from importlib.metadata import requires, version

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from local_airflow import lock, project

LOCKS = (*lock.LAYERS, lock.TOOLS)


def blocks(name: str) -> list[str]:
    return lock.blocks_of((project.ROOT / "locks" / f"{name}.lock").read_text())


def pinned(text: str) -> Requirement:
    return Requirement(text.splitlines()[0].removesuffix("\\").strip())


def required(name: str) -> list[Requirement]:
    lines = (project.ROOT / f"{name}.txt").read_text().splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith(("#", "-"))]


def constraints() -> list[Requirement]:
    lines = (project.ROOT / "constraints.txt").read_text().splitlines()
    return [Requirement(line) for line in lines if not line.startswith("#")]


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_a_version_and_hashes(name: str):
    assert blocks(name)
    for block in blocks(name):
        first, *hashes = block.splitlines()
        assert re.fullmatch(r"[a-z0-9-]+==\S+( ; .+)? \\", first), first
        assert hashes
        assert all(re.fullmatch(r" +--hash=sha256:[0-9a-f]{64}( \\)?", line) for line in hashes)


@pytest.mark.parametrize("name", LOCKS)
def test_what_the_requirement_file_asks_for_is_locked(name: str):
    layers = lock.LAYERS[: lock.LAYERS.index(name) + 1] if name in lock.LAYERS else (name,)
    versions = {
        pin.name: str(pin.specifier).removeprefix("==")
        for each in layers
        for pin in map(pinned, blocks(each))
    }
    assert required(name)
    for each in required(name):
        assert each.specifier.contains(versions[each.name.lower()]), each


def needs(package: str, extra: str) -> Iterator[Requirement]:
    """What the installed *package* says that it needs, with *extra* or, where that is empty, without any."""
    for each in map(Requirement, requires(package) or ()):
        if each.marker is None or each.marker.evaluate({"extra": extra}):
            yield each


def test_what_locked_packages_need_is_locked_with_them():
    """Nothing else is installed: pip is told to take a lock as it is."""
    layers: dict[str, int] = {}
    versions: dict[str, str] = {}
    for place, name in enumerate(lock.LAYERS):
        for pin in map(pinned, blocks(name)):
            if pin.marker is None or pin.marker.evaluate():
                layers[pin.name], versions[pin.name] = place, str(pin.specifier).removeprefix("==")
    # With the lowest versions others are installed, which may need something else.
    asked = {(name, "") for name in layers if version(name) == versions[name]}
    unlocked, seen = [], set(asked)
    while asked:
        package, extra = asked.pop()
        for each in needs(package, extra):
            name = canonicalize_name(each.name)
            if layers.get(name, len(layers)) > layers[package] or not each.specifier.contains(versions[name]):
                unlocked.append(f"{package} needs {each}")
                continue
            more = {(name, wanted) for wanted in each.extras} - seen
            seen, asked = seen | more, asked | more
    assert unlocked == []
    assert seen


def test_the_plain_constraints_and_the_locks_say_the_same():
    locked = [str(pinned(block)) for name in lock.LAYERS for block in blocks(name)]
    assert sorted(locked) == sorted(map(str, constraints()))


@pytest.mark.parametrize("name", ["constraints.txt", *(f"locks/{name}.lock" for name in LOCKS)])
def test_no_file_names_the_place_that_packages_come_from(name: str):
    lines = (project.ROOT / name).read_text().splitlines()
    assert not [line for line in lines if "://" in line or " @ " in line or re.match(r"-(?!r )", line)]


def test_constraints_leave_room_for_what_s3_needs():
    versions = {pin.name: str(pin.specifier) for pin in constraints()}
    assert versions["python-dateutil"].startswith("==2.")


def test_requirements_that_exclude_each_other_are_said(tmp_path):
    (tmp_path / "constraints.txt").write_text("six==1.16.0\n")
    (tmp_path / f"{lock.DEPLOYMENTS}.txt").write_text("six>=1.17\n")
    with pytest.raises(lock.ResolutionProblem, match="requirements-deployments"):
        lock.check(tmp_path)


def test_the_image_has_what_is_locked_and_the_project_itself():
    lines = (project.ROOT / "Dockerfile").read_text().splitlines()
    locked, itself = [line for line in lines if "pip install" in line]
    assert "--require-hashes" in locked
    assert locked.endswith("-r /tmp/requirements-local.lock")
    assert "COPY locks/requirements.lock locks/requirements-local.lock /tmp/" in lines
    assert "--no-deps --no-index" in itself
    assert itself.endswith("--editable .")
