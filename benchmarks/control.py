"""The control routes of a running emulator: its journal, its truth, and what changes it."""

from __future__ import annotations

import json
from typing import Any

import httpx

PATIENCE_S = 300.0
"""The journal and the truth of a large organisation take their time."""


class Control:
    """Asks the emulator at *url* what only it knows."""

    def __init__(self, url: str) -> None:
        self._http = httpx.Client(base_url=f"{url}/_emulator", timeout=PATIENCE_S, trust_env=False)

    def get(self, route: str, **query: Any) -> Any:
        """A control route's answer."""
        return self._http.get(route, params=query).raise_for_status().json()

    def post(self, route: str, body: Any = None, **query: Any) -> None:
        """Change something."""
        self._http.post(route, params=query, json=body).raise_for_status()

    def requests(self, since: int = 0) -> list[dict[str, Any]]:
        """The API requests after that number of the journal."""
        return [entry for entry in self.get("journal", since=since)["entries"] if entry["kind"] == "api"]

    def last(self) -> int:
        """The number of the journal's last entry."""
        return max((entry["seq"] for entry in self.get("journal")["entries"]), default=0)

    def true_units(self, **filters: Any) -> list[dict[str, Any]]:
        """Every unit with its records, as the pages send them together."""
        lines = self._http.get("truth", params=filters).raise_for_status().text
        return [json.loads(line) for line in lines.split("\n") if line]
