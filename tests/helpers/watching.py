"""What is called while something runs; nothing is put in its place."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType, FrameType
from typing import Any


@contextmanager
def calls_of(*functions: Callable[..., Any]) -> Iterator[list[tuple[str, dict[str, Any]]]]:
    """The calls of *functions* in this thread: the name of each, and its arguments where it is no built-in."""
    calls: list[tuple[str, dict[str, Any]]] = []
    codes: set[CodeType | None] = {getattr(function, "__code__", None) for function in functions} - {None}

    def watch(frame: FrameType, event: str, called: Any) -> None:
        if event == "call" and frame.f_code in codes:
            calls.append((frame.f_code.co_name, dict(frame.f_locals)))
        elif event == "c_call" and any(called is function for function in functions):
            calls.append((called.__name__, {}))

    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        yield calls
    finally:
        sys.setprofile(before)
