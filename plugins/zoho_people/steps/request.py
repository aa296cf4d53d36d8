"""What a run is asked for, checked before a single request is spent."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, NamedTuple, TypeVar

from pydantic import ValidationError

from zoho_people.configuration.roots import CURE, refuse_outside
from zoho_people.model.entity_type import ENTITY_TYPE_NAMES
from zoho_people.model.run_xcoms import Request
from zoho_people.steps.param_error import why
from zoho_people.steps.run_params import MOST_NAMED_UNITS, DagParams, RunParams
from zoho_people.storage.location import InvalidLocation, Location
from zoho_people.zoho.settings import THRESHOLD

Params = TypeVar("Params", bound=DagParams)

_RIVALS: Mapping[str, Sequence[str]] = {
    "courses": ["roster_file"],
    "learner_ids": ["roster_file"],
    "roster_file": ["courses", "learner_ids"],
}
"""Where one of these is given as a Param, the Variable of the other is left alone."""

_PATHS = ("output_path", "roster_file")
"""The Variables that stand in for these have text; those for lists have JSON."""


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


class _Found(NamedTuple):
    """A Param's value, and where it comes from, in words."""

    where: str
    value: Any


@dataclass(frozen=True, slots=True)
class ParamValues(Generic[Params]):
    """The Params that a run was triggered with, and the Variables that stand in for those left empty.

    *conf_keys* are the names that the run was triggered with; *variables* maps a Param's name to the Variable
    behind it; *read* reads a Variable. *roots* is where the deployer lets runs read and write; where that is not
    said, it is the default output path and what the Variables name.
    """

    kind: type[Params]
    params: Mapping[str, Any]
    conf_keys: Iterable[str]
    variables: Mapping[str, str]
    read: Callable[[str], str | None]
    roots: Sequence[Location] = ()

    def checked(self) -> Params:
        """The Params, or what the Variables have, each by itself as it should be.

        :raises InvalidRequest: naming the first that can't be, or is unknown.
        """
        known = self.kind.model_fields
        unknown = sorted(set(self.conf_keys) - set(known))
        if unknown:
            raise InvalidRequest(f"Param {unknown[0]!r} is unknown; allowed: {', '.join(sorted(known))}")
        return self._validated({name: self._found(name) for name in known})

    def output_path(self, default: str) -> str:
        """Where the run writes, checked; *default* where nothing is said of it.

        :raises InvalidRequest: when it can't be.
        """
        found = self._found("output_path")
        if found.value in (None, ""):
            found = _Found("The default of output_path", default)
        if not found.value:
            raise InvalidRequest(
                "output_path is empty, and an installed package has no folder for data; name an absolute path or "
                f"a URL there or in the Variable {self.variables['output_path']}, where runs may write by {CURE}"
            )
        return self._place("output_path", found, default)

    def roster_file(self, default_output_path: str) -> str | None:
        """The roster file, checked in the same way; None where there is none."""
        found = self._found("roster_file")
        return None if found.value in (None, "") else self._place("roster_file", found, default_output_path)

    def _param(self, name: str) -> Any:
        return self.params.get(name, self.kind.model_fields[name].default)

    def _found(self, name: str) -> _Found:
        value = self._param(name)
        if value or name not in self.variables or any(self._param(rival) for rival in _RIVALS.get(name, ())):
            return _Found(f"Param {name}", value)
        variable = self.variables[name]
        text = self.read(variable)
        return _Found(f"Variable {variable}", text if name in _PATHS else _parse_json(text, variable))

    def _validated(self, found: Mapping[str, _Found]) -> Params:
        try:
            return self.kind.model_validate({name: each.value for name, each in found.items()})
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            raise InvalidRequest(why(self.kind, first, found[str(first["loc"][0])].where)) from None

    def _place(self, name: str, found: _Found, default: str) -> str:
        """What was found, in the one notation of :class:`Location`."""
        try:
            location = Location.parse(found.value)
            refuse_outside(location, self.roots or self._named_roots(name, default))
        except InvalidLocation as error:
            raise InvalidRequest(f"{found.where} {error}") from None
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


def run_request(
    values: ParamValues[RunParams],
    *,
    default_output_path: str,
    snapshot_date: date,
    may_defer: bool = True,
    slots: int = THRESHOLD,
) -> Request:
    """What a run is asked for by *values*, checked.

    :raises InvalidRequest: naming the first Param or Variable that can't be.
    """
    params = values.checked()
    request = Request(
        courses=_once(params.courses),
        learner_ids=_once(params.learner_ids),
        roster_file=values.roster_file(default_output_path),
        include=_once(params.include),
        exclude=_once(params.exclude),
        entity_types=_once(params.entity_types) or ENTITY_TYPE_NAMES,
        output_path=values.output_path(default_output_path),
        snapshot_date=snapshot_date,
        refresh=params.refresh,
        full_every_days=params.full_every_days,
        skip_absent_types=params.skip_absent_types,
        units_per_task=params.units_per_task,
        dry_run=params.dry_run,
        may_defer=may_defer,
        slots=slots,
    )
    _refuse_contradictions(request)
    _refuse_too_many_units(request)
    return request


def _once(values: Iterable[str] | None) -> tuple[str, ...]:
    """Each of *values* where it comes first."""
    return tuple(dict.fromkeys(values or ()))


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


def _parse_json(text: str | None, variable: str) -> Any:
    try:
        return json.loads(text) if text else None
    except ValueError:
        raise InvalidRequest(
            f'Variable {variable} is not JSON; write a list of strings, such as ["100002000000039001"]'
        ) from None
