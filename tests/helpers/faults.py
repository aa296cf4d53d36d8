"""What works for a while, and then fails."""

from __future__ import annotations

from typing import Any


class _Failing:
    def __init__(self, whole: Any, method: str, error: Exception, good_calls: int) -> None:
        self._whole = whole
        self._method = method
        self._error = error
        self._good_calls = good_calls

    def __getattr__(self, name: str) -> Any:
        if name == self._method:
            self._good_calls -= 1
            if self._good_calls < 0:
                return self._fail
        return getattr(self._whole, name)

    def _fail(self, *args: object, **options: object) -> Any:
        raise self._error


def failing(whole: Any, method: str, error: Exception, *, good_calls: int = 0) -> Any:
    """What does all that *whole* does, but for *method*: after so many calls it raises *error*."""
    return _Failing(whole, method, error, good_calls)
