"""The second step: which units the run fetches, and why; what that costs; and how they are spread over tasks."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any

from airflow.sdk import conf
from airflow.sdk.exceptions import AirflowFailException

from zoho_people.configuration.brought_files import brought_path, file_limits
from zoho_people.model.planned_unit import Reason
from zoho_people.model.policy import Mode, Policy
from zoho_people.model.run_xcoms import PLAN, PlanFigures, Request
from zoho_people.model.unit import Course
from zoho_people.model.wording import counted
from zoho_people.planning.course_filter import CourseFilter
from zoho_people.planning.left_out import LeftOut
from zoho_people.planning.listed_facts import ListedFacts
from zoho_people.planning.plan import plan_units as plan_all
from zoho_people.planning.plan_file import PlanFile
from zoho_people.planning.roster_file import ROSTER, read_roster
from zoho_people.planning.task_capacity import minutes, units_per_task
from zoho_people.shared.quota_day import quota_day
from zoho_people.staging.list_pages import NotStaged
from zoho_people.staging.staged_lists import (
    forgotten_learners,
    listed_courses,
    staged_courses,
    staged_learners,
)
from zoho_people.steps.claims import apart_from_erasures
from zoho_people.steps.course_titles import CourseTitles
from zoho_people.steps.items import plan_items
from zoho_people.steps.plan_table import plan_table
from zoho_people.steps.request import InvalidRequest
from zoho_people.steps.run import Run
from zoho_people.storage.brought_file import BroughtFileUnreachable, InvalidBroughtFile
from zoho_people.storage.forgotten import Forgotten, ForgottenUnreadable
from zoho_people.storage.layout import plan_file

log = logging.getLogger(__name__)

LONGEST_RUN = timedelta(hours=20)
"""A run asks for what fits into so much time from its start, so that it has published when Airflow ends it."""

_SHARE_OF_THE_PACE = 0.9
"""What it counts on of the pool's requests: the pace is a little below the ideal, and a try may fail."""

_FORGOTTEN = (
    "the learners were forgotten in this output path; take them out of learner_ids, the roster file or the "
    "Variable that names them (docs/privacy.md says how to have them fetched again)"
)

Learners = Mapping[str, str | None]
"""The learners of a course, each with the fingerprint of the record there, None where none was asked for."""


@apart_from_erasures
def plan_units(run: Run) -> list[dict[str, Any]]:
    """What to map over: one item a task. The plan itself is kept in staging, its figures are an XCom.

    A dry run gets no items.

    :raises AirflowFailException: when there is nobody to fetch, or a roster file is wrong.
    :raises BroughtFileUnreachable: when it can't be read now; the next try may.
    """
    request, staging = run.request, run.staging
    try:
        facts = _facts(run)
        left_out = _left_out(run)
        plan = _plan(run, facts, left_out)
        figures = _fit(plan, run)
        window_s = run.hook.settings.window_s
        named = [Course.parse(text) for text in request.courses]
        course_filter = CourseFilter.parse(request.include, request.exclude)
        figures = replace(
            figures,
            minutes=minutes(figures.requests, per_window=request.slots, window_s=window_s),
            filters_without_match=facts.idle_rules(named, course_filter),
            impossible=facts.impossible(plan),
            forgotten=left_out.count,
        )
        per_task = _per_task(request, figures.units)
    except (
        ForgottenUnreadable,
        InvalidRequest,
        InvalidBroughtFile,
        NotStaged,
        BroughtFileUnreachable,
    ) as error:
        # A plan that is refused is none: publishing must not take it for what the run set out to do.
        staging.store.delete(plan_file(staging.key))
        if isinstance(error, BroughtFileUnreachable):
            raise
        raise AirflowFailException(str(error)) from None
    run.book(0 if request.dry_run else figures.requests)
    figures = replace(figures, quota_left=run.quota_left())
    _log(figures, request, window_s)
    PLAN.push(run.context["ti"], figures)
    if request.dry_run:
        return []
    titles = CourseTitles(facts.listed, run.lists)
    return [item.to_json() for item in plan_items(plan, request, titles, figures.units, per_task)]


def _facts(run: Run) -> ListedFacts:
    """What Zoho's list says of courses; nothing where a run names everybody, since it reads no list."""
    return ListedFacts({} if run.request.names_everybody else listed_courses(run.lists))


def _left_out(run: Run) -> LeftOut:
    """Leaves out who was forgotten, also of Zoho's lists where they were forgotten while these were read."""
    forgotten = Forgotten.read(run.staging.store)
    if run.request.names_everybody:
        return LeftOut([forgotten])
    lists = run.lists
    both = {forgotten, Forgotten.read(lists.store)}  # the lists may be below a root of their own
    return LeftOut(both, count=forgotten_learners(lists), drop=lists.leave_out)


