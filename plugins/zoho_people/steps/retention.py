"""How long the deployer wants each dataset kept: ``[zoho_people] retention_days``."""

from __future__ import annotations

import logging
from datetime import date

from zoho_people.configuration.deployment import SECTION, option_list
from zoho_people.operators.brief_log import IN_FULL
from zoho_people.steps.request import InvalidRequest
from zoho_people.storage.retention import parse_days_kept, remove_expired
from zoho_people.storage.store import Store

log = logging.getLogger(__name__)

OPTION = "retention_days"


def days_kept() -> dict[str, int]:
    """The days that each dataset is kept; those that are not named are kept for ever.

    :raises InvalidRequest: naming what can't be, and the cure.
    """
    try:
        return parse_days_kept(option_list(OPTION))
    except ValueError as error:
        raise InvalidRequest(f"[{SECTION}] {OPTION}: {error}") from None


def remove_expired_snapshots(store: Store, *, today: date) -> str:
    """Remove what is older than the deployer wants it kept, and log it; why that failed, empty where it worked."""
    try:
        kept = days_kept()
        for expired in remove_expired(store, kept, today=today):
            log.info(
                "Removed %s of %s: %d files, older than %d days; %d more stay, since rows are still to be carried "
                "forward from them",
                expired.dataset,
                expired.day,
                expired.files,
                kept[expired.dataset],
                expired.still_needed,
                extra=IN_FULL if expired.files else None,
            )
    except InvalidRequest as error:
        return str(error)
    except OSError as error:
        log.exception("Not everything that is older than %s says could be removed", OPTION)
        return (
            f"Not everything that is older than [{SECTION}] {OPTION} says could be removed "
            f"({type(error).__name__}): see that files may be deleted there; the next run tries again."
        )
    return ""
