"""The control routes below /_emulator: they are never counted, throttled or written to the journal."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import StreamingResponse

from zoho_emulator.answers import to_json
from zoho_emulator.faults import parse_script
from zoho_emulator.lists import Lists
from zoho_emulator.organisation import Course
from zoho_emulator.problems import ScriptError
from zoho_emulator.service import Service
from zoho_emulator.settings import SettingsError
from zoho_emulator.truth import Wanted, true_units


def control_routes(service: Service) -> APIRouter:
    """The routes that look at *service* and change it."""
    router = APIRouter(prefix="/_emulator")
    control = Control(service)
    for path, look in (
        ("/journal", control.journal),
        ("/stats", control.stats),
        ("/organisation", control.organisation),
        ("/truth", control.truth),
        ("/settings", control.settings),
        ("/faults", control.faults),
    ):
        router.add_api_route(path, look, methods=["GET"], response_model=None)
    for path, change in (
        ("/settings", control.change_settings),
        ("/faults", control.replace_faults),
        ("/reset", control.reset),
        ("/lock", control.lock),
        ("/tokens/revoke", control.revoke_tokens),
        ("/day", control.set_day),
    ):
        router.add_api_route(path, change, methods=["POST"], response_model=None)
    return router


@dataclass(frozen=True, slots=True)
class Control:
    """One method for each control route; the docstrings are shown at /_emulator/docs."""

    service: Service

    async def journal(self, since: int = 0) -> dict[str, Any]:
        """Every request after number *since*, in the order of arrival."""
        return {"entries": [entry.as_json() for entry in self.service.journal.since(since)]}

    async def stats(self) -> dict[str, Any]:
        """The journal in numbers."""
        return self.service.stats()

    async def organisation(self) -> dict[str, Any]:
        """Every course with its batches and learners."""
        lists = self.service.lists
        return {
            "seed": lists.organisation.seed,
            "day": lists.day,
            "learner_ids": _learner_ids(lists, None, None),
            "courses": [_describe(lists, course) for course in lists.organisation.all_courses()],
        }

    async def truth(self, request: Request) -> StreamingResponse:
        """One line of JSON for each unit: its ids and the records that its pages hold together."""
        try:
            wanted = Wanted.parse(request.query_params)
        except ValueError as error:
            raise HTTPException(400, str(error)) from error
        return StreamingResponse(_lines(self.service.lists, wanted), media_type="application/x-ndjson")

    async def settings(self) -> dict[str, Any]:
        """The settings, without the secrets."""
        return self.service.settings.public()

    async def faults(self) -> dict[str, Any]:
        """The rules of the fault script with what they have counted."""
        faults = self.service.faults
        return {"seed": faults.seed, "rules": [rule.as_json() for rule in faults.rules]}

    async def change_settings(self, request: Request) -> dict[str, Any]:
        """Change some settings; all of them or, when one is wrong, none."""
        try:
            self.service.change(self.service.settings.changed(await _object(request)))
        except SettingsError as error:
            raise HTTPException(400, str(error)) from error
        return await self.settings()

    async def replace_faults(self, request: Request) -> dict[str, Any]:
        """Put another fault script in the place of the one at work."""
        try:
            self.service.faults = parse_script(await _json(request))
        except ScriptError as error:
            raise HTTPException(400, str(error)) from error
        return await self.faults()

    async def reset(self) -> dict[str, Any]:
        """Forget every request, lock, token and fault."""
        self.service.reset()
        return self.service.stats()

    async def lock(self, seconds: float | None = None) -> dict[str, Any]:
        """Lock the API as if another client had spent its threshold; 0 seconds ends a lock."""
        if seconds is None:
            seconds = self.service.settings.lock_seconds
        if not 0 <= seconds < math.inf:
            raise HTTPException(400, "seconds must be 0 or more")
        self.service.limiter.lock(self.service.clock(), seconds=seconds)
        return {"locked_until": self.service.limiter.locked_until}

    async def revoke_tokens(self) -> dict[str, Any]:
        """Make every access token useless."""
        return {"revoked": self.service.tokens.revoke()}

    async def set_day(self, request: Request) -> dict[str, Any]:
        """Let time pass: on each day some learners' records change."""
        body = await _object(request)
        day = body.get("day")
        if set(body) != {"day"} or isinstance(day, bool) or not isinstance(day, int) or day < 0:
            raise HTTPException(400, 'the body must be {"day": n} with a whole number from 0')
        self.service.day = day
        return {"day": day}


async def _json(request: Request) -> object:
    try:
        return json.loads(await request.body())
    except ValueError as error:
        raise HTTPException(400, f"the body is no JSON: {error}") from error


async def _object(request: Request) -> dict[str, Any]:
    body = await _json(request)
    if not isinstance(body, dict):
        raise HTTPException(400, "the body must be a JSON object")
    return body


def _describe(lists: Lists, course: Course) -> dict[str, Any]:
    return {
        "course_id": str(course.course_id),
        "name": course.name,
        "type": course.type,
        "state": lists.organisation.state_of(course),
        "batches": [
            {"batch_id": str(batch_id), "learner_ids": _learner_ids(lists, course, batch_id)}
            for batch_id in course.batch_ids
        ],
        "learner_ids": _learner_ids(lists, course, None),
    }


def _learner_ids(lists: Lists, course: Course | None, batch_id: int | None) -> list[str]:
    organisation = lists.organisation
    indices = range(organisation.learners) if course is None else organisation.learners_of(course, batch_id)
    return [str(organisation.learner_id(index)) for index in indices]


async def _lines(lists: Lists, wanted: Wanted) -> AsyncIterator[bytes]:
    for unit in true_units(lists, wanted):
        yield to_json(unit) + b"\n"
        await asyncio.sleep(0)
