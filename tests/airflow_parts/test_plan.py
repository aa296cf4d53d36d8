from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoho_people.api.entity_type import ENTITY_TYPE_NAMES, EntityType
from zoho_people.api.unit import Course
from zoho_people.plan import InvalidRequest, Plan, Request, minutes, refuse_unheard

DAY = date(2026, 11, 23)
PARAMS: dict[str, Any] = {"courses": [], "learner_ids": [], "entity_types": [], "output_path": None}
VARIABLES = {"courses": "my_courses", "learner_ids": "my_learners", "output_path": "my_output"}
STORED: dict[str, Any] = {"courses": ["1"], "learner_ids": ["7"], "output_path": None}


class Reader:
    """Reads the Variables; each holds JSON but the path. ``read`` has the names of those that were read."""

    def __init__(self, stored: Mapping[str, Any]) -> None:
        self.texts = {
            VARIABLES[name]: value if value is None or name == "output_path" else json.dumps(value)
            for name, value in {**STORED, **stored}.items()
        }
        self.read: list[str] = []

    def __call__(self, variable: str) -> str | None:
        self.read.append(variable)
        return self.texts[variable]


def plan(
    *,
    conf_keys: tuple[str, ...] = (),
    max_length: int = 1024,
    variables: Mapping[str, Any] | None = None,
    reader: Callable[[str], str | None] | None = None,
    **params: Any,
) -> Plan:
    request = Request({**PARAMS, **params}, conf_keys, VARIABLES, reader or Reader(variables or {}))
    return request.plan(default_output_path="/default", snapshot_date=DAY, max_length=max_length)


def refusal(**asked: Any) -> str:
    with pytest.raises(InvalidRequest) as error:
        plan(**asked)
    return str(error.value)


def test_what_is_left_empty_comes_from_the_variables() -> None:
    assert plan() == Plan((Course("1"),), ("7",), tuple(EntityType), "/default", DAY)


def test_what_is_asked_for_goes_before_the_variables() -> None:
    got = plan(
        courses=["2/3"],
        learner_ids=["8"],
        entity_types=["links"],
        output_path="/data",
        variables={"output_path": "/v"},
    )
    assert got == Plan((Course("2", "3"),), ("8",), (EntityType.LINKS,), "/data", DAY)


def test_a_variable_is_read_only_where_its_param_is_empty() -> None:
    reader = Reader({})
    plan(reader=reader, courses=["2"], learner_ids=["8"], output_path="/data")
    assert reader.read == []
    plan(reader=reader, courses=["2"], output_path="/data")
    assert reader.read == ["my_learners"]


@pytest.mark.parametrize("text", ["5, 6", "not JSON", "[1", "'1'", " "])
@pytest.mark.parametrize(("param", "variable"), [("courses", "my_courses"), ("learner_ids", "my_learners")])
def test_a_variable_that_is_not_json_is_named_with_the_way_to_write_it(
    param: str, variable: str, text: str
) -> None:
    reader = Reader({})
    reader.texts[variable] = text
    assert refusal(reader=reader) == (
        f'Variable {variable} is not JSON; write a list of strings, such as ["100002000000039001"]'
    )


@pytest.mark.parametrize("text", [None, ""])
def test_a_variable_without_text_is_empty(text: str | None) -> None:
    reader = Reader({})
    reader.texts["my_courses"] = text
    assert refusal(reader=reader).startswith("Variable my_courses is empty; ")


def test_params_may_be_missing_altogether() -> None:
    request = Request({}, (), VARIABLES, Reader({}))
    assert len(request.plan(default_output_path="/d", snapshot_date=DAY, max_length=100)) == 10


def test_what_is_named_twice_is_fetched_once_in_the_order_of_its_first_naming() -> None:
    got = plan(
        courses=["2", "1/5", "2", "1"], learner_ids=["9", "8", "9"], entity_types=["links", "files", "links"]
    )
    assert got.courses == (Course("2"), Course("1", "5"), Course("1"))
    assert got.learner_ids == ("9", "8")
    assert got.entity_types == (EntityType.LINKS, EntityType.FILES)


