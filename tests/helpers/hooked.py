"""A store with a hook: something that happens between a look and a write."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from zoho_people.storage.store import Store


class Hooked(Store):
    """Calls *before* once, when a file whose path ends with *at* is about to be written."""

    def __init__(self, root: Any, at: str, before: Callable[[], Any]) -> None:
        super().__init__(root)
        self._at, self._before = at, [before]

    @contextmanager
    def replacing(self, path: str) -> Iterator[Path]:
        if path.endswith(self._at) and self._before:
            self._before.pop()()
        with super().replacing(path) as temporary:
            yield temporary


class Ending(Store):
    """As *store*, but ends with *error* when a file whose path ends with *at* is about to take its place, or a
    folder to go. Where the disk is *full*, it ends while the file is written.
    """

    def __init__(self, store: Store, error: BaseException, *, at: str = "", full: bool = False) -> None:
        super().__init__(store.root, store.scratch)
        self.fs, self.root = store.fs, store.root
        self._at, self._error, self._full = at, error, full

    @contextmanager
    def replacing(self, path: str) -> Iterator[Path]:
        with super().replacing(path) as temporary:
            if not path.endswith(self._at):
                yield temporary
                return
            temporary.write_bytes(b"PAR1")
            yield Path("/dev/full") if self._full else temporary
            raise self._error

    def delete_tree(self, folder: str) -> None:
        if folder.endswith(self._at):
            raise self._error
        super().delete_tree(folder)
