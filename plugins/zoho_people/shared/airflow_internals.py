"""What this project uses of Airflow beyond its public interface: all of it is here, as read in Airflow 3.3.2.

* :func:`in_task`: ``airflow.sdk.execution_time.task_runner.SUPERVISOR_COMMS``. When that changes tasks take
  themselves for alone, and keep in memory what they should share.
* :func:`in_server`: ``_AIRFLOW_PROCESS_CONTEXT``. When that changes a connection's test does not use the tasks'
  token, nor count its request.
* :func:`server_variables`, :func:`server_variable_keys`, :func:`saved_connections`: ``airflow.models``,
  ``airflow.utils.session``. When they change a connection's test fails.
* :func:`is_made_up`: ``airflow.utils.strings.get_random_string``. When that changes a connection that is tested
  from its form leaves Variables under a made-up name.
* :data:`TRIGGER_FAILED`: ``airflow.sdk.bases.operator.TRIGGER_FAIL_REPR``. When that changes a task whose trigger
  failed gives its slot away too early.
* :func:`xcom_of`: ``airflow.sdk.execution_time.xcom``. When that changes ``publish`` has no link to its folder.
* :func:`add_to_counter`, :func:`set_gauge`: ``airflow.sdk.observability.stats``. When that changes no metrics are
  told, and each task's log says so.
* ``ScheduleArg``: ``airflow.sdk.definitions.dag``. When that changes type checkers say so, and nobody else.
* :func:`load_before_the_fork`: LocalExecutor forks; ``airflow.sdk.api.client``, ``airflow.sdk.listener``. When
  they change tasks start more slowly.
* :func:`run_has_task`, :func:`pools_in`, :func:`heartbeat_timeout_s`, :func:`set_variable_in`: ``airflow.models``
  and ``airflow.configuration`` in the scheduler. When they change nobody tells tasks of the pools: they wait in
  their workers, and the run's log says so.
* :func:`database`, :func:`connection_in`, :func:`new_connection`, :func:`is_conn_id`: ``airflow.models`` and
  ``airflow.utils.session``. When they change ``python -m zoho_people authorize`` fails.
* :func:`fab_builder`: ``airflow.providers.fab.auth_manager.cli_commands.utils``. When that changes
  ``python -m zoho_people names_role`` fails.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from importlib import import_module
from typing import TYPE_CHECKING, Any

from zoho_people.shared.pools import PoolState

if TYPE_CHECKING:
    from airflow.sdk.definitions import dag
    from sqlalchemy.orm import Session

    ScheduleArg = dag.ScheduleArg

TRIGGER_FAILED = "__fail__"
"""What Airflow resumes a task with when its trigger failed or took too long."""

_MADE_UP = re.compile("[A-Za-z0-9]{8}", re.ASCII)

_EVERY_TASK_LOADS = (
    "airflow.sdk.execution_time.supervisor",
    "airflow.sdk.execution_time.task_runner",
    "airflow.sdk.definitions.decorators",
    "airflow.providers.standard.decorators.python",
    "airflow.providers.standard.decorators.short_circuit",
    "jinja2.ext",
)


def in_task() -> bool:
    """Whether this process runs an Airflow task, so that Variables can be written."""
    from airflow.sdk.execution_time import task_runner

    return hasattr(task_runner, "SUPERVISOR_COMMS")


def xcom_of(ti_key: Any, key: str) -> Any:
    """What the task instance *ti_key* has told under *key*, for Airflow's page; None where it has told nothing."""
    from airflow.sdk.execution_time.xcom import XCom

    return XCom.get_value(ti_key=ti_key, key=key)


def add_to_counter(name: str, count: int, *, tags: Mapping[str, str]) -> None:
    """Tell Airflow's metrics that *count* more of *name* have happened."""
    from airflow.sdk.observability import stats

    stats.incr(name, count, tags=dict(tags))


def set_gauge(name: str, value: float, *, tags: Mapping[str, str]) -> None:
    """Tell Airflow's metrics that *name* is *value* now."""
    from airflow.sdk.observability import stats

    stats.gauge(name, value, tags=dict(tags))


def in_server() -> bool:
    """Whether this process is Airflow's API server or command line, which has the metadata database at hand."""
    return os.environ.get("_AIRFLOW_PROCESS_CONTEXT") == "server" and not in_task()


