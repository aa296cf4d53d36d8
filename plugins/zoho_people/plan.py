"""What a run sets out to fetch, checked before a single request is spent."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from zoho_people.api.entity_type import ENTITY_TYPE_NAMES, EntityType
from zoho_people.api.unit import Course, Unit, parse_id, shown

T = TypeVar("T")


class InvalidRequest(ValueError):
    """A Param or Variable has an impossible value; the message names it, the value and the cure."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Every learner × entity type of every course, to be published under one snapshot date.

    ``snapshot_date`` is the UTC day on which the run began to fetch.
    """

    courses: tuple[Course, ...]
    learner_ids: tuple[str, ...]
    entity_types: tuple[EntityType, ...]
    output_path: str
    snapshot_date: date

    def units(self) -> Iterator[Unit]:
        """What is fetched, one unit a task."""
        for course in self.courses:
            for learner_id in self.learner_ids:
                for entity_type in self.entity_types:
                    yield Unit(course, learner_id, entity_type)

    def __len__(self) -> int:
        return len(self.courses) * len(self.learner_ids) * len(self.entity_types)

    def to_json(self) -> dict[str, Any]:
        """The plan as an XCom."""
        return {
            "courses": [str(course) for course in self.courses],
            "learner_ids": list(self.learner_ids),
            "entity_types": [entity_type.label for entity_type in self.entity_types],
            "output_path": self.output_path,
            "snapshot_date": self.snapshot_date.isoformat(),
        }

    @classmethod
    def from_json(cls, plan: Mapping[str, Any]) -> Plan:
        """The plan that :meth:`to_json` wrote."""
        return cls(
            courses=tuple(Course.parse(course) for course in plan["courses"]),
            learner_ids=tuple(plan["learner_ids"]),
            entity_types=tuple(EntityType.parse(name) for name in plan["entity_types"]),
            output_path=plan["output_path"],
            snapshot_date=date.fromisoformat(plan["snapshot_date"]),
        )


def minutes(requests: int, *, per_window: int, window_s: float) -> float:
    """The least time that *requests* take at *per_window* requests in *window_s* seconds."""
    return max(0, math.ceil(requests / per_window) - 1) * window_s / 60.0


def refuse_unheard(conf: Mapping[str, Any], params: Mapping[str, Any], *, overrides: bool) -> None:
    """Refuse a run that was triggered with *conf* where Airflow fetches something else: the DAG's own *params*.

    *overrides* is Airflow's setting ``[core] dag_run_conf_overrides_params``.

    :raises InvalidRequest: naming the first Param that is not as it was triggered, and the setting.
    """
    unheard = (
        [] if overrides else sorted(name for name in conf if name not in params or conf[name] != params[name])
    )
    if unheard:
        raise InvalidRequest(
            f"the run was triggered with the Param {unheard[0]}, which Airflow ignores here; set "
            "[core] dag_run_conf_overrides_params = True, or trigger it without Params"
        )


@dataclass(frozen=True, slots=True)
class Request:
    """What a run was asked for: its Params, and the Variables that stand in for those left empty.

    *params* are the DAG's Params with the run's values; *conf_keys* are the names that the run was
    triggered with; *variables* maps a Param's name to the Variable behind it; *read* reads a Variable.
    """

    params: Mapping[str, Any]
    conf_keys: Iterable[str]
    variables: Mapping[str, str]
    read: Callable[[str], str | None]

    def plan(self, *, default_output_path: str, snapshot_date: date, max_length: int) -> Plan:
        """The plan. *max_length* is how many units one run may have.

        :raises InvalidRequest: naming the first Param or Variable that can't be.
        """
        unknown = sorted(set(self.conf_keys) - set(self.params))
        if unknown:
            raise InvalidRequest(
                f"Param {unknown[0]!r} is unknown; allowed: {', '.join(sorted(self.params))}"
            )
        plan = Plan(
            courses=self._list("courses", Course.parse),
            learner_ids=self._list("learner_ids", lambda item: parse_id(item, field="learner")),
            entity_types=self._entity_types(),
            output_path=self._output_path(default_output_path),
            snapshot_date=snapshot_date,
        )
        if len(plan) > max_length:
            raise InvalidRequest(
                f"{len(plan.courses)} courses × {len(plan.learner_ids)} learners × {len(plan.entity_types)} "
                f"entity types are {len(plan)} tasks; Airflow maps at most {max_length}: name fewer and start "
                "several runs, or raise [core] max_map_length"
            )
        return plan

    def _list(self, name: str, parse: Callable[[Any], T]) -> tuple[T, ...]:
        where, value = self._value(name)
        if not isinstance(value, list) or not value:
            variable = self.variables[name]
            raise InvalidRequest(
                f"{where} is {_short(value)}; give at least one in the Param {name}, or a JSON list of strings "
                f'in the Variable {variable}, such as ["100002000000039001"]'
            )
        return tuple(dict.fromkeys(_parse_item(parse, item, where) for item in value))

    def _entity_types(self) -> tuple[EntityType, ...]:
        names = self.params.get("entity_types") or list(ENTITY_TYPE_NAMES)
        if not isinstance(names, Sequence) or isinstance(names, str):
            raise InvalidRequest(f"Param entity_types {_short(names)} is not a list of names")
        return tuple(
            dict.fromkeys(_parse_item(EntityType.parse, name, "Param entity_types") for name in names)
        )

    def _output_path(self, default: str) -> str:
        where, value = self._value("output_path")
        if value is None or value == "":
            return default
        if not isinstance(value, str) or value != value.strip() or not value.isprintable():
            raise InvalidRequest(f"{where} {_short(value)} is not a path or URL; write /data/zoho or s3://…")
        if "://" not in value and not Path(value).is_absolute():
            raise InvalidRequest(
                f"{where} {_short(value)} is relative; write an absolute path, since workers may run anywhere"
            )
        return value

    def _value(self, name: str) -> tuple[str, Any]:
        """Where *name*'s value comes from, in words, and the value."""
        value = self.params.get(name)
        if value:
            return f"Param {name}", value
        variable = self.variables[name]
        text = self.read(variable)
        return f"Variable {variable}", text if name == "output_path" else _parse_json(text, variable)


def _parse_json(text: str | None, variable: str) -> Any:
    try:
        return json.loads(text) if text else None
    except ValueError:
        raise InvalidRequest(
            f'Variable {variable} is not JSON; write a list of strings, such as ["100002000000039001"]'
        ) from None


def _parse_item(parse: Callable[[Any], T], item: Any, where: str) -> T:
    try:
        return parse(item)
    except ValueError as error:
        raise InvalidRequest(f"{where}: {error}") from None


def _short(value: object) -> str:
    return shown(value) if value else "empty"
