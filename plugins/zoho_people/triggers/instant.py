"""The trigger: waits until an instant. Nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

from airflow.triggers.base import BaseTrigger, TaskSuccessEvent, TriggerEvent

_LONGEST_SLEEP_S = 60.0


class InstantTrigger(BaseTrigger):
    """Waits until *moment*, then ends the task as a success, or resumes it when *resume* is true.

    The instant is absolute, so a restarted triggerer neither shortens the wait nor repeats it. (Airflow's
    ``DateTimeTrigger`` looks at the clock once a second, which would cost half a second of every minute.)
    """

    def __init__(self, moment: datetime, *, resume: bool) -> None:
        super().__init__()
        self.moment = moment
        self.resume = resume

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return "zoho_people.triggers.instant.InstantTrigger", {"moment": self.moment, "resume": self.resume}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        while (remaining_s := (self.moment - datetime.now(UTC)).total_seconds()) > 0:
            await asyncio.sleep(min(remaining_s, _LONGEST_SLEEP_S))
        yield TriggerEvent(self.moment.isoformat()) if self.resume else TaskSuccessEvent()
