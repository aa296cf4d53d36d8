"""Ports that are taken and disks that are full."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_airflow import disk, port
from local_airflow.problem import DiskProblem, PortProblem


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_default_that_is_taken_gives_way_to_a_free_port(taken: int):
    assert port.choose(None, taken, variable="AIRFLOW_PORT") > taken


def test_a_wish_that_is_taken_is_refused_by_the_name_of_its_variable(taken: int):
    with pytest.raises(PortProblem, match=rf"Port {taken} is taken .* Set AIRFLOW_PORT"):
        port.choose(str(taken), 1, variable="AIRFLOW_PORT")


@pytest.mark.parametrize("wish", ["http", "0", "65536", "-1", "8080 "])
def test_a_wish_that_is_no_port_is_refused(wish: str):
    with pytest.raises(PortProblem, match=r"AIRFLOW_PORT is .* a port number"):
        port.choose(wish, 1, variable="AIRFLOW_PORT")


def test_a_free_wish_is_kept():
    free = port.any_free()
    assert port.choose(str(free), 1, variable="AIRFLOW_PORT") == free


def test_a_free_port_is_below_those_that_a_system_gives_to_whoever_asks_for_any():
    """By default Linux gives those from 32768 on, others those from 49152 on."""
    found = {port.any_free() for _ in range(50)}
    assert len(found) > 1
    assert 1024 <= min(found) < max(found) < 32768


def test_enough_disk_passes_even_for_a_folder_that_is_not_there_yet(tmp_path: Path):
    disk.require(tmp_path / "not" / "yet", mib=1, purpose="A test")


def test_too_little_disk_says_how_much_is_needed(tmp_path: Path):
    with pytest.raises(DiskProblem, match="A test needs about 1000000000 MiB"):
        disk.require(tmp_path, mib=10**9, purpose="A test")
