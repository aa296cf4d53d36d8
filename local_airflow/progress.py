"""The live line of a run: how much is done, how fast it goes, how long it will take."""

import math
from dataclasses import dataclass

_BAR = 24
_MINUTE_S = 60


@dataclass(frozen=True)
class Progress:
    """One look at a run.

    `held` tasks have sent their request and wait for their slot's minute to end; `quiet_s` is how long ago the
    last one was sent.
    """

    total: int
    done: int
    failed: int
    held: int
    requests_in_window: int | None
    slots: int
    window_s: float
    quiet_s: float = 0.0

    @property
    def seconds_left(self) -> float:
        """An estimate: the unsent go out at `slots` a window and the last of them holds for one window more."""
        windows = math.ceil(self.unsent / max(1, self.slots)) + (1 if self.unsent or self.held else 0)
        return max(0.0, windows * self.window_s - self.quiet_s)

    @property
    def unsent(self) -> int:
        """How many tasks have not begun."""
        return max(0, self.total - self.done - self.held)

    def line(self) -> str:
        """The look as one line of text."""
        if not self.total:
            return "planning …"
        filled = _BAR * self.done // self.total
        bar = "█" * filled + "░" * (_BAR - filled)
        parts = [f"{bar} {self.done} of {self.total} tasks"]
        if self.failed:
            parts.append(f"{self.failed} failed")
        if self.requests_in_window is not None:
            parts.append(f"{self.requests_in_window} requests in the last {self.window_s:.0f} s")
        parts.append(f"{duration(self.seconds_left)} left" if self.done < self.total else "publishing")
        return " · ".join(parts)


def duration(seconds: float) -> str:
    """A rough duration as people say it."""
    if seconds < _MINUTE_S:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), _MINUTE_S)
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"
