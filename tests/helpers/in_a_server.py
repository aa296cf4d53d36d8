"""A process of Airflow's API server, as far as a database of Variables and connections goes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from airflow import settings
from airflow.models.base import Base
from airflow.models.variable import Variable
from airflow.utils.session import create_session
from sqlalchemy import select

TABLES = [Base.metadata.tables[name] for name in ("team", "connection", "variable")]


class StoredVariables:
    """The Variables in Airflow's database."""

    @property
    def kept(self) -> dict[str, str | None]:
        with create_session() as session:
            return {variable.key: variable.val for variable in session.scalars(select(Variable))}

    def keep(self, key: str, text: str) -> None:
        Variable.set(key, text)


@contextmanager
def in_a_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[StoredVariables]:
    """What runs meanwhile has Airflow's database at hand, which is empty."""
    monkeypatch.setenv("_AIRFLOW_PROCESS_CONTEXT", "server")
    Base.metadata.create_all(settings.engine, tables=TABLES)
    yield StoredVariables()
    Base.metadata.drop_all(settings.engine, tables=TABLES)
