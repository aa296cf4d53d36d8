"""What a run is asked for, checked before a single request is spent."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from zoho_people.configuration.roots import CURE, refuse_outside
from zoho_people.model.entity_type import ENTITY_TYPE_NAMES, EntityType
from zoho_people.model.run_xcoms import Request
from zoho_people.model.unit import Course, parse_learner_id, shown
from zoho_people.planning.course_filter import Rule
from zoho_people.steps.limits import LIMITS, MOST_NAMED_UNITS
from zoho_people.storage.location import InvalidLocation, Location
from zoho_people.zoho.settings import THRESHOLD

T = TypeVar("T")

REFRESHES = ("changed", "full")
"""``changed``: whom Zoho's own course progress shows unchanged is not asked again; ``full``: everybody is."""

DEFAULTS: Mapping[str, Any] = {
    "courses": [],
    "learner_ids": [],
    "roster_file": None,
    "include": [],
    "exclude": [],
    "entity_types": list(ENTITY_TYPE_NAMES),
    "output_path": None,
    "refresh": "changed",
    "full_every_days": 7,
    "skip_absent_types": True,
    "units_per_task": None,
    "dry_run": False,
}
"""Every Param of the DAG with its default."""

_RIVALS: Mapping[str, Sequence[str]] = {
    "courses": ["roster_file"],
    "learner_ids": ["roster_file"],
    "roster_file": ["courses", "learner_ids"],
}
"""Where one of these is given as a Param, the Variable of the other is left alone."""


class InvalidRequest(ValueError):
    """A Param or Variable has an impossible value; the message names it, the value and the cure."""


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
class Asked:
    """A run's Params, and the Variables that stand in for those left empty.

    *conf_keys* are the names that the run was triggered with; *variables* maps a Param's name to the Variable
    behind it; *read* reads a Variable. *roots* is where the deployer lets runs read and write; where that is not
    said, it is the default output path and what the Variables name.
    """

    params: Mapping[str, Any]
    conf_keys: Iterable[str]
    variables: Mapping[str, str]
    read: Callable[[str], str | None]
    roots: Sequence[Location] = ()

    def request(
        self,
        *,
        default_output_path: str,
        snapshot_date: date,
        may_defer: bool = True,
        slots: int = THRESHOLD,
    ) -> Request:
        """The request, checked.

        :raises InvalidRequest: naming the first Param or Variable that can't be.
        """
        unknown = sorted(set(self.conf_keys) - set(DEFAULTS))
        if unknown:
            raise InvalidRequest(f"Param {unknown[0]!r} is unknown; allowed: {', '.join(sorted(DEFAULTS))}")
        request = Request(
            courses=self._list("courses", lambda item: str(Course.parse(item))),
            learner_ids=self._list("learner_ids", lambda item: parse_learner_id(item, field="learner")),
            roster_file=self._roster_file(default_output_path),
            include=self._list("include", _filter_rule),
            exclude=self._list("exclude", _filter_rule),
            entity_types=self._entity_types(),
            output_path=self.output_path(default_output_path),
            snapshot_date=snapshot_date,
            refresh=self._choice("refresh", REFRESHES),
            full_every_days=self._count("full_every_days", most=366),
            skip_absent_types=self._flag("skip_absent_types"),
            units_per_task=self._optional_count("units_per_task", most=10_000),
            dry_run=self._flag("dry_run"),
            may_defer=may_defer,
            slots=slots,
        )
        _refuse_contradictions(request)
        _refuse_too_many_units(request)
        return request

    def output_path(self, default: str) -> str:
        """Where the run writes, checked; *default* where nothing is said of it.

        :raises InvalidRequest: when it can't be.
        """
        where, value = self._value("output_path")
        if value in (None, ""):
            where, value = "The default of output_path", default
        if not value:
            raise InvalidRequest(
                "output_path is empty, and an installed package has no folder for data; name an absolute path or "
                f"a URL there or in the Variable {self.variables['output_path']}, where runs may write by {CURE}"
            )
        return self._place(where, value, "output_path", default)

    def _param(self, name: str) -> Any:
        return self.params.get(name, DEFAULTS[name])

    def _value(self, name: str) -> tuple[str, Any]:
        """Where *name*'s value comes from, in words, and the value."""
        value = self._param(name)
        if value or name not in self.variables or any(self._param(rival) for rival in _RIVALS.get(name, ())):
            return f"Param {name}", value
        variable = self.variables[name]
        text = self.read(variable)
        is_text = DEFAULTS[name] is None
        return f"Variable {variable}", text if is_text else _parse_json(text, variable)

    def _list(self, name: str, parse: Callable[[Any], T]) -> tuple[T, ...]:
        where, value = self._value(name)
        if value is None:
            return ()
        if not isinstance(value, list):
            raise InvalidRequest(
                f'{where} is {_short(value)}; write a list of strings, such as ["100002000000039001"]'
            )
        _refuse_too_many(where, name, value)
        return tuple(dict.fromkeys(_parse_item(parse, item, where) for item in value))

    def _entity_types(self) -> tuple[str, ...]:
        names = self._param("entity_types") or list(ENTITY_TYPE_NAMES)
        if not isinstance(names, Sequence) or isinstance(names, str):
            raise InvalidRequest(f"Param entity_types {_short(names)} is not a list of names")
        _refuse_too_many("Param entity_types", "entity_types", names)
        parsed = (_parse_item(EntityType.parse, name, "Param entity_types") for name in names)
        return tuple(dict.fromkeys(entity_type.label for entity_type in parsed))

    def _roster_file(self, default: str) -> str | None:
        where, value = self._value("roster_file")
        return None if value in (None, "") else self._place(where, value, "roster_file", default)

    def _place(self, where: str, value: object, name: str, default: str) -> str:
        """*value* in the one notation of :class:`Location`."""
        try:
            location = Location.parse(value)
            refuse_outside(location, self.roots or self._named_roots(name, default))
        except InvalidLocation as error:
            raise InvalidRequest(f"{where} {error}") from None
        return str(location)

    def _named_roots(self, name: str, default: str) -> list[Location]:
        """Where *name* may be as long as the deployer says nothing: who triggers a run can edit no Variable."""
        found = [Location.parse(default)] if default else []
        for variable in (self.variables.get(each) for each in dict.fromkeys(("output_path", name))):
            text = self.read(variable) if variable else None
            try:
                found += [Location.parse(text)] if text else []
            except InvalidLocation as error:
                raise InvalidRequest(f"Variable {variable} {error}") from None
        return found

    def _choice(self, name: str, allowed: Sequence[str]) -> str:
        value = self._param(name)
        if value not in allowed:
            raise InvalidRequest(f"Param {name} {shown(value)} is unknown; use one of: {', '.join(allowed)}")
        return str(value)

    def _count(self, name: str, *, most: int) -> int:
        value = self._param(name)
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
            raise InvalidRequest(f"Param {name} {shown(value)} can't be; use a whole number from 1 to {most}")
        return value

    def _optional_count(self, name: str, *, most: int) -> int | None:
        return None if self._param(name) is None else self._count(name, most=most)

    def _flag(self, name: str) -> bool:
        value = self._param(name)
        if not isinstance(value, bool):
            raise InvalidRequest(f"Param {name} {shown(value)} is neither true nor false")
        return value


