"""The pace: how long a request occupies its pool slot."""

from __future__ import annotations

from dataclasses import dataclass

LEAD_S = 2.0
"""How old a task's process is before it sends: what it needs until then, see docs/decisions."""

HANDOVER_S = 2.75
"""How long Airflow may take to pass a slot on: it notices the trigger's end, fills the slot, starts a process."""

SHORTEST_DEFERRAL_S = 12.0
"""A task that resumed sooner could overtake its own worker's exit and be failed by the scheduler."""


@dataclass(frozen=True, slots=True)
class Pace:
    """The rule, for a window of *window_s* seconds; instants are seconds since the epoch.

    No process sends within *lead_s* seconds of its start, and Airflow takes up to *handover_s* to pass a slot on.
    So a slot that is held until ``window - lead - handover`` after an answer passes to a task whose request comes
    about a window after that answer. Where Airflow is quicker the task waits for the request before it, which is
    written down (see :mod:`zoho_people.shared.sent_requests`); where the window is no longer than the lead it has
    nothing to wait for. Counted from the answer, no network delay can bring two arrivals closer.
    """

    window_s: float
    lead_s: float = LEAD_S
    handover_s: float = HANDOVER_S

    def slot_free_at(self, answered_at: float) -> float:
        """When the slot may pass to another process, after an answer (or a failure) at *answered_at*."""
        return answered_at + max(0.0, self.window_s - self.lead_s - self.handover_s)

    def next_request_at(self, answered_at: float) -> float:
        """When the slot's own task may send again."""
        return answered_at + self.window_s
