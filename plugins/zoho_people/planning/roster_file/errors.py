"""What can be wrong with a roster file, by what to do next: correct it, or try again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class InvalidRosterFile(ValueError):
    """The file can't be a roster. ``line`` counts from 1 (of Parquet: the row), ``column`` is its name or number.

    Both are None where it is about the whole file; ``part`` is the file's name where it is one of a folder. The
    message quotes nothing that is in the file.
    """

    def __init__(
        self,
        reason: str,
        *,
        line: int | None = None,
        column: str | int | None = None,
        part: str | None = None,
    ) -> None:
        place = [part] if part is not None else []
        place += [f"line {line}"] if line is not None else []
        place += [f"column {column}"] if column is not None else []
        super().__init__("roster file: " + ", ".join(place) + (": " if place else "") + reason)
        self.reason = reason
        self.line = line
        self.column = column
        self.part = part

    def in_part(self, part: str) -> InvalidRosterFile:
        """The same, of the file *part* of a folder."""
        return InvalidRosterFile(self.reason, line=self.line, column=self.column, part=part)


class RosterFileUnreachable(Exception):
    """The file can't be read now; the next try may."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(
            f"roster file: it can't be read now ({type(error).__name__}); if that stays, check its path or URL, "
            "and that the workers reach what it is on with the connection that is named in it"
        )


@contextmanager
def named_errors() -> Iterator[None]:
    """The errors of file systems by our names. Their texts may hold URLs with secrets: left out."""
    try:
        yield
    except (InvalidRosterFile, RosterFileUnreachable):
        raise
    except FileNotFoundError:
        raise InvalidRosterFile("there is no such file; correct roster_file") from None
    except PermissionError:
        raise InvalidRosterFile(
            "the worker may not read it; let its user (or the connection named in the URL) read it"
        ) from None
    except (IsADirectoryError, NotADirectoryError):
        raise InvalidRosterFile("a part of the path is not what it says; correct roster_file") from None
    except Exception as error:
        raise RosterFileUnreachable(error) from error