def _plan(run: Run, facts: ListedFacts, left_out: LeftOut) -> PlanFile:
    plan = plan_all(
        run.staging.store,
        run.key,
        left_out.of(_courses(run)),
        run.request.types,
        policy=_policy(run.request),
        now=datetime.now(UTC),
        never_has=facts.never_has,
    )
    if not any(plan.counts().values()):
        why = _FORGOTTEN if left_out.count else _why_nobody(run)
        raise InvalidRequest(f"there is nobody to fetch: {why}")
    return plan


def _why_nobody(run: Run) -> str:
    unread = run.unread
    if unread:
        first = unread[0]
        return (
            f"the learners of {counted(len(unread), 'course')} are not known, such as those of {first.course} "
            f"({first.why}); mend that, and clear read_rosters with what follows it"
        )
    return "no course that the filters leave has a learner; name courses, or widen include and exclude"


def _courses(run: Run) -> Iterator[tuple[Course, Learners]]:
    """The courses and their learners, as they were named or as Zoho listed them."""
    request = run.request
    if request.learner_ids:
        yield from ((Course.parse(text), dict.fromkeys(request.learner_ids)) for text in request.courses)
    elif request.roster_file:
        yield from _courses_of_file(request.roster_file, run.privacy.named)
    else:
        yield from _listed_courses(run)


def _courses_of_file(path: str, named: Callable[[str], str]) -> Iterator[tuple[Course, Learners]]:
    rows_of_file = read_roster(brought_path(path, ROSTER.label), file_limits(ROSTER.label))
    for course, rows in groupby(rows_of_file, key=attrgetter("course")):
        yield course, dict.fromkeys(named(row.learner_id) for row in rows)


def _listed_courses(run: Run) -> Iterator[tuple[Course, Learners]]:
    for course, why in run.unread:
        log.error("The learners of course %s are not known, so nothing is fetched of it: %s", course, why)
    for course in staged_courses(run.lists):
        yield course, staged_learners(run.lists, course)


def _policy(request: Request) -> Policy:
    mode = Mode.NAMED if request.learner_ids else Mode(request.refresh)
    return Policy(
        mode=mode,
        full_every=timedelta(days=request.full_every_days),
        skip_absent_types=request.skip_absent_types,
        # Only Zoho's own lists are known to be complete: who isn't in a roster file may well be in the course.
        finds_left=not request.names_everybody,
    )


def requests_until_the_end(run: Run) -> int:
    """How many requests fit into what is left of the run's time, with the pool to itself."""
    now = datetime.now(UTC)
    left_s = (LONGEST_RUN - (now - (run.context["dag_run"].start_date or now))).total_seconds()
    return max(0, int(left_s / run.hook.settings.window_s * run.request.slots * _SHARE_OF_THE_PACE))


def _fit(plan: PlanFile, run: Run) -> PlanFigures:
    """Postpone what is beyond the run's time or the day's budget, and tell the plan's figures.

    Of the budget the run itself has spent something: on its lists, and before it was checked once more.
    """
    now, hook, most = datetime.now(UTC), run.hook, requests_until_the_end(run)
    today = quota_day(now)
    budget = hook.settings.daily_budget
    spent = hook.ledger.spent(today, apart_from=run.key) + run.spent.by_day.get(today, 0)
    left = most if budget is None else min(most, max(0, budget - spent))
    if hook.gate.state().refusals.spent_until > now.timestamp():
        log.warning("Zoho said that the daily quota is spent; nothing is fetched before the next UTC day")
        left = 0
    requests, postponed = plan.fit(left)
    counts = plan.counts()
    return PlanFigures(
        units=sum(counts[reason] for reason in Reason if reason.is_to_fetch),
        by_reason={reason: count for reason, count in counts.items() if count},
        requests=requests,
        postponed=postponed,
        daily_budget=budget,
        spent_today=spent,
    )


def _per_task(request: Request, units: int) -> int:
    """:raises InvalidRequest: when there would be more tasks than Airflow maps."""
    most = conf.getint("core", "max_map_length")
    per_task = request.units_per_task or units_per_task(units, most_tasks=most)
    if math.ceil(units / per_task) > most:
        raise InvalidRequest(
            f"{units} units at {per_task} a task are more tasks than the {most} that Airflow maps; leave "
            "units_per_task empty, or raise it or [core] max_map_length"
        )
    return per_task


def _log(figures: PlanFigures, request: Request, window_s: float) -> None:
    log.info(
        "Plan for snapshot_date=%s\n%s",
        request.snapshot_date,
        plan_table(figures, slots=request.slots, window_s=window_s, now=datetime.now(UTC)),
    )
    if figures.forgotten:
        told = log.warning if request.names_everybody else log.info
        told(
            "Left out, and not asked for: %s who were forgotten in this output path (counted course by course)%s",
            counted(figures.forgotten, "learner"),
            "; take them out of what names them" if request.names_everybody else "",
        )
    if figures.postponed:
        log.warning(
            "Left for another day: %s. The longest not tried come first, and the next run goes on from there",
            counted(figures.postponed, "unit"),
        )
    if request.dry_run:
        log.info("A dry run ends here: nothing is fetched, nothing is published")
