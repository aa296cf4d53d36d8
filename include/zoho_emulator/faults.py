"""Fault scripts: which requests go wrong, and how.

A script is a list of rules, or ``{"seed": …, "rules": […]}`` where rules draw lots::

    {"name": "optional", "match": {…}, "times": 3, "action": {"type": "http_status", "status": 500}}

The first rule that strikes decides; every rule counts every request that it matches, struck or not.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from zoho_emulator.actions import Action, parse_action
from zoho_emulator.draws import Draws
from zoho_emulator.problems import ScriptError, choice, number, only_keys, text
from zoho_emulator.target import Target

_MATCH_KEYS = (
    "kind", "call", "path", "course_id", "batch_id", "learner_id", "entity_type", "start_index",
    "nth", "every", "per", "probability",
)  # fmt: skip
_ID_KEYS = ("course_id", "batch_id", "learner_id", "entity_type", "start_index", "call")


@dataclass(slots=True)
class Rule:
    """One rule: which requests it matches, when it strikes, and what it has counted so far."""

    name: str
    action: Action
    kind: str = "api"
    path: re.Pattern[str] | None = None
    wanted: Mapping[str, frozenset[str]] = field(default_factory=dict)
    nth: frozenset[int] = frozenset()
    every: int = 1
    per: str = "all"
    probability: float = 1.0
    times: int | None = None
    matched: int = 0
    struck: int = 0
    _counts: Counter[str] = field(default_factory=Counter)

    def wants(self, target: Target, *, seed: int) -> bool:
        """Count *target* if it matches, and say whether the rule would strike it."""
        if not self._matches(target):
            return False
        self.matched += 1
        key = "" if self.per == "all" else target.page_key
        self._counts[key] += 1
        count = self._counts[key]
        if self.times is not None and self.struck >= self.times:
            return False
        if self.nth and count not in self.nth:
            return False
        if count % self.every:
            return False
        return Draws("fault", seed, self.name, key, count).chance(self.probability)

    def as_json(self) -> dict[str, Any]:
        """The rule's name and counters."""
        return {"name": self.name, "action": self.action.type, "matched": self.matched, "struck": self.struck}

    def _matches(self, target: Target) -> bool:
        return (
            self.kind in ("any", target.kind)
            and (self.path is None or self.path.search(target.path) is not None)
            and all(target.facts.get(name) in values for name, values in self.wanted.items())
        )


@dataclass(slots=True)
class Faults:
    """A script at work."""

    rules: list[Rule] = field(default_factory=list)
    seed: int = 0

    def strike(self, target: Target) -> Action | None:
        """What goes wrong with the request, None when nothing does."""
        struck: Rule | None = None
        for rule in self.rules:
            if rule.wants(target, seed=self.seed) and struck is None:
                struck = rule
        if struck is None:
            return None
        struck.struck += 1
        return struck.action


def parse_script(script: object) -> Faults:
    """The faults of a JSON script.

    :raises ScriptError: when anything in it is unknown or impossible; says where.
    """
    if isinstance(script, list):
        script = {"rules": script}
    if not isinstance(script, dict):
        raise ScriptError('a fault script is a list of rules or {"seed": number, "rules": [...]}')
    only_keys(script, ("seed", "rules"), where="script")
    rules = script.get("rules", [])
    if not isinstance(rules, list):
        raise ScriptError("script: rules must be a list")
    return Faults(
        rules=[_parse_rule(rule, position) for position, rule in enumerate(rules)],
        seed=int(number(script, "seed", where="script", default=0)),
    )


def _parse_rule(rule: object, position: int) -> Rule:
    where = f"rule {position + 1}"
    if not isinstance(rule, dict):
        raise ScriptError(f"{where}: must be an object")
    only_keys(rule, ("name", "match", "times", "action"), where=where)
    match = rule.get("match", {})
    if not isinstance(match, dict):
        raise ScriptError(f"{where}: match must be an object")
    only_keys(match, _MATCH_KEYS, where=f"{where}, match")
    times = rule.get("times")
    return Rule(
        name=text(rule, "name", where=where, default=where),
        action=parse_action(rule.get("action"), where=where),
        kind=choice(match, "kind", ("api", "token", "any"), where=where),
        path=_pattern(match, where=where),
        wanted={key: _texts(match[key], f"{where}, match: {key}") for key in _ID_KEYS if key in match},
        nth=frozenset(_whole_numbers(match.get("nth", []), f"{where}, match: nth")),
        every=int(number(match, "every", where=where, default=1, least=1)),
        per=choice(match, "per", ("all", "page"), where=where),
        probability=number(match, "probability", where=where, default=1.0, most=1),
        times=None if times is None else int(number(rule, "times", where=where, default=0)),
    )


def _pattern(match: dict[str, Any], *, where: str) -> re.Pattern[str] | None:
    if "path" not in match:
        return None
    try:
        return re.compile(text(match, "path", where=where))
    except re.error as error:
        raise ScriptError(f"{where}, match: path is no regular expression: {error}") from error


def _texts(value: object, where: str) -> frozenset[str]:
    """One id or a list of them, as strings; ids may be written as numbers too."""
    values = value if isinstance(value, list) else [value]
    if not all(isinstance(each, str | int) and not isinstance(each, bool) for each in values):
        raise ScriptError(f"{where} must be a string, a whole number or a list of them")
    return frozenset(map(str, values))


def _whole_numbers(value: object, where: str) -> list[int]:
    values = value if isinstance(value, list) else [value]
    numbers = [each for each in values if isinstance(each, int) and not isinstance(each, bool) and each >= 1]
    if len(numbers) != len(values):
        raise ScriptError(f"{where} must be a whole number from 1, or a list of them")
    return numbers
