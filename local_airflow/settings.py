"""`airflow_settings.yaml`: the pools, variables and connections of the project, in the Astro CLI's format."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from local_airflow.problem import SettingsProblem

_POOL_KEYS = frozenset({"pool_name", "pool_slot", "pool_description", "pool_include_deferred"})
_VARIABLE_KEYS = frozenset({"variable_name", "variable_value", "variable_description"})
_CONNECTION_KEYS = frozenset(
    {
        "conn_id",
        "conn_type",
        "conn_host",
        "conn_schema",
        "conn_login",
        "conn_password",
        "conn_port",
        "conn_extra",
    }
)


@dataclass(frozen=True)
class Pool:
    """A pool and its slots; with `include_deferred`, deferred tasks hold theirs."""

    name: str
    slots: int
    description: str = ""
    include_deferred: bool = False


@dataclass(frozen=True)
class Variable:
    """An Airflow Variable."""

    name: str
    value: str


@dataclass(frozen=True, repr=False)
class Connection:
    """An Airflow connection; `repr` keeps its password to itself."""

    id: str
    type: str
    host: str | None = None
    port: int | None = None
    login: str | None = None
    password: str | None = None
    schema: str | None = None
    extra: Mapping[str, Any] | None = None

    def as_api(self) -> dict[str, Any]:
        """The connection as Airflow's REST API takes it."""
        return {
            "connection_id": self.id,
            "conn_type": self.type,
            "host": self.host,
            "port": self.port,
            "login": self.login,
            "password": self.password,
            "schema": self.schema,
            "extra": json.dumps(dict(self.extra)) if self.extra is not None else None,
        }


@dataclass(frozen=True)
class Settings:
    """What a local Airflow is loaded with."""

    pools: tuple[Pool, ...] = ()
    variables: tuple[Variable, ...] = ()
    connections: tuple[Connection, ...] = ()

    def with_slots(self, slots: Mapping[str, int]) -> "Settings":
        """The same with these numbers of slots; a pool that is new here includes deferred tasks."""
        pools = {pool.name: pool for pool in self.pools}
        for name, count in slots.items():
            pools[name] = replace(pools.get(name, Pool(name, count, include_deferred=True)), slots=count)
        return replace(self, pools=tuple(pools.values()))

    def with_variables(self, values: Mapping[str, str]) -> "Settings":
        """The same with these values in place of, or beside, its own."""
        merged = {variable.name: variable.value for variable in self.variables} | dict(values)
        return replace(self, variables=tuple(Variable(name, value) for name, value in merged.items()))

    def without_connection(self, connection_id: str) -> "Settings":
        """The same without one connection."""
        kept = tuple(connection for connection in self.connections if connection.id != connection_id)
        return replace(self, connections=kept)

    def with_service_at(self, old: str, new: str) -> "Settings":
        """The same with every connection that points at `old` (host and extras) pointing at `new`."""
        return replace(self, connections=tuple(_moved(each, old, new) for each in self.connections))


def read(path: Path) -> Settings:
    """The settings at `path`; raises `SettingsProblem`, which names the entry and the key that are wrong."""
    try:
        document = yaml.safe_load(path.read_text())
    except FileNotFoundError:
        raise SettingsProblem(f"{path} is missing.") from None
    except yaml.YAMLError as error:
        raise SettingsProblem(f"{path} is not YAML: {error}") from None
    return parse(document, source=path.name)


def parse(document: object, *, source: str) -> Settings:
    """The settings in a parsed YAML document; `source` is its name in messages."""
    airflow = document.get("airflow") if isinstance(document, dict) else None
    if not isinstance(airflow, dict):
        raise SettingsProblem(f"{source}: the file must hold one mapping named 'airflow'.")
    _refuse_unknown(airflow, {"pools", "variables", "connections"}, where=f"{source}: airflow")
    return Settings(
        pools=tuple(map(_pool, _entries(airflow, "pools", _POOL_KEYS, source))),
        variables=tuple(map(_variable, _entries(airflow, "variables", _VARIABLE_KEYS, source))),
        connections=tuple(map(_connection, _entries(airflow, "connections", _CONNECTION_KEYS, source))),
    )


