"""The login of a local Airflow that has real credentials: one user, with a password made once."""

import json
import secrets
from dataclasses import dataclass
from pathlib import Path

from local_airflow import private

USER = "admin"


@dataclass(frozen=True, repr=False)
class Login:
    """A user's name and password."""

    user: str
    password: str


def path_in(home: Path) -> Path:
    """The file from which Airflow's simple auth manager reads the password."""
    return home / "login.json"


def load_or_make(home: Path) -> Login:
    """The login of the instance at `home`, made there with mode 600 when there is none."""
    path = path_in(home)
    if not path.exists():
        private.write(path, json.dumps({USER: secrets.token_urlsafe(18)}) + "\n")
    return Login(USER, json.loads(path.read_text())[USER])
