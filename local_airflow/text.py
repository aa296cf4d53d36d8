"""Small helpers for what is printed."""

from pathlib import Path

_TAIL_BYTES = 64 * 1024


def last_lines(path: Path, *, count: int = 20) -> str:
    """The last lines of a text file, indented; says so when there is none."""
    if not path.exists():
        return "    (no log yet)"
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _TAIL_BYTES))
        lines = file.read().decode(errors="replace").splitlines()
    return "\n".join(f"    {line}" for line in lines[-count:]) or "    (empty)"