@dataclass(frozen=True)
class _Entry:
    """One item of a list in the file, with where it stands."""

    where: str
    values: Mapping[str, Any]

    def text(self, key: str) -> str:
        """A value that must be there and be text."""
        value = self.values.get(key)
        if not isinstance(value, str) or not value:
            raise SettingsProblem(f"{self.where}: {key} must be a text, not {value!r}.")
        return value

    def optional_text(self, key: str) -> str | None:
        """A value that may be missing or empty, as Astro's template leaves them."""
        value = self.values.get(key)
        return None if value in {None, ""} else str(value)

    def whole_number(self, key: str) -> int:
        """A value that must be a whole number."""
        value = self.values.get(key)
        if not isinstance(value, int) or isinstance(value, bool):
            raise SettingsProblem(f"{self.where}: {key} must be a whole number, not {value!r}.")
        return value

    def flag(self, key: str) -> bool:
        """A value that is true or false, or missing for false."""
        value = self.values.get(key, False)
        if not isinstance(value, bool):
            raise SettingsProblem(f"{self.where}: {key} must be true or false, not {value!r}.")
        return value


def _entries(
    airflow: Mapping[str, Any], section: str, allowed: frozenset[str], source: str
) -> Iterable[_Entry]:
    found = airflow.get(section)
    if found is None:
        return
    if not isinstance(found, list):
        raise SettingsProblem(f"{source}: {section} must be a list.")
    for number, values in enumerate(found, start=1):
        where = f"{source}: {section}, entry {number}"
        if not isinstance(values, dict):
            raise SettingsProblem(f"{where} must be a mapping.")
        _refuse_unknown(values, allowed, where=where)
        yield _Entry(where, values)


def _refuse_unknown(values: Mapping[str, Any], allowed: Iterable[str], *, where: str) -> None:
    for key in values:
        if key not in allowed:
            raise SettingsProblem(f"{where}: unknown key {key!r}; allowed are {', '.join(sorted(allowed))}.")


def _pool(entry: _Entry) -> Pool:
    return Pool(
        name=entry.text("pool_name"),
        slots=entry.whole_number("pool_slot"),
        description=entry.optional_text("pool_description") or "",
        include_deferred=entry.flag("pool_include_deferred"),
    )


def _variable(entry: _Entry) -> Variable:
    value = entry.values.get("variable_value")
    if isinstance(value, dict | list):
        return Variable(entry.text("variable_name"), json.dumps(value))
    return Variable(entry.text("variable_name"), "" if value is None else str(value))


def _connection(entry: _Entry) -> Connection:
    return Connection(
        id=entry.text("conn_id"),
        type=entry.text("conn_type"),
        host=entry.optional_text("conn_host"),
        port=entry.whole_number("conn_port") if entry.optional_text("conn_port") else None,
        login=entry.optional_text("conn_login"),
        password=entry.optional_text("conn_password"),
        schema=entry.optional_text("conn_schema"),
        extra=_extra(entry),
    )


def _extra(entry: _Entry) -> Mapping[str, Any] | None:
    extra = entry.values.get("conn_extra")
    if isinstance(extra, str) and extra:
        try:
            extra = json.loads(extra)
        except json.JSONDecodeError:
            raise SettingsProblem(f"{entry.where}: conn_extra must be a mapping or JSON.") from None
    if extra in (None, ""):
        return None
    if not isinstance(extra, dict):
        raise SettingsProblem(f"{entry.where}: conn_extra must be a mapping or JSON.")
    return extra


def _moved(connection: Connection, old: str, new: str) -> Connection:
    def moved(value: Any) -> Any:
        return value.replace(old, new) if isinstance(value, str) else value

    extra = connection.extra and {key: moved(value) for key, value in connection.extra.items()}
    return replace(connection, host=moved(connection.host), extra=extra)
