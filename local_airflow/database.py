"""The instance's metadata database: made or upgraded once, in SQLite's WAL mode."""

import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from importlib.metadata import version
from pathlib import Path

from local_airflow import private
from local_airflow.problem import ComponentProblem
from local_airflow.supervision import logs_folder
from local_airflow.text import last_lines


def prepare(home: Path, environment: Mapping[str, str]) -> bool:
    """Bring the database to the installed Airflow's version; whether there was anything to do.

    The stamp is written last: a database without one was never finished and is made anew.
    """
    stamp = home / "airflow.db.version"
    wanted = version("apache-airflow-core")
    if stamp.exists() and (home / "airflow.db").exists() and stamp.read_text() == wanted:
        return False
    if not stamp.exists():
        _remove(home)
    _migrate(home, environment)
    _use_wal(home / "airflow.db")
    stamp.write_text(wanted)
    return True


def _remove(home: Path) -> None:
    for name in ("airflow.db", "airflow.db-wal", "airflow.db-shm"):
        (home / name).unlink(missing_ok=True)


def _migrate(home: Path, environment: Mapping[str, str]) -> None:
    log = logs_folder(home) / "migration.log"
    with log.open("wb") as output:
        done = subprocess.run(
            [sys.executable, "-m", "airflow", "db", "migrate"],
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
            umask=private.UMASK,
        )
    if done.returncode != 0:
        raise ComponentProblem(f"Airflow's database could not be made. The end of {log}:\n{last_lines(log)}")


def _use_wal(database: Path) -> None:
    """Readers and a writer at once; SQLite keeps this mode in the file."""
    with closing(sqlite3.connect(database, timeout=30)) as connection:
        connection.execute("pragma journal_mode=wal")
