"""The ids and the roster file that a run brings along, looked at before a request is spent."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from zoho_people.configuration.brought_files import brought_path, file_limits
from zoho_people.model.rounded_id import ROUNDED, Suspicion
from zoho_people.model.run_xcoms import Request
from zoho_people.model.unit import Course
from zoho_people.planning.roster_file import ROSTER
from zoho_people.steps.request import InvalidRequest
from zoho_people.storage.brought_file import InvalidBroughtFile, check_file

log = logging.getLogger(__name__)


def check_brought_along(request: Request) -> None:
    """Refuse ids that a spreadsheet has rounded, and a roster file that can't be one by its first bytes.

    :raises InvalidRequest: naming field and cure.
    :raises BroughtFileUnreachable: when the file can't be read now; the next try may.
    """
    for field, ids in _ids(request):
        suspicion = Suspicion.of(ids)
        if suspicion.is_no_chance:
            raise InvalidRequest(f"{field} (Param or Variable): {suspicion}: {ROUNDED}")
        if suspicion.rounded:
            log.warning("%s: %s. It may be chance, so they are taken", field, suspicion)
    if request.roster_file:
        _check_file(request.roster_file)


def _ids(request: Request) -> Iterator[tuple[str, list[str]]]:
    courses = [Course.parse(text) for text in request.courses]
    yield "courses", [course.course_id for course in courses]
    yield "courses", [course.batch_id for course in courses if course.batch_id]
    yield "learner_ids", list(request.learner_ids)


def _check_file(path: str) -> None:
    try:
        check_file(brought_path(path, ROSTER.label), ROSTER, file_limits(ROSTER.label))
    except InvalidBroughtFile as error:
        raise InvalidRequest(str(error)) from None