def test_units_come_course_by_course_and_learner_by_learner() -> None:
    got = plan(courses=["2", "1"], learner_ids=["9", "8"], entity_types=["links", "files"])
    assert [str(unit) for unit in got.units()] == [
        f"course {course}, learner {learner}, {name}"
        for course in ("2", "1")
        for learner in ("9", "8")
        for name in ("links", "files")
    ]


@pytest.mark.parametrize(("param", "variable"), [("courses", "my_courses"), ("learner_ids", "my_learners")])
@pytest.mark.parametrize("stored", [None, [], "", {}, "1", 5, {"1": 2}, 1.5])
def test_nothing_to_fetch_is_refused_with_both_places_to_name_it(
    param: str, variable: str, stored: object
) -> None:
    message = refusal(variables={param: stored})
    assert message.startswith(f"Variable {variable} is ")
    assert f"in the Param {param}, or a JSON list of strings in the Variable {variable}" in message


@pytest.mark.parametrize("param", ["courses", "learner_ids"])
@pytest.mark.parametrize("value", ["1", 5, {"1": "2"}, True])
def test_a_param_that_is_no_list_is_refused_by_name_and_value(param: str, value: object) -> None:
    assert refusal(**{param: value}).startswith(f"Param {param} is {value!r}; give at least one")


@pytest.mark.parametrize("item", ["", "x", "1/2/3", "1/", 219200000000039001, 1.5, None, ["1"], "１"])
def test_an_impossible_course_is_named_with_the_way_to_write_one(item: object) -> None:
    assert refusal(courses=["1", item]) == (
        f"Param courses: course {item!r} is not a course; write 'courseId' or 'courseId/batchId' in digits"
    )
    assert refusal(variables={"courses": [item]}).startswith("Variable my_courses: course ")


@pytest.mark.parametrize("item", ["", "x", "1/2", 219200000000039001, None, {"a": 1}])
def test_an_impossible_learner_is_named_with_the_way_to_write_one(item: object) -> None:
    assert refusal(learner_ids=[item]) == (
        f"Param learner_ids: learner {item!r} is not an id; write Zoho's id as a string of digits"
    )


@pytest.mark.parametrize("item", ["file", "FILES", 3, None, ["files"]])
def test_an_unknown_entity_type_is_named_with_the_ten(item: object) -> None:
    message = refusal(entity_types=[item])
    assert message.startswith(f"Param entity_types: entity_type {item!r} is unknown; use one of: ")
    assert all(name in message for name in ENTITY_TYPE_NAMES)


@pytest.mark.parametrize("value", ["files", 5, {"files": 1}, True])
def test_entity_types_that_are_no_list_are_refused(value: object) -> None:
    assert refusal(entity_types=value) == f"Param entity_types {value!r} is not a list of names"


@pytest.mark.parametrize(
    "value", ["/data", "/data/with blank", "s3://aws_default@bucket/zoho", "file:///data", "/größe"]
)
def test_an_absolute_path_or_a_url_is_the_output_path(value: str) -> None:
    assert plan(output_path=value).output_path == value
    assert plan(variables={"output_path": value}).output_path == value


@pytest.mark.parametrize("value", [None, ""])
def test_an_empty_output_path_is_the_variables_or_the_default(value: object) -> None:
    assert plan(output_path=value, variables={"output_path": "/v"}).output_path == "/v"
    assert plan(output_path=value, variables={"output_path": value}).output_path == "/default"


@pytest.mark.parametrize("value", ["data", "./data", "../data", "~/data", "s3:/bucket"])
def test_a_relative_output_path_is_refused(value: str) -> None:
    assert refusal(output_path=value) == (
        f"Param output_path {value!r} is relative; write an absolute path, since workers may run anywhere"
    )
    assert refusal(variables={"output_path": value}).startswith("Variable my_output ")


@pytest.mark.parametrize("value", [" /data", "/data\n", "/da\x00ta", "/da\u202eta", 5, True, 1.5])
def test_an_impossible_output_path_is_refused(value: object) -> None:
    message = refusal(output_path=value)
    assert message.startswith("Param output_path ")
    assert message.endswith("is not a path or URL; write /data/zoho or s3://…")


