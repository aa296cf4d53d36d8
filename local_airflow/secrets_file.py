"""The keys that one local Airflow makes once and keeps: readable by their owner only."""

import base64
import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path


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
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(asdict(made), file)
    draft.replace(path)
    return made
