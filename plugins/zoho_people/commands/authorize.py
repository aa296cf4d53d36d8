"""Make the connection: exchange the self client's grant code for a refresh token.

Asks for data centre, client id, client secret and code; secrets are typed hidden and stand in no shell history.
Where the standard input is no terminal, it has the four, a line each, in this order. By default the connection is
printed as JSON, for `airflow connections import`; a secret then stands on the screen. --save writes it into
Airflow's database instead, and nothing is shown; a connection that is there keeps its other settings.

Exit codes: 0 done; 2 not done, the message says why. A code is good once, and for the minutes chosen with it.
"""

from __future__ import annotations

import argparse
import getpass
import json
import sys
from typing import Any

from zoho_people.zoho.data_centers import DATA_CENTERS, DEFAULT, data_center
from zoho_people.zoho.errors import InvalidSettings, ZohoError
from zoho_people.zoho.settings import CONNECTION_TYPE, ConnectionSettings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("--save", metavar="CONN_ID", help="write the connection into Airflow's database")
    parser.add_argument("--uri", action="store_true", help="print a URI instead of JSON")
    parser.add_argument("--accounts-url", metavar="URL", help="an accounts server that the deployer allows")
    parser.add_argument("--host", metavar="URL", help="an API host that the deployer allows")


def run(options: argparse.Namespace) -> int:
    """Do it; the exit code."""
    from zoho_people.hooks.saved_connection import NotSaved, refuse_unwritable

    try:
        if options.save is not None:
            refuse_unwritable(options.save, CONNECTION_TYPE)
        return _authorize(options)
    except NotSaved as error:
        return _refused(f"nothing was asked of Zoho: {error}")


def _authorize(options: argparse.Namespace) -> int:
    from zoho_people.shared.airflow_internals import new_connection

    centers = ", ".join(f"{center.name} ({center.country})" for center in DATA_CENTERS.values())
    try:
        center = data_center(_asked(f"Data centre, of {centers} [{DEFAULT}]: ")).name
        client_id, secret = _asked("Client id: "), _asked("Client secret: ", hidden=True)
        code = _asked("Grant code: ", hidden=True)
        extra = {"data_center": center, "accounts_url": options.accounts_url}
        fields = {"conn_type": CONNECTION_TYPE, "host": options.host, "login": client_id, "password": secret}
        refresh_token = _exchanged(fields, extra, code)
    except (EOFError, KeyboardInterrupt):
        return _refused("nothing was done: data centre, client id, client secret and code are needed")
    except ZohoError as error:
        return _refused(error.message)
    whole = {key: value for key, value in {**extra, "refresh_token": refresh_token}.items() if value}
    fields["port"] = 0  # Airflow 3.3.2 tests no connection without one from its list
    connection = new_connection(options.save or _DEFAULT_ID, **fields, extra=json.dumps(whole))
    return _save(connection) if options.save else _show(connection, fields, whole, as_uri=options.uri)


def _exchanged(fields: dict[str, Any], extra: dict[str, Any], code: str) -> str:
    """The refresh token that *code* is exchanged for.

    :raises ZohoError: with the cure.
    """
    import requests

    from zoho_people.zoho.client import ZohoPeopleClient
    from zoho_people.zoho.grant import read_refresh_token

    settings = _settings(fields, {**extra, "refresh_token": code})
    with requests.Session() as session:
        return read_refresh_token(ZohoPeopleClient(settings, session).post_code(code))


def _settings(fields: dict[str, Any], extra: dict[str, Any]) -> ConnectionSettings:
    """The connection checked, with the code in the place of the token that it is exchanged for."""
    from zoho_people.hooks.connection import settings_of
    from zoho_people.shared.airflow_internals import new_connection

    try:
        return settings_of(new_connection(_DEFAULT_ID, **fields, extra=json.dumps(extra)))
    except InvalidSettings as error:
        raise InvalidSettings(
            error.message.replace("connection extra.refresh_token", "the grant code")
        ) from None


def _save(connection: Any) -> int:
    from zoho_people.hooks.saved_connection import NotSaved, save

    try:
        save(connection)
    except NotSaved as error:
        return _refused(f"nothing is saved, and the grant code is used up: {error}; then make a new code")
    sys.stdout.write(f"The connection is saved; try it: airflow connections test {connection.conn_id}\n")
    return 0


def _show(connection: Any, fields: dict[str, Any], extra: dict[str, Any], *, as_uri: bool) -> int:
    plain = {**{key: value for key, value in fields.items() if value is not None}, "extra": extra}
    text = connection.get_uri() if as_uri else json.dumps({_DEFAULT_ID: plain}, indent=2)
    sys.stdout.write(f"{text}\n")
    return 0


def _asked(question: str, *, hidden: bool = False) -> str:
    if not sys.stdin.isatty():
        line = sys.stdin.readline()
        if not line:
            raise EOFError
        return line.strip()
    if hidden:
        return getpass.getpass(question).strip()
    sys.stderr.write(question)
    return input().strip()


def _refused(why: str) -> int:
    sys.stderr.write(f"{why}\n")
    return 2


_DEFAULT_ID = "zoho_people_default"
