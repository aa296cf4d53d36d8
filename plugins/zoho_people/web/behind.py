"""Who is behind: the learners with mandatory items that are open, course by course."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from zoho_people.web.groups import groups
from zoho_people.web.parameters import NAMES
from zoho_people.web.rows import COURSE, PERSON, Row, json_rows
from zoho_people.web.view import View, page_sql

_FAR = ("entities", "completed", "share")
_DUE = ("due_date", "days_overdue", "is_due_exact")
COLUMNS = (*PERSON, *COURSE, "open_mandatory", *_FAR, *_DUE, "last_change")
LEARNER_COLUMNS = (*PERSON, "courses", *_FAR)
DEFAULT_SORT = "-days_overdue"

_IS_FOUND = """
    ($q IS NULL OR contains(lower(concat_ws(chr(10), learner_id, {searched})), $q)
        OR ($searches_names AND contains(lower(concat_ws(chr(10), name, email)), $q)))
"""

_IS_WANTED = "open_mandatory > 0 AND coalesce(days_overdue, 0) >= $min_days_overdue AND {is_found}"
_SEARCHED = "department, course_name, course_id"

_BEHIND = """
WITH behind AS ({learners_in_courses}), changed AS (
    SELECT course_id, batch_id, learner_id, max(snapshot_date) AS last_change
    FROM changes
    WHERE snapshot_date <= $snapshot_date
    GROUP BY course_id, batch_id, learner_id
)
SELECT *, count(*) OVER () AS total
FROM (
    SELECT b.*, g.last_change
    FROM behind AS b
    LEFT JOIN changed AS g
        ON g.course_id = b.course_id AND g.batch_id IS NOT DISTINCT FROM b.batch_id
        AND g.learner_id = b.learner_id
)
WHERE {is_wanted}
ORDER BY {order} NULLS LAST, course_id, batch_id, learner_id
LIMIT $limit OFFSET $offset
"""

_OVERDUE = """
SELECT count(DISTINCT learner_id) AS learners, coalesce(sum(open_mandatory), 0)::BIGINT AS items
FROM ({learners_in_courses})
WHERE days_overdue >= 1
"""

_LEARNERS = """
WITH each AS ({learners_in_courses}), learner AS (
    SELECT
        learner_id, any_value(name) AS name, any_value(email) AS email, any_value(department) AS department,
        any_value(manager) AS manager, any_value(location) AS location, count(*) AS courses,
        sum(entities)::BIGINT AS entities, sum(completed)::BIGINT AS completed,
        share_of(sum(completed), sum(entities)) AS share
    FROM each
    GROUP BY learner_id
)
SELECT *, count(*) OVER () AS total
FROM learner
WHERE {is_found}
ORDER BY {order} NULLS LAST, learner_id
LIMIT $limit OFFSET $offset
"""


@dataclass(frozen=True, slots=True)
class Page:
    """Which of the rows are wanted: those in which *search* is found, sorted by *sort*, downwards or not."""

    sort: tuple[str, bool]
    search: str | None = None
    limit: int | None = None
    offset: int = 0
    min_days_overdue: int = 0

    def parameters(self, *, may_see_names: bool) -> dict[str, Any]:
        """As the queries take them."""
        return {
            "q": self.search,
            "searches_names": may_see_names,
            "limit": self.limit,
            "offset": self.offset,
        }

    @property
    def order(self) -> str:
        """As SQL; the column is one that the route knows."""
        name, is_downwards = self.sort
        return f'"{name}" {"DESC" if is_downwards else "ASC"}'


def behind(view: View, filters: Mapping[str, Any], page: Page, *, may_see_names: bool) -> dict[str, Any]:
    """The rows of *page*, and how many there are in all."""
    found = view.rows(*_behind(view, filters, page, may_see_names=may_see_names))
    return _paged(view, found, COLUMNS, page, may_see_names=may_see_names)


def behind_groups(
    view: View, filters: Mapping[str, Any], page: Page, group_by: str, *, may_see_names: bool
) -> dict[str, Any]:
    """The rows of all pages, counted by group."""
    more = {
        "q": page.search,
        "searches_names": may_see_names,
        "min_days_overdue": page.min_days_overdue,
    }
    return groups(view, filters, group_by, wanted=_is_wanted(), more=more)


def behind_table(view: View, filters: Mapping[str, Any], page: Page, *, may_see_names: bool) -> pa.Table:
    """All rows, for a download; who may not see names gets none of their columns."""
    table = view.opened.sql(*_behind(view, filters, page, may_see_names=may_see_names))
    return table.select([name for name in COLUMNS if may_see_names or name not in NAMES])


def learners(view: View, filters: Mapping[str, Any], page: Page, *, may_see_names: bool) -> dict[str, Any]:
    """Learners with all their courses, behind or not."""
    query = _query(_LEARNERS, page, is_found=_IS_FOUND.format(searched="department"))
    parameters = {**_given(view, filters), **page.parameters(may_see_names=may_see_names)}
    return _paged(view, view.rows(query, parameters), LEARNER_COLUMNS, page, may_see_names=may_see_names)


def overdue(view: View, filters: Mapping[str, Any]) -> Row:
    """How many learners have items that are overdue, and how many items these are."""
    query = _OVERDUE.format(learners_in_courses=page_sql("learners_in_courses"))
    return dict(view.sql(query, _given(view, filters))[0])


def _behind(
    view: View, filters: Mapping[str, Any], page: Page, *, may_see_names: bool
) -> tuple[str, dict[str, Any]]:
    parameters = {
        **_given(view, filters),
        **page.parameters(may_see_names=may_see_names),
        "min_days_overdue": page.min_days_overdue,
    }
    return _query(_BEHIND, page, is_wanted=_is_wanted()), parameters


def _is_wanted() -> str:
    return _IS_WANTED.format(is_found=_IS_FOUND.format(searched=_SEARCHED))


def _query(template: str, page: Page, **conditions: str) -> str:
    return template.format(
        learners_in_courses=page_sql("learners_in_courses"), order=page.order, **conditions
    )


def _given(view: View, filters: Mapping[str, Any]) -> dict[str, Any]:
    return {"snapshot_date": view.day, "learner_ids": None, "group_by": None, **filters}


def _paged(
    view: View, found: list[Row], columns: tuple[str, ...], page: Page, *, may_see_names: bool
) -> dict[str, Any]:
    # A page beyond the last one has no row that tells how many there are.
    total = found[0]["total"] if found else None
    return {
        "total": total if total is not None else (0 if page.offset == 0 else None),
        "rows": json_rows(found, columns, hidden=() if may_see_names else NAMES),
    }
