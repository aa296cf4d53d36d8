"""Which failures Airflow tries again."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule

from zoho_people.api.errors import (
    CredentialsRejected,
    InvalidSettings,
    QuotaExhausted,
    RequestFailed,
    TemporaryFailure,
)

RETRY_POLICY = ExceptionRetryPolicy(
    rules=[
        RetryRule(
            exception=[CredentialsRejected, InvalidSettings, QuotaExhausted, RequestFailed],
            action=RetryAction.FAIL,
            reason="asking again would give the same",
        ),
        RetryRule(
            exception=TemporaryFailure,
            action=RetryAction.RETRY,
            retry_delay=timedelta(seconds=15),
            reason="Zoho or the way to it had a problem; the slot was held for the rest of the minute already",
        ),
    ]
)
"""Everything else (a lost worker, a full disk) is tried again as the task's ``retries`` say."""
