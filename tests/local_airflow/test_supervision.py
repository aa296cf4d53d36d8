"""The configuration that supervisord is given."""

import configparser
import shlex
from pathlib import Path

from local_airflow import supervision
from local_airflow.supervision import Program, socket_path


def configured(home: Path, *programs: Program) -> configparser.RawConfigParser:
    text = supervision.configuration(programs, home=home, socket=home / "s.sock", root=home / "project")
    parser = configparser.RawConfigParser()
    parser.read_string(text)
    return parser


def test_what_dies_is_started_again_and_ended_with_its_children():
    section = configured(Path("/home/x"), Program("scheduler", ("airflow", "scheduler")))["program:scheduler"]
    assert section["autorestart"] == section["stopasgroup"] == section["killasgroup"] == "true"


def test_a_command_keeps_blanks_and_percent_signs():
    section = configured(Path("/a b"), Program("x", ("/a b/100%/python", "-m", "x")))["program:x"]
    command = shlex.split(section["command"].replace("%%", "%"))
    assert command[-3:] == ["/a b/100%/python", "-m", "x"]
    assert "100%%" in section["command"]


def test_a_program_may_have_something_in_its_environment_for_itself():
    program = Program("x", ("airflow",), {"URL": "sqlite:///a%20b?timeout=10", "OTHER": "1"})
    assert (
        configured(Path("/h"), program)["program:x"]["environment"]
        == 'URL="sqlite:///a%%20b?timeout=10",OTHER="1"'
    )
    assert "environment" not in configured(Path("/h"), Program("x", ("airflow",)))["program:x"]


def test_logs_are_rotated_in_the_instances_home():
    section = configured(Path("/home/x"), Program("triggerer", ("airflow",)))["program:triggerer"]
    assert section["stdout_logfile"] == "/home/x/components/triggerer.log"
    assert section["stdout_logfile_maxbytes"] == "10MB"


def test_no_secret_is_written_since_the_environment_is_inherited():
    text = supervision.configuration([], home=Path("/h"), socket=Path("/h/s"), root=Path("/r"))
    assert "FERNET" not in text


def test_the_socket_is_in_the_home_unless_its_name_gets_too_long(tmp_path: Path):
    assert socket_path(Path("/home/x")) == Path("/home/x/supervisord.sock")
    long_home = tmp_path / ("n" * 120)
    assert len(str(socket_path(long_home))) < 90
    assert socket_path(long_home) == socket_path(long_home)
    assert socket_path(long_home).parent.stat().st_mode & 0o777 == 0o700
