"""`make run`: one run of the DAG from start to what it wrote."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from local_airflow import sample, summary, watch
from local_airflow.api import AirflowApi, Json
from local_airflow.progress import duration
from local_airflow.service import Service
from local_airflow.stack import Stack
from local_airflow.watch import DAG_ID

_PREFIX = "make_run__"
_LOG_LINES = 20
_FAILURES_SHOWN = 3


def run(stack: Stack, service: Service) -> bool:
    """Run the DAG for the sample, or for what `.env` names, and show what comes of it; whether it succeeded."""
    began = time.monotonic()
    conf = _request(stack, service) | {"output_path": stack.output_path}
    run_id = _joined(stack.airflow.api, conf) or _triggered(stack.airflow.api, conf)
    size = _counted(len(conf["courses"]), "course"), _counted(len(conf["learner_ids"]), "learner")
    print(f"Run {run_id}: {', '.join(size)}", flush=True)
    state = watch.until_finished(stack, run_id)
    took = duration(time.monotonic() - began)
    if state == "success":
        _say_written(stack, run_id, took)
        return True
    print(f"\nThe run failed after {took}.")
    for failure in _failures(stack.airflow.api, run_id):
        print(failure)
    return False


def _request(stack: Stack, service: Service) -> dict[str, Any]:
    if stack.emulator is None:
        return service.request()
    return {**sample.request(stack.emulator.organisation())}


def _joined(api: AirflowApi, conf: dict[str, Any]) -> str | None:
    """The earlier run for the same request that nobody watches any more but Airflow still works on."""
    api.wait_for_dag(DAG_ID)
    for earlier in api.runs(DAG_ID, states=("queued", "running")):
        if earlier["dag_run_id"].startswith(_PREFIX) and conf.items() <= (earlier["conf"] or {}).items():
            print("An earlier run for the same learners is still going; watching that one.")
            return str(earlier["dag_run_id"])
    return None


def _triggered(api: AirflowApi, conf: dict[str, Any]) -> str:
    return api.trigger_dag(DAG_ID, conf, run_id=f"{_PREFIX}{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}")


def _say_written(stack: Stack, run_id: str, took: str) -> None:
    folder = summary.local_folder(stack.output_path)
    print(f"\nDone in {took}. Written to {stack.output_path}:")
    if folder is not None:
        print(summary.table(summary.written(folder, run_id)))
    print(f"\nRead it:\n{summary.how_to_read(stack.output_path)}")


def _failures(api: AirflowApi, run_id: str) -> Iterator[str]:
    """The tasks that failed, each with the end of its last log; a few, since many fail for one reason."""
    failed = [task for task in api.task_instances(DAG_ID, run_id) if task["state"] == "failed"]
    for task in failed[:_FAILURES_SHOWN]:
        yield f"\n{_name(task)} failed. The end of its log:\n{_end_of_log(api, run_id, task)}"
    if len(failed) > _FAILURES_SHOWN:
        yield f"\n… and {len(failed) - _FAILURES_SHOWN} more tasks."


def _name(task: Json) -> str:
    index = task["map_index"]
    return (
        f"{task['task_id']} [{task.get('rendered_map_index') or index}]"
        if index >= 0
        else str(task["task_id"])
    )


def _end_of_log(api: AirflowApi, run_id: str, task: Json) -> str:
    events = api.task_events(DAG_ID, run_id, task["task_id"], task["try_number"], task["map_index"])
    lines = [line for line in map(concise, events) if "::group::" not in line and "::endgroup::" not in line]
    return "\n".join(f"    {line}" for line in lines[-_LOG_LINES:])


def concise(event: Json | str) -> str:
    """A log event as a person reads it: when, how bad, what, and the errors behind it."""
    if isinstance(event, str):
        return event
    errors = event.get("error_detail") or []
    said = (event.get("timestamp"), event.get("level"), event.get("event"))
    causes = (f"{error['exc_type']}: {error['exc_value']}" for error in errors)
    return " · ".join([" ".join(str(part) for part in said if part), *causes])


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count or 'all'} {noun}s"
