"""Keeps a step that writes to the dataset apart from an erasure, which may be started outside of Airflow."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import wraps
from typing import TYPE_CHECKING, TypeVar

from zoho_people.steps.run import checked_request, run_key, stores_of

if TYPE_CHECKING:
    from airflow.sdk import Context

    from zoho_people.dataset.store import Store

log = logging.getLogger(__name__)

LOOKS = 60
LOOKS_EVERY_S = 10.0

T = TypeVar("T")


def apart_from_erasures(step: Callable[..., T]) -> Callable[..., T]:
    """*step* of a run that holds the output path while it works, and waits while learners are being forgotten."""

    @wraps(step)
    def apart(context: Context, *, sleep: Callable[[float], None] = time.sleep, **options: object) -> T:
        with held_for_run(stores_of(checked_request(context)), run_key(context), sleep=sleep):
            return step(context, **options)

    return apart


@contextmanager
def held_for_run(
    stores: Sequence[Store], run_key: str, *, sleep: Callable[[float], None] = time.sleep
) -> Iterator[None]:
    """Hold the run's roots while the block runs.

    :raises Claimed: when learners are being forgotten for longer than it is worth waiting; try again.
    """
    from zoho_people.dataset.claim import Claimed, Side, all_claimed

    with ExitStack() as stack:
        for look in range(LOOKS):
            try:
                stack.enter_context(all_claimed(stores, Side.RUN, run_key))
                break
            except Claimed as error:
                if look == LOOKS - 1:
                    raise
                log.info("Waiting: %s", error)
                sleep(LOOKS_EVERY_S)
        yield
