"""A connection in Airflow's database, as ``python -m zoho_people authorize --save`` writes it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cryptography.fernet import InvalidToken
from sqlalchemy.exc import SQLAlchemyError

from zoho_people.shared.airflow_internals import connection_in, database, is_conn_id
from zoho_people.zoho.echo import echo

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_LONGEST_ID = 250
"""As Airflow has it."""

RENEWED = frozenset({"data_center", "accounts_url", "refresh_token"})
"""What a grant code decides of a connection's extra; its other keys (``daily_limit``, say) stay."""


class NotSaved(Exception):
    """The connection can't be written; the message has the cure and no secret."""


def refuse_unwritable(conn_id: str, conn_type: str) -> None:
    """See that a connection could be saved, before a grant code is spent on it: a code is good once.

    :raises NotSaved: with the cure.
    """
    if not is_conn_id(conn_id):
        raise NotSaved(
            f"{echo(conn_id)} can't be a connection's id; write at most {_LONGEST_ID} letters, digits, _ or -"
        )
    with _database(conn_id) as session:
        _known(session, conn_id, conn_type)


def save(connection: Any) -> None:
    """Write *connection*; one of that id gets its host, login, password and what is renewed of its extra.

    :raises NotSaved: with the cure.
    """
    with _database(connection.conn_id) as session:
        known = _known(session, connection.conn_id, connection.conn_type)
        if known is None:
            session.add(connection)
            return
        kept = {key: value for key, value in known.extra_dejson.items() if key not in RENEWED}
        known.host, known.login = connection.host, connection.login
        known.port = connection.port if known.port is None else known.port
        known.set_password(connection.password)
        known.set_extra(json.dumps({**kept, **connection.extra_dejson}))


def _known(session: Session, conn_id: str, conn_type: str) -> Any:
    """Airflow's connection *conn_id*, None where there is none."""
    known = connection_in(session, conn_id)
    if known is not None and known.conn_type != conn_type:
        raise NotSaved(f"{conn_id!r} is a connection of the type {known.conn_type!r}; take another id")
    return known


@contextmanager
def _database(conn_id: str) -> Iterator[Session]:
    try:
        with database() as session:
            yield session
    except (InvalidToken, ValueError):  # Airflow's, where it has no key at all
        raise NotSaved(
            f"the connection {conn_id!r} can't be decrypted with this Fernet key; set the key that it was written "
            "with as AIRFLOW__CORE__FERNET_KEY, or take another id"
        ) from None
    except SQLAlchemyError as error:
        raise NotSaved(
            f"Airflow's database can't be used ({type(error).__name__}); see that `airflow db check` succeeds "
            "here, and run `airflow db migrate` if it was never done"
        ) from None
