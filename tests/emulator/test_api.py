from __future__ import annotations

from typing import Any

import pytest

from zoho_emulator.organisation import Organisation

Record = dict[str, Any]


def progress_path(unit: dict[str, Any]) -> str:
    batch = f"/batches/{unit['batch_id']}" if unit["batch_id"] else ""
    return f"/courses/{unit['course_id']}{batch}/learners/{unit['learner_id']}/progress"


def read_all(emulator: Any, unit: dict[str, Any]) -> tuple[list[Record], list[dict[str, Any]]]:
    """The records of a unit as a client reads them, and the pages that they came in."""
    records: list[Record] = []
    pages = []
    while not pages or pages[-1]["hasMoreRecords"]:
        answer = emulator.get(progress_path(unit), entityType=unit["entity_type"], startIndex=len(records))
        assert answer.status_code == 200
        page = answer.json()
        assert page["learnerProgress"] or not page["hasMoreRecords"]
        pages.append(page)
        records += page["learnerProgress"]
    return records, pages


def test_paging_through_any_unit_gives_exactly_the_truth(make_emulator: Any) -> None:
    emulator = make_emulator(Organisation(courses=3, learners=4, seed=11))
    truth = emulator.truth()
    assert len(truth) == 3 * 4 * 10
    sizes, codes = [], set()
    for unit in truth:
        records, pages = read_all(emulator, unit)
        assert records == unit["records"]
        for page in pages:
            assert page["entityType"] == unit["entity_type"]
            assert str(page["learnerId"]) == unit["learner_id"]
            codes.add(page["code"])
            sizes += [len(page["learnerProgress"])] * page["hasMoreRecords"]
    assert codes == {200, "200"}
    assert min(sizes) < 25
    assert max(sizes) == 25


def test_ids_come_as_numbers_in_some_courses_and_as_strings_in_others(emulator: Any) -> None:
    types = set()
    for unit in emulator.truth():
        page = emulator.get(progress_path(unit), entityType=unit["entity_type"]).json()
        types.add(type(page["learnerId"]))
    assert types == {int, str}


def test_the_truth_can_be_filtered(emulator: Any) -> None:
    organisation = emulator.control("organisation")
    blended = organisation["courses"][1]
    batch = blended["batches"][0]
    units = emulator.truth(course_id=blended["course_id"], batch_id=batch["batch_id"])
    assert {unit["learner_id"] for unit in units} == set(batch["learner_ids"])
    assert len(emulator.truth(learner_id=organisation["learner_ids"][0], entity_type="3")) == 2
    assert emulator.request("GET", "/_emulator/truth?course=1").status_code == 400


@pytest.mark.parametrize("page_size", [1, 2, 25])
def test_rosters_name_every_learner_of_a_course_or_batch(make_emulator: Any, page_size: int) -> None:
    emulator = make_emulator(Organisation(courses=2, learners=5), page_size=page_size)

    def learners(path: str) -> list[str]:
        found: list[str] = []
        while True:
            page = emulator.get(f"{path}/course-progress", startIndex=len(found)).json()
            found += [str(item["learnerId"]) for item in page["courseProgress"]]
            if not page["hasMoreRecords"]:
                return found

    self_paced, blended = emulator.control("organisation")["courses"]
    assert learners(f"/courses/{self_paced['course_id']}") == self_paced["learner_ids"]
    for batch in blended["batches"]:
        path = f"/courses/{blended['course_id']}/batches/{batch['batch_id']}"
        assert learners(path) == batch["learner_ids"]


