"""The keys that one local Airflow makes once and keeps: readable by their owner only."""

import base64
import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from local_airflow import private


@dataclass(frozen=True, repr=False)
class Secrets:
    """Keys of one instance. The Fernet key must stay, or stored connections can't be read any more."""

    fernet_key: str
    jwt_secret: str
    api_secret_key: str


def load_or_make(path: Path) -> Secrets:
    """The keys at `path`, made there with mode 600 when there are none."""
    if path.exists():
        return Secrets(**json.loads(path.read_text()))
    made = Secrets(
        fernet_key=base64.urlsafe_b64encode(os.urandom(32)).decode(),
        jwt_secret=secrets.token_urlsafe(48),
        api_secret_key=secrets.token_urlsafe(48),
    )
    private.write(path, json.dumps(asdict(made)))
    return made
