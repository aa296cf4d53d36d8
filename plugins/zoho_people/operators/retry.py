"""Which failures Airflow tries again, and when."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import Context, RetryAction, RetryDecision, RetryPolicy

from zoho_people.zoho.errors import ZohoError, is_final

FIRST_DELAY_S = 5.0
LONGEST_DELAY_S = 600.0


class ZohoRetryPolicy(RetryPolicy):
    """Fails at once where asking again would give the same; else waits twice as long after each try.

    A failure of Zoho's, or on the way to it, has held its pool slot for the rest of the window already, so the
    first delays are short. Everything that is not Zoho's (a lost worker, a full disk) is tried again as the
    task's own ``retry_delay`` says.
    """

    def evaluate(
        self,
        exception: BaseException,
        try_number: int,
        max_tries: int,
        context: Context | None = None,
    ) -> RetryDecision:
        if is_final(exception):
            return RetryDecision(action=RetryAction.FAIL, reason="asking again would give the same")
        if isinstance(exception, ZohoError):
            delay_s = min(LONGEST_DELAY_S, FIRST_DELAY_S * 2 ** max(0, try_number - 1))
            return RetryDecision(
                action=RetryAction.RETRY, retry_delay=timedelta(seconds=delay_s), reason="it may have passed"
            )
        return RetryDecision(action=RetryAction.DEFAULT)

    def serialize(self) -> dict[str, Any]:
        return {}

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> ZohoRetryPolicy:
        return cls()
