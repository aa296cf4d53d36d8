from __future__ import annotations

from typing import Any

import pytest

from zoho_emulator.organisation import Organisation

IDS = ("testId", "assignmentId", "fileId", "contentId", "sessionId", "linkId", "feedbackId")


def records(emulator: Any) -> list[tuple[int, dict[str, Any]]]:
    return [(unit["entity_type"], record) for unit in emulator.truth() for record in unit["records"]]


@pytest.fixture
def in_shape(make_emulator: Any) -> Any:
    return lambda shape: make_emulator(Organisation(courses=4, learners=4), record_shape=shape)


def test_a_definition_has_other_names_and_other_ids_beside_the_entitys_own(in_shape: Any) -> None:
    found = records(in_shape("definition"))
    assert all("moduleId" in record and "gradeCategoryId" in record for _, record in found)
    assert all(sum(key in record for key in IDS) == 1 for _, record in found)
    names = {(code, key) for code, record in found for key in record}
    assert {
        (0, "marks"),
        (2, "maximumMarks"),
        (6, "isMandatoryLink"),
        (1, "passPercentage"),
        (1, "testMark"),
    } <= names
    assert not names & {(0, "testMark"), (2, "assignmentMark"), (6, "isMandatory")}
    assert {type(record["duration"]) for code, record in found if code == 3} == {int}
    assert "unlimited" in [record.get("maximumAttemptsAllowed") for _, record in found]


def test_a_record_may_have_no_id_but_its_modules(in_shape: Any) -> None:
    found = records(in_shape("module-only"))
    assert found
    assert all("moduleId" in record and not set(IDS) & set(record) for _, record in found)


@pytest.mark.parametrize("shape", ["definition", "module-only"])
def test_pages_and_truth_have_the_same_shape(in_shape: Any, shape: str) -> None:
    emulator = in_shape(shape)
    unit = next(unit for unit in emulator.truth() if unit["records"] and unit["batch_id"] is None)
    path = f"/courses/{unit['course_id']}/learners/{unit['learner_id']}/progress"
    page = emulator.get(path, entityType=unit["entity_type"]).json()["learnerProgress"]
    assert page == unit["records"][: len(page)]
