"""Keeps a step that writes to the dataset apart from an erasure, and from runs that are in another pool."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import wraps
from typing import TypeVar

from airflow.sdk import Context

from zoho_people.operators.brief_log import brief_log
from zoho_people.steps.run import Run
from zoho_people.storage.arrow_memory import give_back_memory
from zoho_people.storage.claim import Claimed, Side, all_claimed
from zoho_people.storage.store import Store

log = logging.getLogger(__name__)

LOOKS = 60
LOOKS_EVERY_S = 10.0

T = TypeVar("T")


def apart_from_erasures(step: Callable[..., T]) -> Callable[..., T]:
    """*step*, which is given its run, and holds the run's roots while it works.

    It waits while others hold the path against it, and logs a few lines of each kind.
    """

    @wraps(step)
    def apart(
        context: Context, *, conn_id: str, sleep: Callable[[float], None] = time.sleep, **options: object
    ) -> T:
        run = Run.of(context, conn_id=conn_id)
        with brief_log(), held_for_run(run.stores, run.key, pool=run.request.publish_pool, sleep=sleep):
            return step(run, **options)

    return apart


@contextmanager
def held_for_run(
    stores: Sequence[Store], run_key: str, *, pool: str, sleep: Callable[[float], None]
) -> Iterator[None]:
    """Hold the run's roots while the block runs; *pool* is where its DAG's runs plan and publish.

    It passes over a dataset, and need not keep what memory that takes.

    :raises Claimed: when others hold them for longer than it is worth waiting; try again.
    """
    give_back_memory()
    with ExitStack() as stack:
        for look in range(LOOKS):
            try:
                stack.enter_context(all_claimed(stores, Side.RUN, run_key, pool=pool))
                break
            except Claimed as error:
                if look == LOOKS - 1:
                    raise
                log.info("Waiting: %s", error)
                sleep(LOOKS_EVERY_S)
        yield
