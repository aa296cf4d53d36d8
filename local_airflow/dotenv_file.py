"""Reading a `.env` file strictly: every line of it means something, or the file is refused by line and cure.

A line that is passed over could be the credentials: the emulator would run, and its made-up rows would go where
the next line says that the real ones belong. No error shows a value.
"""

import codecs
import io
from pathlib import Path

from dotenv.parser import Binding, parse_stream

from local_airflow.problem import SettingsProblem

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read(path: Path) -> dict[str, str]:
    """The names and values in the file; none for a file that isn't there, is empty, or only has comments."""
    if not path.exists() and not path.is_symlink():
        return {}
    found: dict[str, str] = {}
    for binding in parse_stream(io.StringIO(_text(path))):
        if binding.error:
            raise _problem(
                _first_line(binding),
                "can't be read. Write NAME='value', in single quotes: a value with double quotes or blanks in it, "
                "such as JSON, needs them around it",
            )
        if binding.key is None:
            continue
        if not binding.value:
            raise _problem(
                _first_line(binding), f"{binding.key} has no value. Write {binding.key}='value', or remove it"
            )
        if "\n" in binding.value:
            raise _problem(_first_line(binding), f"{binding.key} goes over several lines. Close its quotes")
        if binding.key in found:
            raise _problem(_first_line(binding), f"{binding.key} is there twice. Remove one of them")
        found[binding.key] = binding.value
    return found


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise SettingsProblem(f"{path.name} can't be read: {error.strerror}.") from None
    if raw.startswith(_UTF16) or b"\0" in raw:
        raise SettingsProblem(f"{path.name} is in UTF-16, or no text. Save it as UTF-8.")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise _problem(line, "is not UTF-8. Save the file as UTF-8") from None


def _first_line(binding: Binding) -> int:
    """The line of the name; the parser counts the empty lines before it as part of the statement."""
    text = binding.original.string
    return binding.original.line + text[: len(text) - len(text.lstrip())].count("\n")


def _problem(line: int, what: str) -> SettingsProblem:
    return SettingsProblem(f".env, line {line}: {what}.")
