"""How many requests are left of the day."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from zoho_people.shared.quota_day import quota_day

if TYPE_CHECKING:
    from zoho_people.hooks.zoho_people import ZohoLearnerProgressHook


def quota_left(hook: ZohoLearnerProgressHook, now: datetime) -> int | None:
    """How many requests runs may still plan on the UTC day of *now*, booked ones counted as spent.

    None where nobody knows: the connection has no ``daily_limit``, and Zoho has not said that the quota is spent.
    """
    if hook.gate.state().spent_until > now.timestamp():
        return 0
    budget = hook.settings.daily_budget
    return None if budget is None else max(0, budget - hook.ledger.spent(quota_day(now)))
