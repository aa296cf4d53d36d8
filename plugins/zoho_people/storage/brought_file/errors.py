"""What can be wrong with a file that somebody brings along, by what to do next: correct it, or try again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class InvalidBroughtFile(ValueError):
    """The file can't be what it is taken for.

    ``line`` counts from 1 (of Parquet: the row), ``column`` is its name or number.
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
        label: str = "file",
    ) -> None:
        place = [part] if part is not None else []
        place += [f"line {line}"] if line is not None else []
        place += [f"column {column}"] if column is not None else []
        super().__init__(f"{label}: " + ", ".join(place) + (": " if place else "") + reason)
        self.reason = reason
        self.line = line
        self.column = column
        self.part = part

    def in_part(self, part: str) -> InvalidBroughtFile:
        """The same, of the file *part* of a folder."""
        return InvalidBroughtFile(self.reason, line=self.line, column=self.column, part=part)

    def called(self, label: str) -> InvalidBroughtFile:
        """The same, of a file that is called *label*."""
        return InvalidBroughtFile(
            self.reason, line=self.line, column=self.column, part=self.part, label=label
        )


class BroughtFileUnreachable(Exception):
    """The file can't be read now; the next try may."""

    def __init__(self, error: BaseException, label: str = "file") -> None:
        super().__init__(
            f"{label}: it can't be read now ({type(error).__name__}); if that stays, check its path or URL, "
            "and that the workers reach what it is on with the connection that is named in it"
        )
        self.error = error

    def called(self, label: str) -> BroughtFileUnreachable:
        """The same, of a file that is called *label*."""
        return BroughtFileUnreachable(self.error, label)


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
