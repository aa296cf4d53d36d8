"""The matrix: every trial by its name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.chaos import crowds, disks, kills, locks, mishaps, slots, tokens
from benchmarks.chaos.trial import Trial


@dataclass(frozen=True)
class Entry:
    """One trial: what is done, on how much work, how often within it, and whether a person has to clear tasks.

    An extra one is only performed when it is named.
    """

    name: str
    fault: str
    act: Callable[[Trial], None]
    size: str = "small"
    times: int = 1
    by_hand: bool = False
    has_baseline: bool = True
    is_extra: bool = False


CATALOG = (
    Entry("kill-task", "kill -9 of a running task", kills.at_random_points(kills.task), "medium", 2),
    Entry(
        "kill-worker", "kill -9 of a worker with its task", kills.at_random_points(kills.worker), "medium", 2
    ),
    Entry(
        "kill-sending",
        "kill -9 of a task right after sending",
        kills.right_after_sending,
        "medium",
        2,
        is_extra=True,
    ),
    Entry(
        "kill-scheduler",
        "kill -9 of the scheduler with all workers",
        kills.at_random_points(kills.component("scheduler")),
        "medium",
        2,
    ),
    Entry(
        "kill-triggerer",
        "kill -9 of the triggerer",
        kills.at_random_points(kills.component("triggerer")),
        "medium",
        2,
    ),
    Entry("kill-everything", "kill -9 of everything", kills.at_random_points(kills.everything), "medium", 2),
    *(
        Entry(name, fault, slots.lost(count, lose), "medium", 2, by_hand=by_hand, has_baseline=False)
        for name, fault, count, lose, by_hand in (
            ("lose-1", "kill -9 of a task that waits for its answer, in a full pool", 1, slots.killed, False),
            ("lose-4", "kill -9 of four of them at once", 4, slots.killed, False),
            ("lose-8", "kill -9 of eight of them at once", 8, slots.killed, False),
            ("clear-running", "four of them cleared by hand", 4, slots.cleared_while_running, False),
            ("clear-deferred", "six cleared that hold their slots", 6, slots.cleared_while_deferred, False),
            ("mark-deferred", "six marked, three as failed", 6, slots.marked_while_deferred, True),
        )
    ),
    Entry(
        "kill-publish",
        "kill -9 of everything between staging and publishing, then while publishing",
        kills.between_staging_and_publishing,
        "small",
        2,
    ),
    Entry("every-second", "every second request fails", mishaps.every_second),
    Entry("timeouts", "no answer", mishaps.first_try({"type": "timeout", "seconds": 20})),
    Entry("html", "a sign-in page", mishaps.first_try("html")),
    Entry("error-in-200", "an error inside HTTP 200", mishaps.first_try("error_in_200")),
    Entry("empty-more", "an empty page that says more follow", mishaps.first_try("empty_more"), by_hand=True),
    Entry(
        "repeat-page",
        "a second page that repeats the first",
        mishaps.later_page("repeat_page"),
        by_hand=True,
        has_baseline=False,
    ),
    Entry("wrong-learner", "another learner's page", mishaps.first_try("wrong_learner"), by_hand=True),
    Entry("lock-shapes", "a lock in each of 24 shapes", locks.in_every_shape(), "medium"),
    Entry("locks-in-a-row", "three locks in a row", locks.in_a_row, "medium"),
    Entry("lock-during-lock", "a lock during a lock wait", locks.during_a_lock_wait, "medium"),
    Entry(
        "lock-amid-pages",
        "a lock from outside amid a learner's pages",
        locks.amid_a_learners_pages,
        has_baseline=False,
    ),
    Entry("tokens-revoked", "all tokens revoked", tokens.revoked, "medium", 2),
    Entry("tokens-expire", "tokens that live for 45 s", tokens.expired, "medium"),
    Entry("disk-full", "a full disk for a minute", disks.full, "medium"),
    Entry("disk-full-publish", "a full disk for a minute before publishing", disks.full_while_publishing),
    Entry("unwritable", "an output path that refuses writes for a minute", disks.unwritable, "medium"),
    Entry(
        "same-course", "two runs at once, the same course", crowds.same_course, "medium", has_baseline=False
    ),
    Entry(
        "overlapping",
        "two runs at once, overlapping courses",
        crowds.overlapping,
        "medium",
        has_baseline=False,
    ),
    Entry("another-dag", "a second DAG in the same pool", crowds.another_dag, "medium", has_baseline=False),
    Entry(
        "five-percent",
        "5 % each of 500, reset, truncated, 401",
        mishaps.of_each(0.05, *mishaps.FIVE_PERCENT),
        "large",
    ),
)
BY_NAME = {entry.name: entry for entry in CATALOG}