@pytest.mark.parametrize("value", [["/data"], {"path": "/data"}])
def test_an_output_path_that_is_no_text_at_all_is_refused(value: object) -> None:
    assert refusal(output_path=value).startswith("Param output_path ")


def test_an_unknown_param_is_named_with_those_that_are_known() -> None:
    assert refusal(conf_keys=("courses", "learners")) == (
        "Param 'learners' is unknown; allowed: courses, entity_types, learner_ids, output_path"
    )


def test_more_tasks_than_airflow_maps_are_refused_with_the_count() -> None:
    ids = [str(number) for number in range(1, 12)]
    assert len(plan(learner_ids=ids, max_length=110)) == 110
    message = refusal(learner_ids=ids, max_length=109)
    assert message.startswith("1 courses × 11 learners × 10 entity types are 110 tasks; ")
    assert "at most 109" in message
    assert "max_map_length" in message


@pytest.mark.parametrize("value", ["x" * 100_000, ["x" * 100_000]], ids=["text", "list"])
def test_a_huge_value_does_not_flood_the_message(value: object) -> None:
    assert len(refusal(variables={"courses": {"a": value}})) < 1000
    assert len(refusal(entity_types={"a": value})) < 1000


@pytest.mark.parametrize(
    "asked",
    [{"courses": ["x" * 100_000]}, {"learner_ids": ["x" * 100_000]}, {"output_path": "x" * 100_000}],
    ids=["courses", "learner_ids", "output_path"],
)
def test_a_huge_text_does_not_flood_the_message_either(asked: dict[str, Any]) -> None:
    assert len(refusal(**asked)) < 1000


@pytest.mark.parametrize(
    ("requests", "window_s", "expected"),
    [
        (0, 60.0, 0.0),
        (1, 60.0, 0.0),
        (30, 60.0, 0.0),
        (31, 60.0, 1.0),
        (300, 60.0, 9.0),
        (310, 60.0, 10.0),
        (310, 6.0, 1.0),
    ],
)
def test_the_least_time_counts_the_windows_behind_the_first(
    requests: int, window_s: float, expected: float
) -> None:
    assert minutes(requests, per_window=30, window_s=window_s) == pytest.approx(expected)


IDS = st.text("0123456789", min_size=1, max_size=32)
PLANS = st.builds(
    Plan,
    courses=st.lists(st.builds(Course, IDS, st.none() | IDS), max_size=4).map(tuple),
    learner_ids=st.lists(IDS, max_size=4).map(tuple),
    entity_types=st.lists(st.sampled_from(EntityType), unique=True).map(tuple),
    output_path=st.text(min_size=1),
    snapshot_date=st.dates(),
)


@given(PLANS)
def test_a_plan_is_the_same_after_its_way_through_json(original: Plan) -> None:
    assert Plan.from_json(json.loads(json.dumps(original.to_json()))) == original


@given(PLANS)
def test_a_plan_has_as_many_units_as_it_says(original: Plan) -> None:
    assert len(list(original.units())) == len(original)


class TestWhatARunWasTriggeredWith:
    def test_is_refused_where_airflow_ignores_it(self) -> None:
        with pytest.raises(InvalidRequest) as error:
            refuse_unheard({"learner_ids": ["7"], "courses": ["5"]}, PARAMS, overrides=False)
        assert str(error.value) == (
            "the run was triggered with the Param courses, which Airflow ignores here; set "
            "[core] dag_run_conf_overrides_params = True, or trigger it without Params"
        )

    def test_is_refused_where_airflow_ignores_it_even_if_no_param_has_its_name(self) -> None:
        with pytest.raises(InvalidRequest, match="the Param learners, which Airflow ignores"):
            refuse_unheard({"learners": ["7"]}, PARAMS, overrides=False)

    @pytest.mark.parametrize("conf", [{}, {"courses": []}, dict(PARAMS)])
    def test_is_no_matter_where_it_says_nothing_else(self, conf: dict[str, Any]) -> None:
        refuse_unheard(conf, PARAMS, overrides=False)

    def test_is_heard_as_a_rule(self) -> None:
        refuse_unheard({"courses": ["5"], "learners": []}, PARAMS, overrides=True)
