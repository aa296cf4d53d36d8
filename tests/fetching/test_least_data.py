from __future__ import annotations

import json
import traceback
from typing import Any

import pytest

from tests.helpers.fakes import Clock, Zoho
from tests.helpers.list_fakes import Organisation
from zoho_people.endpoints.course_learners import COURSE_LEARNERS
from zoho_people.endpoints.courses import COURSES
from zoho_people.endpoints.endpoint import Resource
from zoho_people.endpoints.progress import PROGRESS
from zoho_people.endpoints.rows import fingerprint
from zoho_people.fetching.least_data import FewerFields, UnderPseudonyms
from zoho_people.model.entity_type import EntityType
from zoho_people.model.pseudonyms import Pseudonyms
from zoho_people.model.unit import Course
from zoho_people.zoho.errors import CourseNotFound, LearnerNotFound, Locked, TemporaryFailure, ZohoError
from zoho_people.zoho.page import Page

COURSE, BATCH, LEARNER, OTHER = (
    "100002000000039001",
    "100002000000041383",
    "100002000000045011",
    "100002000000045012",
)
KEY = Pseudonyms("0123456789abcdef0123456789abcdef")
ROSTER = COURSE_LEARNERS.of(Course(COURSE, BATCH))
ITEM = {
    "learnerId": int(LEARNER),
    "learnerName": "Ada Example",
    "emailId": "ada@example.com",
    "manager": {"name": "Bob Example"},
    "status": "completed",
    "completionPercentage": 80,
    "courseId": COURSE,
}


class Source(Zoho):
    """Zoho's progress and lists, as the hook shows them."""

    organisation: Organisation

    def read_page(self, resource: Resource, start_index: int) -> Page:
        if resource.endpoint is PROGRESS:
            return super().read_page(resource, start_index)
        return self.organisation.read_page(resource, start_index)


def organisation_of(clock: Clock) -> Organisation:
    """A course with two learners, and a batch with one."""
    organisation = Organisation(clock, page_size=10)
    other = {"learnerId": OTHER, "learnerName": "Bob Example"}
    organisation.have_course(COURSE, ITEM, other)
    organisation.have(ROSTER, ITEM)
    return organisation


@pytest.fixture
def zoho() -> Source:
    source = Source(Clock())
    source.organisation = organisation_of(source.clock)
    return source


def page(*records: dict[str, Any]) -> Page:
    return Page(0, records, None)


def get(zoho: Source, learner: str = LEARNER) -> Page:
    return UnderPseudonyms(zoho, KEY).read_page(
        PROGRESS.of(Course(COURSE, BATCH), KEY.of(learner), EntityType.FILES), 25
    )


class TestProgress:
    def test_is_asked_for_by_the_learners_own_id(self, zoho: Source) -> None:
        zoho.answers = [page({"fileId": "1"})]
        assert get(zoho).records == ({"fileId": "1"},)
        assert zoho.asked == [(COURSE, BATCH, LEARNER, "files", 25)]

    def test_keeps_nothing_that_says_who_the_learner_is(self, zoho: Source) -> None:
        record = {
            "fileId": 1,
            "name": "file 1",
            "status": "completed",
            "learnerId": LEARNER,
            "learnerName": "Ada",
            "emailId": "ada@example.com",
            "userId": int(LEARNER),
            "link": f"https://zoho/{LEARNER}/1",
            LEARNER: 1,
            "huge": 10**5000,
            "flag": True,
            "by": [{"employeeName": "Ada", "id": LEARNER, "at": 1.5, "who": None}],
        }
        zoho.answers = [page(record)]
        name = KEY.of(LEARNER)
        assert get(zoho).records == (
            {
                "fileId": 1,
                "name": "file 1",
                "status": "completed",
                "userId": name,
                "link": f"https://zoho/{name}/1",
                name: 1,
                "huge": 10**5000,
                "flag": True,
                "by": [{"id": name, "at": 1.5, "who": None}],
            },
        )

    def test_a_short_id_is_no_part_of_other_numbers(self, zoho: Source) -> None:
        zoho.answers = [page({"fileId": "1234", "order": "12", "learnerId": "12", "n": 12})]
        assert get(zoho, "12").records == ({"fileId": "1234", "order": "12", "n": KEY.of("12")},)