def test_courses_batches_and_the_courses_of_a_learner(emulator: Any) -> None:
    organisation = emulator.control("organisation")
    first, second = organisation["courses"]
    listed = emulator.get("/courses").json()["courses"]
    assert [str(item["courseId"]) for item in listed] == [first["course_id"], second["course_id"]]
    assert [item["type"] for item in listed] == [1, 2]
    assert len(emulator.get("/courses", type="2").json()["courses"]) == 1
    assert emulator.get("/courses", search="no such name").json()["courses"] == []
    batches = emulator.get(f"/courses/{second['course_id']}/batches").json()["batches"]
    assert [item["batchId"] for item in batches] == [batch["batch_id"] for batch in second["batches"]]
    assert sum(item["learnersCount"] for item in batches) == 3
    assert emulator.get(f"/courses/{first['course_id']}/batches").json()["batches"] == []
    mine = emulator.get(f"/learners/{organisation['learner_ids'][0]}/course-progress").json()
    assert len(mine["courseProgress"]) == 2


def test_courses_in_one_state_are_listed_unless_the_state_is_not_heeded(make_emulator: Any) -> None:
    emulator = make_emulator(Organisation(courses=6, all_states=True))
    for state, count in (("published", 4), ("drafted", 1), ("disabled", 1)):
        items = emulator.get("/courses", state=state).json()["courses"]
        assert [item["publishStatus"] for item in items] == [state] * count
        assert [course["state"] for course in emulator.control("organisation")["courses"]].count(
            state
        ) == count
    assert len(emulator.get("/courses").json()["courses"]) == 6
    assert emulator.get("/courses", state="Published").status_code == 400
    ignoring = make_emulator(Organisation(courses=6, all_states=True), heeds_state=False)
    assert len(ignoring.get("/courses", state="published").json()["courses"]) == 6


def test_lists_need_not_say_whether_there_is_more(make_emulator: Any) -> None:
    emulator = make_emulator(lists_say_more=False)
    assert "hasMoreRecords" not in emulator.get("/courses").json()


def test_course_progress_changes_on_the_days_when_records_change(make_emulator: Any) -> None:
    emulator = make_emulator(Organisation(courses=1, learners=40, changed_share=0.2), page_size=100)
    course_id = emulator.control("organisation")["courses"][0]["course_id"]

    def roster() -> dict[str, Any]:
        items = emulator.get(f"/courses/{course_id}/course-progress").json()["courseProgress"]
        return {str(item["learnerId"]): item for item in items}

    def truth() -> dict[tuple[str, int], Any]:
        return {(unit["learner_id"], unit["entity_type"]): unit["records"] for unit in emulator.truth()}

    roster_before, truth_before = roster(), truth()
    assert emulator.control("day", {"day": 1}) == {"day": 1}
    roster_after, truth_after = roster(), truth()
    changed = {learner for learner in roster_before if roster_before[learner] != roster_after[learner]}
    assert 0 < len(changed) < 40
    assert changed == {key[0] for key in truth_before if truth_before[key] != truth_after[key]}


def paths(emulator: Any) -> dict[str, str]:
    organisation = emulator.control("organisation")
    self_paced, blended = organisation["courses"]
    first, second = blended["batches"]
    course, learner = self_paced["course_id"], self_paced["learner_ids"][0]
    return {
        "good": f"/courses/{course}/learners/{learner}/progress",
        "no course": f"/courses/1/learners/{learner}/progress",
        "no learner": f"/courses/{course}/learners/1/progress",
        "no batch": f"/courses/{blended['course_id']}/batches/1/learners/{learner}/progress",
        "batch of a self-paced course": f"/courses/{course}/batches/{first['batch_id']}"
        f"/learners/{learner}/progress",
        "without its batch": f"/courses/{blended['course_id']}/learners/{learner}/progress",
        "other batch": f"/courses/{blended['course_id']}/batches/{first['batch_id']}"
        f"/learners/{second['learner_ids'][0]}/progress",
        "no number": f"/courses/{course}/learners/abc/progress",
        "no call": "/nothing",
    }


