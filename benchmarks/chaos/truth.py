"""The emulator's truth: what the dataset must hold in the end."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from benchmarks.chaos.scene import Scene
from tests.emulated.journey import KINDS, expected_row

UnitKey = tuple[str, str, str]
"""Course (`courseId` or `courseId/batchId`), learner, entity type."""


class Truth:
    """Asked for once: it does not change while trials run."""

    def __init__(self, scene: Scene) -> None:
        lines = scene.truth_lines().split("\n")
        self._units = {_key(unit): unit for unit in map(json.loads, filter(None, lines))}

    def counts(self) -> dict[UnitKey, int]:
        """How many rows each unit has."""
        return {key: len(unit["records"]) for key, unit in self._units.items()}

    def records(self, key: UnitKey) -> list[dict[str, Any]]:
        """A unit's records as Zoho sends them; none where the learner is not in the course."""
        return list(self._units[key]["records"]) if key in self._units else []

    def rows(self, keys: Iterable[UnitKey]) -> list[dict[str, Any]]:
        """The rows of all these units, each unit once."""
        known = [key for key in sorted(set(keys)) if key in self._units]
        return [expected_row(self._units[key], record) for key in known for record in self.records(key)]


def _key(unit: Mapping[str, Any]) -> UnitKey:
    course = "/".join(filter(None, (unit["course_id"], unit["batch_id"])))
    return course, unit["learner_id"], KINDS[unit["entity_type"]][0]
