"""What can be set about the emulated service, on the command line and while it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from zoho_emulator.shapes import RECORD_SHAPES

LOCK_SHAPES = tuple(
    f"{status}-{body}{retry_after}"
    for status in ("200", "400", "429")
    for body in ("flat", "nested", "text-code", "words", "throttle")
    for retry_after in ("", "-retry-after")
)
NO_RECORDS_SHAPES = ("list", "7024", "204")
ERROR_SHAPES = ("flat", "nested", "200-flat", "200-nested")


class SettingsError(ValueError):
    """A setting that doesn't exist or can't have that value; the message names it and what is allowed."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting with its default; ``help`` and ``least`` of each field drive the command line."""

    threshold: int = field(default=30, metadata={"least": 1, "help": "API requests that a window may hold"})
    window_seconds: float = field(
        default=60.0, metadata={"least": 0.001, "help": "length of the sliding window"}
    )
    lock_seconds: float = field(
        default=300.0, metadata={"least": 0, "help": "length of the lock that the request too many starts"}
    )
    lock_extends: bool = field(
        default=False, metadata={"help": "a request during a lock starts the lock anew"}
    )
    lock_shape: str = field(
        default="400-flat",
        metadata={
            "choices": LOCK_SHAPES,
            "help": "the locked answer: HTTP status (200, 400, 429), body (flat, nested, text-code, words, "
            "throttle), and '-retry-after' for that header; for example 429-nested-retry-after",
        },
    )
    retry_after_seconds: int | None = field(
        default=None,
        metadata={"least": 0, "help": "value of Retry-After (default: what is left of the lock)"},
    )
    daily_limit: int | None = field(
        default=None, metadata={"least": 0, "help": "API requests of a UTC day (default: no limit)"}
    )
    error_shape: str = field(
        default="flat",
        metadata={
            "choices": ERROR_SHAPES,
            "help": "body of other errors; with '200-' they come with HTTP status 200",
        },
    )
    no_records_shape: str = field(
        default="list",
        metadata={
            "choices": NO_RECORDS_SHAPES,
            "help": "a page without items: an empty list, Zoho People's error 7024, or HTTP status 204",
        },
    )
    record_shape: str = field(
        default="progress",
        metadata={
            "choices": RECORD_SHAPES,
            "help": "progress records: as assumed (progress), with the names that Zoho documents for definitions, "
            "or without any id but moduleId",
        },
    )
    page_size: int = field(default=25, metadata={"least": 1, "help": "most items of a page"})
    lists_say_more: bool = field(
        default=True, metadata={"help": "course, batch and roster lists carry hasMoreRecords"}
    )
    heeds_state: bool = field(
        default=True,
        metadata={"help": "the course list heeds the parameter state; else it lists all courses"},
    )
    latency_ms: float = field(default=0.0, metadata={"least": 0, "help": "wait before each answer"})
    token_lifetime_seconds: float = field(
        default=3600.0, metadata={"least": 0, "help": "life of an access token"}
    )
    token_limit: int = field(
        default=10, metadata={"least": 0, "help": "access tokens that a token window may hold"}
    )
    token_window_seconds: float = field(
        default=600.0, metadata={"least": 0.001, "help": "length of the sliding token window"}
    )
    tokens_alive: int = field(
        default=15, metadata={"least": 1, "help": "access tokens alive at once; one more kills the oldest"}
    )
    scope: str = field(default="ZOHOPEOPLE.training.READ", metadata={"help": "scope of new access tokens"})
    client_id: str = field(
        default="emulated-client-id", metadata={"help": "the only client id that is accepted"}
    )
    client_secret: str = field(
        default="emulated-client-secret",
        repr=False,
        metadata={"secret": True, "help": "the only client secret that is accepted"},
    )
    refresh_token: str = field(
        default="1000.emulated-refresh-token",
        repr=False,
        metadata={"secret": True, "help": "the only refresh token that is accepted"},
    )
    grant_code: str = field(
        default="1000.emulated-grant-code",
        repr=False,
        metadata={"secret": True, "help": "the grant code that gives the refresh token, once"},
    )

    def changed(self, changes: Mapping[str, Any]) -> Settings:
        """These settings with *changes*.

        :raises SettingsError: when one of them is unknown or impossible.
        """
        known = {item.name: item for item in fields(self)}
        for name, value in changes.items():
            if name not in known:
                raise SettingsError(f"unknown setting {name!r}; the settings are: {', '.join(known)}")
            _check(name, str(known[name].type), known[name].metadata, value)
        return replace(self, **changes)

    def public(self) -> dict[str, Any]:
        """The settings without the secrets, as JSON has them."""
        secret = {item.name for item in fields(self) if item.metadata.get("secret")}
        return {name: value for name, value in asdict(self).items() if name not in secret}


_TYPES: dict[str, tuple[type, ...]] = {"int": (int,), "float": (int, float), "str": (str,), "bool": (bool,)}


def _check(name: str, type_name: str, rules: Mapping[str, Any], value: object) -> None:
    base, _, optional = type_name.partition(" | ")
    if value is None and optional:
        return
    if not isinstance(value, _TYPES[base]) or (isinstance(value, bool) and base != "bool"):
        raise SettingsError(f"{name} must be of type {type_name}, not {value!r}")
    if isinstance(value, int | float) and not rules.get("least", value) <= value < float("inf"):
        raise SettingsError(f"{name} must be at least {rules.get('least', 'finite')}, not {value!r}")
    if "choices" in rules and value not in rules["choices"]:
        raise SettingsError(f"{name} must be one of {', '.join(rules['choices'])}; not {value!r}")