def is_made_up(conn_id: str) -> bool:
    """Whether Airflow may have made the name up, to test a connection from its form.

    A saved connection that is called so as well is only told less.
    """
    return _MADE_UP.fullmatch(conn_id) is not None


def saved_connections(conn_type: str) -> list[Any]:
    """Airflow's connections of a type, out of its database; in a server only."""
    from airflow.models.connection import Connection
    from sqlalchemy import select

    with database() as session:
        saved = list(session.scalars(select(Connection).where(Connection.conn_type == conn_type)))
        session.expunge_all()
        return saved


def database() -> AbstractContextManager[Session]:
    """A transaction in Airflow's database."""
    from airflow.utils.session import create_session

    return create_session(scoped=False)


def connection_in(session: Session, conn_id: str) -> Any:
    """Airflow's connection *conn_id*, None where there is none."""
    from airflow.models.connection import Connection
    from sqlalchemy import select

    return session.scalar(select(Connection).where(Connection.conn_id == conn_id))


def new_connection(conn_id: str, **fields: Any) -> Any:
    """A connection that is in no database yet."""
    from airflow.models.connection import Connection

    return Connection(conn_id=conn_id, **fields)


def is_conn_id(conn_id: str) -> bool:
    """Whether Airflow takes *conn_id* as a connection's id."""
    from airflow.models.connection import sanitize_conn_id

    return sanitize_conn_id(conn_id) is not None


def run_has_task(dag_run: Any, session: Session, *, operators: Collection[str], pool: str) -> bool:
    """Whether a task of *dag_run* is of one of *operators* (by name) or in *pool*."""
    from airflow.models.taskinstance import TaskInstance
    from sqlalchemy import or_, select

    found = select(TaskInstance.id).where(
        TaskInstance.dag_id == dag_run.dag_id,
        TaskInstance.run_id == dag_run.run_id,
        or_(TaskInstance.operator.in_(operators), TaskInstance.pool == pool),
    )
    return session.scalar(found.limit(1)) is not None


def pools_in(session: Session) -> dict[str, PoolState]:
    """All of Airflow's pools by name."""
    from airflow.models.pool import Pool
    from sqlalchemy import select

    pools = session.scalars(select(Pool))
    return {str(pool.pool): PoolState(pool.slots, pool.include_deferred) for pool in pools}


def heartbeat_timeout_s() -> float:
    """After how many seconds without a heartbeat the scheduler takes a task for lost."""
    from airflow.configuration import conf

    return conf.getfloat("scheduler", "task_instance_heartbeat_timeout")


def set_variable_in(session: Session, key: str, value: str, description: str) -> None:
    """Write a Variable in a transaction that is under way."""
    from airflow.models.variable import Variable

    Variable.set(key, value, description=description, session=session)


def server_variables() -> Any:
    """What gets, sets and deletes Variables as ``airflow.sdk.Variable`` does in a task; in a server only."""
    from airflow.models.variable import Variable

    return Variable


def server_variable_keys(prefix: str) -> list[str]:
    """The keys of all Variables that begin with *prefix*; in a server only."""
    from airflow.models.variable import Variable
    from sqlalchemy import select

    with database() as session:
        named = Variable.key.startswith(prefix, autoescape=True)
        return list(session.scalars(select(Variable.key).where(named)))


def fab_builder() -> AbstractContextManager[Any]:
    """FAB's application builder, whose security manager ``sm`` writes FAB's tables.

    :raises ImportError: where Airflow's provider for FAB is not installed.
    """
    builder: AbstractContextManager[Any] = import_module(
        "airflow.providers.fab.auth_manager.cli_commands.utils"
    ).get_application_builder()
    return builder


def load_before_the_fork() -> None:
    """Load what LocalExecutor's workers, which are forked from the scheduler, would each load by themselves.

    The client that a worker reaches Airflow's API by keeps its TLS context for the process: reading the
    certificates costs each worker more than the rest of its first start. One client made here leaves the
    context to all of them. Each task looks for plugins with listeners, too, unless they are known.
    """
    for name in _EVERY_TASK_LOADS:
        import_module(name)
    import_module("airflow.sdk.api.client").Client(base_url="http://localhost", token="").close()
    import_module("airflow.sdk.listener").get_listener_manager()
