"""A process that runs an Airflow task: what it asks its supervisor for is answered out of memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from airflow.sdk._shared.secrets_masker import reset_secrets_masker
from airflow.sdk.exceptions import ErrorType
from airflow.sdk.execution_time import comms
from airflow.sdk.execution_time.supervisor import set_supervisor_comms

from tests.helpers.fakes import Variables

NOT_FOUND = {
    comms.GetVariable: ErrorType.VARIABLE_NOT_FOUND,
    comms.GetConnection: ErrorType.CONNECTION_NOT_FOUND,
}


@dataclass(frozen=True)
class Supervisor:
    """Answers a task as Airflow's API does, as far as Variables and XComs go; of connections it knows none."""

    variables: Variables
    xcoms: Mapping[tuple[str, str], Any]

    def send(self, asked: Any) -> Any:
        match asked:
            case comms.GetVariable(key=key) if (value := self.variables.get(key)) is not None:
                return comms.VariableResult(key=key, value=value)
            case comms.GetVariable() | comms.GetConnection():
                return comms.ErrorResponse(error=NOT_FOUND[type(asked)])
            case comms.GetVariableKeys(prefix=prefix):
                keys = self.variables.keys(prefix=prefix or "")
                page = keys[asked.offset : asked.offset + asked.limit]
                return comms.VariableKeysResult(keys=page, total_entries=len(keys))
            case comms.PutVariable(key=key, value=value):
                self.variables.set(key, value or "", description=asked.description)
            case comms.DeleteVariable(key=key):
                self.variables.delete(key)
            case comms.GetXCom(task_id=task_id, key=key):
                return comms.XComResult(key=key, value=self.xcoms.get((task_id, key)))
            case _:
                assert isinstance(asked, comms.MaskSecret), asked
        return comms.OKResponse(ok=True)


@contextmanager
def in_a_task(variables: Variables, xcoms: Mapping[tuple[str, str], Any] | None = None) -> Iterator[None]:
    """What runs meanwhile runs in a task that shares what it knows by *variables*; it has masked no secret yet."""
    reset_secrets_masker()
    with set_supervisor_comms(Supervisor(variables, xcoms or {})):
        yield