class TestRosters:
    def test_have_pseudonyms_and_figures_only(self, zoho: Source) -> None:
        found = UnderPseudonyms(zoho, KEY).read_page(ROSTER, 0)
        assert found.ids == (KEY.of(LEARNER),)
        assert found.records == ({"status": "completed", "completionPercentage": 80},)

    def test_have_no_figures_where_learners_are_off(self, zoho: Source) -> None:
        found = UnderPseudonyms(zoho, KEY, keeps_figures=False).read_page(ROSTER, 0)
        assert (found.ids, found.records) == ((KEY.of(LEARNER),), ({},))

    def test_have_fingerprints_of_the_whole_record_that_nobody_can_guess(self, zoho: Source) -> None:
        def marks(item: dict[str, Any]) -> tuple[str, ...]:
            zoho.organisation.have(ROSTER, item)
            found = UnderPseudonyms(zoho, KEY).read_page(ROSTER, 0).fingerprints
            assert found
            return found

        assert marks(ITEM) == marks(dict(reversed(ITEM.items()))) == (KEY.fingerprint(ITEM),)
        assert marks(ITEM) != marks({**ITEM, "something": "new"})
        assert fingerprint(ITEM) not in marks(ITEM)

    def test_without_pseudonyms_lose_all_but_ids_and_fingerprints(self, zoho: Source) -> None:
        found = FewerFields(zoho).read_page(ROSTER, 0)
        assert (found.ids, found.records, found.fingerprints) == ((LEARNER,), ({},), (fingerprint(ITEM),))

    @pytest.mark.parametrize("source", [FewerFields, lambda zoho: UnderPseudonyms(zoho, KEY)])
    def test_lists_of_courses_are_as_they_were(self, zoho: Source, source: Any) -> None:
        asked = COURSES.of()
        assert source(zoho).read_page(asked, 0) == zoho.read_page(asked, 0)


class TestErrors:
    @pytest.mark.parametrize(
        "error",
        [
            LearnerNotFound(f"learner {LEARNER} not found", http_status=404),
            TemporaryFailure(f"the answer's learnerId is {OTHER}, asked was {LEARNER}", http_status=200),
            Locked("locked", retry_after_s=42.0, code="7209"),
            KeyError(LEARNER),
        ],
    )
    def test_name_no_learner_and_have_nothing_behind_them(self, zoho: Source, error: Exception) -> None:
        zoho.answers = [error]
        with pytest.raises(ZohoError) as raised:
            get(zoho)
        told = "".join(traceback.format_exception(raised.value))
        assert LEARNER not in told
        assert OTHER not in told
        if isinstance(error, ZohoError):
            assert type(raised.value) is type(error)
            assert raised.value.facts() == error.facts() | {
                "message": error.message.replace(LEARNER, KEY.of(LEARNER)).replace(OTHER, KEY.of(OTHER))
            }
        else:
            assert isinstance(raised.value, TemporaryFailure)
            assert raised.value.message.startswith("the request failed: KeyError at ")

    def test_name_the_course(self, zoho: Source) -> None:
        text = f"course {COURSE}, batch {BATCH}: HTTP 404, 7209, {LEARNER}"
        zoho.organisation.disturbed[0] = CourseNotFound(text, http_status=404)
        with pytest.raises(CourseNotFound) as raised:
            UnderPseudonyms(zoho, KEY).read_page(ROSTER, 0)
        assert raised.value.message == text.replace(LEARNER, KEY.of(LEARNER))

    @pytest.mark.parametrize("source", [FewerFields, lambda zoho: UnderPseudonyms(zoho, KEY)])
    def test_what_the_hook_knows_of_a_request_is_known(self, zoho: Source, source: Any) -> None:
        zoho.answered_at = 4711.0
        assert source(zoho).answered_at == 4711.0
        source(zoho).stop("why")
        assert zoho.stopped == ["why"]


def test_a_record_stays_json(zoho: Source) -> None:
    zoho.answers = [page({"fileId": 1, "a": {"b": [1, {"c": LEARNER}]}})]
    assert LEARNER not in json.dumps(get(zoho).records[0])