def _refuse_contradictions(request: Request) -> None:
    """:raises InvalidRequest: when one Param says what another one makes impossible."""
    if request.roster_file and (request.courses or request.learner_ids):
        raise InvalidRequest(
            "a roster file names courses and learners itself; give either roster_file, or courses and learner_ids"
        )
    if request.learner_ids and not request.courses:
        raise InvalidRequest(
            "learners are named and no course is; name their courses, too, or leave learner_ids (and its "
            "Variable) empty to fetch all learners of every course"
        )
    filters = " and ".join(name for name in ("include", "exclude") if getattr(request, name))
    if filters and request.names_everybody:
        namer = "roster_file" if request.roster_file else "learner_ids"
        raise InvalidRequest(
            f"{filters} would change nothing, since {namer} is given: filters choose among the courses that Zoho "
            f"lists; leave {filters} empty, or {namer} (and its Variable)"
        )


def _refuse_too_many_units(request: Request) -> None:
    """:raises InvalidRequest: when each list is within its limit, and what they come to together is not."""
    counts = (len(request.courses), len(request.learner_ids), len(request.entity_types))
    units = math.prod(counts)
    if units > MOST_NAMED_UNITS:
        raise InvalidRequest(
            "courses, learner_ids and entity_types (or their Variables) ask for {} x {} x {}".format(*counts)
            + f" = {units} units, and at most {MOST_NAMED_UNITS} are possible; name fewer in a run, or, in a "
            "roster_file, only who takes which course"
        )


def _refuse_too_many(where: str, name: str, values: Sequence[object]) -> None:
    complaint = LIMITS[name].complaint(values)
    if complaint:
        raise InvalidRequest(f"{where} {complaint}")


def _filter_rule(item: Any) -> str:
    Rule.parse(item)
    return str(item)


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
