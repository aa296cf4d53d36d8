"""An erasure that is killed on its way, in a process of its own."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from zoho_people.erasing.forgetting import Forgetting
from zoho_people.storage.store import Store

NEVER = 10**6


class Killed(Store):
    """Ends the process, as ``kill -9`` does, after so many steps on files; claims are none."""

    def __init__(self, root: Any, *, after: int) -> None:
        super().__init__(root)
        self.after = after
        self.steps = 0

    def step(self, path: str) -> None:
        if "/claims/" in path:
            return
        self.steps += 1
        if self.steps == self.after:
            os.kill(os.getpid(), signal.SIGKILL)

    @contextmanager
    def replacing(self, path: str) -> Iterator[Any]:
        with super().replacing(path) as temporary:
            yield temporary
            self.step(path)  # written, and not in its place yet
        self.step(path)

    def delete(self, path: str) -> None:
        self.step(path)
        super().delete(path)

    def delete_tree(self, path: str) -> None:
        self.step(path)
        super().delete_tree(path)


def forget_up_to(root: Path, learner_id: str, *, after: int = NEVER) -> int:
    """Forget the learner; the steps that it took, if it came to its end."""
    store = Killed(root, after=after)
    Forgetting([store], clock=lambda: datetime.now(UTC)).forget([learner_id])
    return store.steps


def killed_after(root: Path, learner_id: str, *, after: int) -> int | None:
    """The exit code of a process that does it: the server of forks imports what it needs once, for all of them."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    process = context.Process(target=forget_up_to, args=(root, learner_id), kwargs={"after": after})
    process.start()
    process.join()
    return process.exitcode
