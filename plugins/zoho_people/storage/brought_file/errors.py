"""What can be wrong with a file that somebody brings along, by what to do next: correct it, or try again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class InvalidBroughtFile(ValueError):
    """The file can't be what it is taken for.

    ``line`` counts from 1 (of Parquet: the row), ``column`` is its name or number. Both are None where it is about
    the whole file. Whoever knows them adds ``label``, what the file is called, and ``part``, its name where it is
    one of a folder. The message quotes nothing that is in the file.
    """

    def __init__(
        self,
        reason: str,
        *,
        line: int | None = None,
        column: str | int | None = None,
        part: str | None = None,
        label: str = "file",
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line
        self.column = column
        self.part = part
        self.label = label

    def __str__(self) -> str:
        place = [self.part] if self.part is not None else []
        place += [f"line {self.line}"] if self.line is not None else []
        place += [f"column {self.column}"] if self.column is not None else []
        return f"{self.label}: " + ", ".join(place) + (": " if place else "") + self.reason


class BroughtFileUnreachable(Exception):
    """The file can't be read now because of *error*; the next try may. ``label`` is what the file is called."""

    label = "file"

    def __init__(self, error: BaseException) -> None:
        super().__init__(type(error).__name__)

    def __str__(self) -> str:
        return (
            f"{self.label}: it can't be read now ({self.args[0]}); if that stays, check its path or URL, and that "
            "the workers reach what it is on with the connection that is named in it"
        )


@contextmanager
def named_errors() -> Iterator[None]:
    """The errors of file systems by our names. Their texts may hold URLs with secrets: left out."""
    try:
        yield
    except (InvalidBroughtFile, BroughtFileUnreachable):
        raise
    except FileNotFoundError:
        raise InvalidBroughtFile("there is no such file; correct its path or URL") from None
    except PermissionError:
        raise InvalidBroughtFile(
            "the worker may not read it; let its user (or the connection named in the URL) read it"
        ) from None
    except (IsADirectoryError, NotADirectoryError):
        raise InvalidBroughtFile("a part of the path is not what it says; correct it") from None
    except Exception as error:
        raise BroughtFileUnreachable(error) from error
