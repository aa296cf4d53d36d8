"""What a task does after a request."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from zoho_people.zoho.errors import ZohoError

if TYPE_CHECKING:
    from zoho_people.staging.page_files import StagedProgress


class Then(Enum):
    """What a task does when its wait is over."""

    END = "end"
    ASK_AGAIN = "ask_again"
    SKIP = "skip"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class NextStep:
    """What a task does next: hold its slot until ``until`` (seconds since the epoch), then ``then``.

    ``answered_at`` is when the request ended, None where none was sent; ``error`` is why to skip or fail;
    ``rejections`` counts the access tokens refused in a row, for the next request; ``kept`` is what is
    staged now, where that changed; ``lock`` is from when to when the API was found locked.
    """

    then: Then
    until: float
    answered_at: float | None = None
    error: ZohoError | None = None
    rejections: int = 0
    kept: StagedProgress | None = None
    lock: tuple[float, float] | None = None

    @property
    def is_hindered(self) -> bool:
        """Whether the request brought nothing that could be kept or noted."""
        return self.error is not None or self.kept is None
