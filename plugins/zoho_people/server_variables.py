"""Airflow's Variables where its database is at hand: in the API server and its command line, outside a task."""

from __future__ import annotations

from typing import Any


class ServerVariables:
    """What ``airflow.sdk.Variable`` does in a task, by the same calls."""

    @staticmethod
    def get(key: str, default: str | None = None) -> Any:
        from airflow.models.variable import Variable

        return Variable.get(key, default_var=default)

    @staticmethod
    def set(key: str, value: str, description: str) -> None:
        from airflow.models.variable import Variable

        Variable.set(key, value, description=description)

    @staticmethod
    def delete(key: str) -> None:
        from airflow.models.variable import Variable

        Variable.delete(key)

    @staticmethod
    def keys(prefix: str) -> list[str]:
        from airflow.models.variable import Variable
        from airflow.utils.session import create_session
        from sqlalchemy import select

        with create_session(scoped=False) as session:
            named = Variable.key.startswith(prefix, autoescape=True)
            return list(session.scalars(select(Variable.key).where(named)))
