"""An alert: the notifiers that are told of one kind of event."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from copy import copy, deepcopy
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias, cast

from airflow.sdk import BaseNotifier, Context
from airflow.sdk.exceptions import AirflowTaskTerminated, AirflowTaskTimeout

from zoho_people.model.wording import quoted
from zoho_people.notifications.facts import Facts

log = logging.getLogger(__name__)

FACTS_KEY = "zoho_people"
"""The facts' name in a notifier's templates."""

Notifiers: TypeAlias = BaseNotifier | Sequence[BaseNotifier] | None


class InvalidAlert(ValueError):
    """A keyword about alerts has an impossible value; the message names it, the value and the cure."""


@dataclass(frozen=True, slots=True)
class Alert:
    """The *notifiers* of the keyword *keyword*; none where nobody is to be told."""

    keyword: str
    notifiers: tuple[BaseNotifier, ...] = ()

    @classmethod
    def of(cls, keyword: str, notifiers: Notifiers | Alert) -> Alert:
        """The alert of *keyword*.

        :raises InvalidAlert: when *notifiers* is neither a notifier nor a list of them.
        """
        if isinstance(notifiers, Alert):
            return notifiers
        listed: Sequence[Any] = notifiers if isinstance(notifiers, (list, tuple)) else [notifiers]
        for each in listed if notifiers is not None else ():
            if not isinstance(each, BaseNotifier):
                raise InvalidAlert(
                    f"{keyword}: {_shown(each)} can't be; use a notifier such as SmtpNotifier(to=…), or a list of "
                    "them (a function is none: make it a class that inherits from airflow.sdk.BaseNotifier)"
                )
        return cls(keyword, () if notifiers is None else tuple(listed))

    def __bool__(self) -> bool:
        return bool(self.notifiers)

    def __str__(self) -> str:
        """The same at each parse: Airflow keeps it with the DAG, and what changes there makes a new version."""
        return f"{self.keyword}: {', '.join(type(each).__name__ for each in self.notifiers)}"

    def send(self, context: Context | Mapping[str, Any], facts: Facts) -> None:
        """Call each notifier with *context* and *facts*. One that fails is logged and hinders nothing else."""
        for notifier in self.notifiers:
            try:
                _fresh(notifier)(cast("Any", {**context, FACTS_KEY: asdict(facts)}))
            except BaseException as error:  # sys.exit() in a notifier is a failure like any other
                if isinstance(error, _ends_of_task(context)):
                    raise
                log.exception("%s could not be sent; that hinders nothing else", self)
            else:
                log.info("Sent %s", self)


def _fresh(notifier: BaseNotifier) -> BaseNotifier:
    """A copy for one call: a notifier keeps what it rendered, and called again would render what a value says."""
    fresh = copy(notifier)
    for name in notifier.template_fields:
        setattr(fresh, name, deepcopy(getattr(notifier, name)))
    return fresh


def _ends_of_task(context: Context | Mapping[str, Any]) -> tuple[type[BaseException], ...]:
    """What is not the notifier's failure: Airflow, or a person, ends the task, which must end then.

    Airflow's time-out is the notifier's own where the task has none (``execution_timeout``).
    """
    has_timeout = getattr(context.get("task"), "execution_timeout", None) is not None
    return (KeyboardInterrupt, AirflowTaskTerminated, *([AirflowTaskTimeout] if has_timeout else []))


def _shown(value: object) -> str:
    """*value* for a message: not what it holds, which may be a secret."""
    return quoted(value) if isinstance(value, str) else f"a value of type {type(value).__name__}"
