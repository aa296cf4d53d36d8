from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from airflow.sdk import AsyncCallback, DeadlineReference, SyncCallback
from airflow.serialization.decoders import decode_deadline_alert
from airflow.serialization.encoders import encode_deadline_alert

from tests.notifications.notes import Notes
from zoho_people.notifications.alert import InvalidAlert
from zoho_people.notifications.late import deadline_of, log_late


def test_there_is_no_deadline_by_default() -> None:
    assert deadline_of(None, None) is None


def test_it_is_so_long_after_the_logical_date_and_survives_airflow_s_database() -> None:
    callback = AsyncCallback(Notes, kwargs={"text": "late"})
    alert = deadline_of(timedelta(hours=6), callback)
    assert alert is not None
    assert alert.reference == DeadlineReference.DAGRUN_LOGICAL_DATE
    kept: Any = decode_deadline_alert({"__var": encode_deadline_alert(alert)})
    assert kept.interval == timedelta(hours=6)
    assert kept.callback.serialize() == callback.serialize()


def test_a_callback_in_an_executor_will_do() -> None:
    callback = SyncCallback("module.function")
    assert getattr(deadline_of(timedelta(hours=6), callback), "callback", None) is callback


def test_by_default_it_is_an_error_in_the_triggerer_s_log(caplog: pytest.LogCaptureFixture) -> None:
    alert = deadline_of(timedelta(hours=6), None)
    assert alert is not None
    assert alert.callback.path == "zoho_people.notifications.late.log_late"
    asyncio.run(log_late(context={"dag_run": {"dag_id": "zoho_eu", "dag_run_id": "scheduled__1"}}))
    assert "The snapshot of zoho_eu is late: the run scheduled__1 is not done" in caplog.text


@pytest.mark.parametrize(
    ("late_after", "on_late", "message"),
    [
        (6, None, "late_after: 6 can't be; use a time after"),
        (timedelta(0), None, "late_after: datetime.timedelta(0) can't be"),
        (timedelta(hours=-1), None, "late_after: "),
        (timedelta(hours=6), Notes(), "on_late: a value of type Notes can't be"),
        (timedelta(hours=6), "module.function", "on_late: a value of type str can't be"),
        (None, AsyncCallback("module.function"), "on_late: nothing is late without late_after"),
    ],
)
def test_what_cannot_be_is_refused_with_keyword_value_and_cure(
    late_after: Any, on_late: Any, message: str
) -> None:
    with pytest.raises(InvalidAlert) as refused:
        deadline_of(late_after, on_late)
    assert str(refused.value).startswith(message)
