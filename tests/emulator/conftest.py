"""An emulator inside the test's own process, at a time that the test decides."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from zoho_emulator.app import create_app
from zoho_emulator.faults import Faults
from zoho_emulator.organisation import Organisation
from zoho_emulator.service import Service
from zoho_emulator.settings import Settings

NOON = 1_800_014_400.0
CREDENTIALS = {
    "client_id": "emulated-client-id",
    "client_secret": "emulated-client-secret",
    "refresh_token": "1000.emulated-refresh-token",
}


@dataclass
class FakeClock:
    """Time that only moves when a test moves it."""

    now: float = NOON

    def __call__(self) -> float:
        return self.now

    def tick(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class Emulator:
    """A client of an emulator that lives in this process."""

    organisation: Organisation = field(default_factory=Organisation)
    settings: Settings = field(default_factory=Settings)
    clock: FakeClock = field(default_factory=FakeClock)
    token: str = ""

    def __post_init__(self) -> None:
        service = Service.of(self.organisation, self.settings, clock=self.clock, faults=Faults())
        self.app = create_app(service)

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
                return await client.request(method, path, **options)

        return asyncio.run(send())

    def sign_in(self, **changes: str) -> dict[str, Any]:
        form = {"grant_type": "refresh_token", **CREDENTIALS, **changes}
        answer = self.request("POST", "/oauth/v2/token", data=form)
        assert answer.status_code == 200
        body: dict[str, Any] = answer.json()
        self.token = body.get("access_token", self.token)
        return body

    def get(self, path: str, **params: Any) -> httpx.Response:
        headers = {"Authorization": f"Zoho-oauthtoken {self.token}"} if self.token else {}
        return self.request("GET", f"/api/v1{path}", params=params, headers=headers)

    def control(self, path: str, body: Any = None, **params: Any) -> Any:
        method, content = ("GET", "") if body is None else ("POST", json.dumps(body))
        answer = self.request(method, f"/_emulator/{path}", content=content, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def truth(self, **filters: str) -> list[dict[str, Any]]:
        answer = self.request("GET", "/_emulator/truth", params=filters)
        assert answer.status_code == 200, answer.text
        return [json.loads(line) for line in answer.text.split("\n") if line]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def make_emulator(clock: FakeClock) -> Any:
    """Makes an emulator; a client of it is signed in, and nothing is limited unless the test says so."""

    def make(organisation: Organisation | None = None, **settings: Any) -> Emulator:
        changed = Settings().changed({"threshold": 1_000_000, **settings})
        emulator = Emulator(organisation or Organisation(), changed, clock)
        emulator.sign_in()
        return emulator

    return make


@pytest.fixture
def emulator(make_emulator: Any) -> Iterator[Emulator]:
    return make_emulator()