@pytest.mark.parametrize(
    ("name", "params", "status", "code", "message"),
    [
        ("good", {}, 400, "INPUT_PARAMETER_MISSING", "entityType is missing"),
        ("good", {"entityType": ""}, 400, "INPUT_PARAMETER_MISSING", "entityType is missing"),
        ("good", {"entityType": "10"}, 400, "INVALID_INPUT", "from 0 to 9"),
        ("good", {"entityType": "٣"}, 400, "INVALID_INPUT", "from 0 to 9"),
        ("good", {"entityType": "0", "startIndex": "-1"}, 400, "INVALID_INPUT", "startIndex"),
        ("good", {"entityType": "0", "startIndex": "1000001"}, 422, "MAXIMUM_LIMIT_EXCEEDED", "at most"),
        ("no course", {"entityType": "0"}, 404, "NOT_FOUND", "Course not found"),
        ("no learner", {"entityType": "0"}, 404, "NOT_FOUND", "Learner not found"),
        ("no batch", {"entityType": "0"}, 404, "NOT_FOUND", "Batch not found"),
        ("batch of a self-paced course", {"entityType": "0"}, 404, "NOT_FOUND", "Batch not found"),
        ("without its batch", {"entityType": "0"}, 400, "INVALID_INPUT", "needs a batchId"),
        ("other batch", {"entityType": "0"}, 404, "NOT_FOUND", "Learner not found in this batch"),
        ("no number", {"entityType": "0"}, 400, "INVALID_INPUT", "learnerId must be a number"),
        ("no call", {}, 404, "URL_NOT_FOUND", "no such URL"),
    ],
)
def test_what_is_wrong_is_said(
    emulator: Any, name: str, params: dict[str, str], status: int, code: str, message: str
) -> None:
    answer = emulator.get(paths(emulator)[name], **params)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert message in answer.json()["message"]


def test_a_start_beyond_the_end_gives_an_empty_last_page(emulator: Any) -> None:
    page = emulator.get(paths(emulator)["good"], entityType=1, startIndex=5000).json()
    assert page["learnerProgress"] == []
    assert page["hasMoreRecords"] is False


def test_other_methods_are_refused(emulator: Any) -> None:
    headers = {"Authorization": f"Zoho-oauthtoken {emulator.token}"}
    answer = emulator.request("POST", "/api/v1/courses", headers=headers)
    assert answer.status_code == 405


@pytest.mark.parametrize(
    ("shape", "status", "body"),
    [
        ("flat", 404, {"code": "URL_NOT_FOUND", "message": "There is no such URL."}),
        ("200-flat", 200, {"code": "URL_NOT_FOUND", "message": "There is no such URL."}),
        (
            "nested",
            404,
            {
                "response": {
                    "status": 1,
                    "errors": {"code": "URL_NOT_FOUND", "message": "There is no such URL."},
                }
            },
        ),
    ],
)
def test_errors_come_in_every_shape(make_emulator: Any, shape: str, status: int, body: Any) -> None:
    answer = make_emulator(error_shape=shape).get("/nothing")
    assert (answer.status_code, answer.json()) == (status, body)


@pytest.mark.parametrize(
    ("shape", "status", "body"),
    [
        ("7024", 200, {"code": 7024, "message": "No records found."}),
        ("204", 204, None),
    ],
)
def test_a_page_without_items_comes_in_the_shape_that_is_set(
    make_emulator: Any, shape: str, status: int, body: Any
) -> None:
    emulator = make_emulator(Organisation(courses=2, learners=3), no_records_shape=shape)
    units = emulator.truth()
    bare = next(unit for unit in units if not unit["records"])
    full = next(unit for unit in units if unit["records"])
    for path, params in (
        (progress_path(bare), {"entityType": bare["entity_type"]}),
        ("/courses", {"startIndex": 2}),
    ):
        answer = emulator.get(path, **params)
        assert answer.status_code == status
        assert (answer.json()["response"]["errors"] if answer.content else None) == body
    page = emulator.get(progress_path(full), entityType=full["entity_type"])
    assert page.json()["learnerProgress"]
