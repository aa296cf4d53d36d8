"""What a started instance leaves in its home, so that another process can find it, use it or stop it."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Record:
    """Where an instance listens, and the fingerprint of what it was started from."""

    port: int
    emulator_port: int | None
    fingerprint: str


def write(home: Path, record: Record) -> None:
    """Keep the record, atomically."""
    draft = _path(home).with_suffix(".draft")
    draft.write_text(json.dumps(asdict(record)))
    draft.replace(_path(home))


def read(home: Path) -> Record | None:
    """The record of the instance at `home`; None when there is none that can be read."""
    try:
        return Record(**json.loads(_path(home).read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def remove(home: Path) -> None:
    """Forget the instance."""
    _path(home).unlink(missing_ok=True)


def _path(home: Path) -> Path:
    return home / "instance.json"
