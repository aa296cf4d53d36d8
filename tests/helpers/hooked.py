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
