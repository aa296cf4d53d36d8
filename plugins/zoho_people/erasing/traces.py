"""Looks through every byte of an output path for texts that should not be there any more.

Parquet and Arrow files are compressed, so they are decoded, column by column; of every file the bytes as they are
and the path are looked at as well.
"""

from __future__ import annotations

import json
import logging
import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from zoho_people.erasing.erasure import Place
from zoho_people.storage.arrow_columns import total
from zoho_people.storage.layout import CLAIMS, FORGOTTEN_FILE
from zoho_people.storage.store import Store

log = logging.getLogger(__name__)

AN_ID, A_TEXT = "an id", "a name or e-mail address"
_SHORTEST = 3


@dataclass(frozen=True, slots=True)
class Trace:
    """*what* still stands somewhere: in a column, in the bytes of a file (``bytes``) or in its ``path``."""

    place: Place
    where: str
    what: str


class Sought:
    """The ids of some learners (as whole numbers), and their names and addresses (as whole words)."""

    def __init__(self, learner_ids: Collection[str], texts: Collection[str]) -> None:
        ids = _any_of(learner_ids, r"(?:^|[^0-9])", r"(?:$|[^0-9])")
        spellings = {
            each for text in texts if len(text) >= _SHORTEST for each in (text, json.dumps(text)[1:-1])
        }
        words = _any_of(spellings, r"(?:^|\W)", r"(?:$|\W)")
        self.numbers = pa.array([int(each) for each in learner_ids if int(each) < 2**63], pa.int64())
        self.patterns = [(what, pattern) for what, pattern in ((AN_ID, ids), (A_TEXT, words)) if pattern]


def traces(store: Store, sought: Sought) -> Iterator[tuple[Trace, int]]:
    """What is left of *sought*, file by file: each trace, and in how many rows (1 where there are none)."""
    for path in store.files():
        if path == FORGOTTEN_FILE or path.startswith(f"{CLAIMS}/"):
            continue  # hashes and numbers of processes: what looks like a short id there is none
        for what, pattern in sought.patterns:
            if re.search(pattern, path):
                yield Trace(Place.of(_without_names(path)), "path", what), 1
        try:
            content = store.read(path)
        except FileNotFoundError:
            continue  # a run has removed it in the meantime
        for where, what, rows in _in_content(path, content, sought):
            yield Trace(Place.of(_without_names(path)), where, what), rows


def _without_names(path: str) -> str:
    """*path* with no more than the names that this project gives: what else stands there may be what is sought."""
    return "/".join(part for part in path.split("/") if not re.search(r"[0-9]{6}", part)) or "other"


def _in_content(path: str, content: bytes, sought: Sought) -> Iterator[tuple[str, str, int]]:
    found: Counter[tuple[str, str]] = Counter()
    try:
        for table in _tables(path, content):
            for name in table.column_names:
                for what, rows in _in_column(table[name], sought):
                    found[name, what] += rows
    except (pa.ArrowException, OSError, ValueError):
        log.warning("%s can't be read; only its bytes as they are were looked at", Place.of(path))
    for (name, what), rows in found.items():
        yield name, what, rows
    is_table = path.endswith((".parquet", ".arrow"))
    for what, pattern in sought.patterns:
        # A short name comes up by chance in what is compressed; decoded it is found in any case.
        is_sought = not (is_table and what == A_TEXT) and what not in {each for _, each in found}
        if is_sought and re.search(pattern.encode(), content):
            yield "bytes", what, 1


def _tables(path: str, content: bytes) -> Iterator[pa.Table]:
    source = pa.BufferReader(content)
    if path.endswith(".parquet"):
        with pq.ParquetFile(source) as file:
            for group in range(file.num_row_groups):
                yield file.read_row_group(group)
    elif path.endswith(".arrow"):
        with pa.ipc.open_file(source) as reader:
            yield reader.read_all()


def _in_column(column: Any, sought: Sought) -> Iterator[tuple[str, int]]:
    kind = column.type
    if pa.types.is_integer(kind):
        if rows := total(pc.is_in(column.cast(pa.int64(), safe=False), value_set=sought.numbers)):
            yield AN_ID, rows
    elif not (pa.types.is_temporal(kind) or pa.types.is_boolean(kind) or pa.types.is_floating(kind)):
        texts = _as_text(column)
        for what, pattern in sought.patterns:
            if rows := total(pc.match_substring_regex(texts, pattern=pattern)):
                yield what, rows


def _as_text(column: Any) -> Any:
    try:
        return column.cast(pa.string())
    except pa.ArrowException:  # nested, or bytes that are no text
        return pa.array([repr(value) for value in column.to_pylist()], pa.string())


def _any_of(texts: Collection[str], before: str, behind: str) -> str:
    return f"{before}(?:{'|'.join(map(re.escape, sorted(texts)))}){behind}" if texts else ""
