from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import pytest

from zoho_people.model.entity_type import ENTITY_TYPE_NAMES, EntityType
from zoho_people.model.run_xcoms import Request
from zoho_people.steps.request import InvalidRequest, ParamValues, refuse_unheard, run_request
from zoho_people.steps.run_params import DEFAULTS, RunParams, schema_of
from zoho_people.storage.location import Location

DAY = date(2026, 11, 23)
PARAMS: dict[str, Any] = {"courses": [], "learner_ids": [], "entity_types": [], "output_path": None}
VARIABLES = {
    "courses": "my_courses",
    "learner_ids": "my_learners",
    "output_path": "my_output",
    "roster_file": "my_roster",
}
STORED: dict[str, Any] = {"courses": ["1"], "learner_ids": ["7"], "output_path": None, "roster_file": None}


class Reader:
    """Reads the Variables; each holds JSON but the paths. ``read`` has the names of those that were read."""

    def __init__(self, stored: Mapping[str, Any]) -> None:
        self.texts = {
            VARIABLES[name]: value
            if value is None or name in ("output_path", "roster_file")
            else json.dumps(value)
            for name, value in {**STORED, **stored}.items()
        }
        self.read: list[str] = []

    def __call__(self, variable: str) -> str | None:
        self.read.append(variable)
        return self.texts[variable]


def asked(
    *,
    conf_keys: tuple[str, ...] = (),
    variables: Mapping[str, Any] | None = None,
    reader: Callable[[str], str | None] | None = None,
    roots: Sequence[str] = ("/", "s3://aws_default@bucket", "s3://bucket"),
    **params: Any,
) -> Request:
    places = [Location.parse(root) for root in roots]
    values = ParamValues(
        RunParams, {**PARAMS, **params}, conf_keys, VARIABLES, reader or Reader(variables or {}), places
    )
    return run_request(values, default_output_path="/default", snapshot_date=DAY)


def refusal(**params: Any) -> str:
    with pytest.raises(InvalidRequest) as error:
        asked(**params)
    return str(error.value)


def test_what_is_left_empty_comes_from_the_variables() -> None:
    got = asked()
    assert (got.courses, got.learner_ids, got.types) == (("1",), ("7",), tuple(EntityType))
    assert (got.output_path, got.snapshot_date, got.roster_file) == ("/default", DAY, None)


def test_what_is_asked_for_goes_before_the_variables() -> None:
    got = asked(
        courses=["2/3"],
        learner_ids=["8"],
        entity_types=["links"],
        output_path="/data",
        variables={"output_path": "/v"},
    )
    assert (got.courses, got.learner_ids, got.types) == (("2/3",), ("8",), (EntityType.LINKS,))
    assert got.output_path == "/data"


def test_a_variable_is_read_only_where_its_param_is_empty() -> None:
    reader = Reader({})
    asked(reader=reader, courses=["2"], learner_ids=["8"], output_path="/data")
    assert reader.read == []
    asked(reader=reader, courses=["2"], output_path="/data")
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
    reader.texts |= {"my_courses": text, "my_learners": text}
    assert asked(reader=reader).courses == ()


def test_params_may_be_missing_altogether() -> None:
    values = ParamValues(RunParams, {}, (), {}, Reader({}))
    got = run_request(values, default_output_path="/d", snapshot_date=DAY)
    assert got == Request(entity_types=ENTITY_TYPE_NAMES, output_path="/d", snapshot_date=DAY, slots=30)


def test_what_is_named_twice_is_fetched_once_in_the_order_of_its_first_naming() -> None:
    got = asked(
        courses=["2", "1/5", "2", "1"], learner_ids=["9", "8", "9"], entity_types=["links", "files", "links"]
    )
    assert got.courses == ("2", "1/5", "1")
    assert got.learner_ids == ("9", "8")
    assert got.entity_types == ("links", "files")


@pytest.mark.parametrize(("param", "variable"), [("courses", "my_courses"), ("learner_ids", "my_learners")])
@pytest.mark.parametrize("stored", ["1", 5, {"1": 2}, 1.5, True])
def test_a_variable_that_is_no_list_is_refused_by_name(param: str, variable: str, stored: object) -> None:
    assert refusal(variables={param: stored}).startswith(
        f"Variable {variable} is {stored!r}; write a list of"
    )


@pytest.mark.parametrize("param", ["courses", "learner_ids", "include", "exclude"])
@pytest.mark.parametrize("value", ["1", 5, {"1": "2"}, True])
def test_a_param_that_is_no_list_is_refused_by_name_and_value(param: str, value: object) -> None:
    assert refusal(**{param: value}).startswith(f"Param {param} is {value!r}; write a list of strings")


def test_nobody_named_means_everybody() -> None:
    got = asked(variables={"courses": None, "learner_ids": None})
    assert (got.courses, got.learner_ids, got.names_everybody) == ((), (), False)
    assert asked(variables={"learner_ids": []}).courses == ("1",)
    assert asked().names_everybody is True


def test_learners_of_no_course_are_refused() -> None:
    assert refusal(variables={"courses": None}).startswith("learners are named and no course is; ")


@pytest.mark.parametrize("named", [{"courses": ["1"]}, {"courses": ["1"], "learner_ids": ["7"]}])
def test_a_roster_file_beside_names_is_refused(named: dict[str, Any]) -> None:
    message = refusal(roster_file="/roster.csv", **named)
    assert message.startswith("a roster file names courses and learners itself; ")
    assert refusal(variables={"roster_file": "/roster.csv"}) == message


def test_a_roster_file_goes_before_the_variables_of_names_and_names_before_its_own() -> None:
    got = asked(roster_file="/roster.csv")
    assert (got.roster_file, got.courses, got.learner_ids) == ("/roster.csv", (), ())
    got = asked(courses=["2"], variables={"roster_file": "/roster.csv"})
    assert (got.roster_file, got.courses, got.learner_ids) == (None, ("2",), ("7",))
    nobody = {"courses": None, "learner_ids": None, "roster_file": "s3://bucket/r.csv"}
    assert asked(variables=nobody).roster_file == "s3://bucket/r.csv"


@pytest.mark.parametrize("param", ["include", "exclude"])
def test_a_filter_is_a_rule_for_courses(param: str) -> None:
    rules = ("1", "name:Safety*", "type:blended")
    assert getattr(asked(variables={"learner_ids": None}, **{param: list(rules)}), param) == rules
    assert refusal(**{param: ["Safety*"]}).startswith(f"Param {param}: 'Safety*' is not a filter; write ")
    assert refusal(**{param: [5]}).startswith(f"Param {param}: 5 is not a filter; ")


@pytest.mark.parametrize(
    ("params", "filters", "namer"),
    [
        ({"include": ["1"]}, "include", "learner_ids"),
        ({"exclude": ["1"], "courses": ["2"], "learner_ids": ["8"]}, "exclude", "learner_ids"),
        ({"include": ["1"], "exclude": ["2"], "roster_file": "/r.csv"}, "include and exclude", "roster_file"),
    ],
)
def test_filters_are_refused_where_everybody_is_named(
    params: dict[str, Any], filters: str, namer: str
) -> None:
    assert refusal(**params) == (
        f"{filters} would change nothing, since {namer} is given: filters choose among the courses that Zoho "
        f"lists; leave {filters} empty, or {namer} (and its Variable)"
    )


def test_lists_that_come_to_too_much_together_are_refused_with_the_figure_and_the_cure() -> None:
    courses = [str(number) for number in range(1, 1_001)]
    learner_ids = [str(number) for number in range(1, 1_002)]
    assert refusal(courses=courses, learner_ids=learner_ids) == (
        "courses, learner_ids and entity_types (or their Variables) ask for "
        f"1000 x 1001 x {len(EntityType)} = {1000 * 1001 * len(EntityType)} units, "
        "and at most 10000000 are possible; name fewer in a run, or, in a roster_file, only who takes which course"
    )
    assert len(asked(courses=courses, learner_ids=learner_ids[:-1]).learner_ids) == 1_000
    assert len(asked(courses=courses, learner_ids=learner_ids, entity_types=["files"]).learner_ids) == 1_001


@pytest.mark.parametrize("value", ["some", "", None, 1, ["full"]])
def test_an_unknown_refresh_is_named_with_those_that_are_known(value: object) -> None:
    assert refusal(refresh=value) == f"Param refresh {value!r} is unknown; use one of: changed, full"
    assert [asked(refresh=refresh).refresh for refresh in ("changed", "full")] == ["changed", "full"]


@pytest.mark.parametrize("value", [0, -1, 367, 1.5, "7", None, True])
def test_days_that_can_not_be_are_refused(value: object) -> None:
    assert refusal(full_every_days=value) == (
        f"Param full_every_days {value!r} can't be; use a whole number from 1 to 366"
    )


@pytest.mark.parametrize("value", [0, -1, 10_001, 2.5, "5", True])
def test_units_per_task_that_can_not_be_are_refused(value: object) -> None:
    assert refusal(units_per_task=value) == (
        f"Param units_per_task {value!r} can't be; use a whole number from 1 to 10000"
    )
    assert [asked(units_per_task=count).units_per_task for count in (None, 1, 10_000)] == [None, 1, 10_000]


@pytest.mark.parametrize("param", ["dry_run", "skip_absent_types"])
@pytest.mark.parametrize("value", [0, 1, "true", None, []])
def test_what_is_no_flag_is_refused(param: str, value: object) -> None:
    assert refusal(**{param: value}) == f"Param {param} {value!r} is neither true nor false"
    assert [getattr(asked(**{param: flag}), param) for flag in (True, False)] == [True, False]


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
    assert refusal(entity_types=value) == (
        f'Param entity_types is {value!r}; write a list of strings, such as ["offline_tests"]'
    )


@pytest.mark.parametrize("value", ["/data", "/data/with blank", "s3://aws_default@bucket/zoho", "/größe"])
def test_an_absolute_path_or_a_url_is_the_output_path(value: str) -> None:
    assert asked(output_path=value).output_path == value
    assert asked(variables={"output_path": value}).output_path == value


@pytest.mark.parametrize("value", [None, ""])
def test_an_empty_output_path_is_the_variables_or_the_default(value: object) -> None:
    assert asked(output_path=value, variables={"output_path": "/v"}).output_path == "/v"
    assert asked(output_path=value, variables={"output_path": value}).output_path == "/default"


@pytest.mark.parametrize("value", ["data", "./data", "../data", "~/data", "s3:/bucket"])
def test_a_relative_output_path_is_refused(value: str) -> None:
    assert refusal(output_path=value) == (
        f"Param output_path {value!r} is relative; write an absolute path, since workers may run anywhere"
    )
    assert refusal(variables={"output_path": value}).startswith("Variable my_output ")


@pytest.mark.parametrize("field", ["output_path", "roster_file"])
@pytest.mark.parametrize("value", ["/data/{{ 7*191 }}", "s3://bucket/{% raw %}", "/data/{# #}x"])
def test_a_path_that_looks_like_a_template_is_refused(field: str, value: str) -> None:
    message = refusal(**{field: value})
    assert message.startswith(f"Param {field} '")
    assert message.endswith(" looks like a template, and none is rendered here; write the path itself")
    assert refusal(variables={field: value}).startswith("Variable my_")


@pytest.mark.parametrize("value", [" /data", "/data\n", "/da\x00ta", "/da\u202eta", 5, True, 1.5])
def test_an_impossible_output_path_is_refused(value: object) -> None:
    message = refusal(output_path=value)
    assert message.startswith("Param output_path ")
    assert message.endswith("is not a path or URL; write /data/zoho or s3://…")


@pytest.mark.parametrize("value", [["/data"], {"path": "/data"}])
def test_an_output_path_that_is_no_text_at_all_is_refused(value: object) -> None:
    assert refusal(output_path=value).startswith("Param output_path ")


@pytest.mark.parametrize("field", ["output_path", "roster_file"])
@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("ftp://host/x", "has a protocol that is not supported"),
        ("zip::s3://bucket/x", "chains file systems"),
        ("s3://key:secret@bucket/x", "keys and passwords into the connection"),
        ("s3://other@bucket/x", "is outside of where this Airflow may read and write"),
        ("/data/*", "stand for more than a name"),
        ("/" + "x" * 2_000, "has 2001 characters, and at most 1024 are possible"),
    ],
)
def test_a_path_that_may_lead_elsewhere_is_refused(field: str, value: str, words: str) -> None:
    message = refusal(**{field: value})
    assert message.startswith(f"Param {field} ")
    assert words in message
    assert "secret" not in message
    assert words in refusal(variables={field: value})


def test_a_path_is_handed_on_in_one_notation() -> None:
    assert asked(output_path="file:///data//x/../y/").output_path == "/data/y"
    assert asked(roster_file="S3://aws_default@bucket/./r.csv").roster_file == "s3://aws_default@bucket/r.csv"


@pytest.mark.parametrize("name", ["courses", "learner_ids", "include", "exclude", "entity_types"])
def test_a_list_that_is_too_long_is_refused_with_both_figures(name: str) -> None:
    most = schema_of(RunParams, name)["maxItems"]
    values = ["files" if name == "entity_types" else str(number) for number in range(most + 1)]
    assert refusal(**{name: values}).startswith(
        f"Param {name} has {most + 1} entries, and at most {most} are possible; "
    )
    if name in ("courses", "learner_ids"):
        assert refusal(variables={name: values}).startswith(
            f"Variable {VARIABLES[name]} has {most + 1} entries"
        )


@pytest.mark.parametrize("name", ["include", "exclude"])
def test_a_rule_that_is_too_long_is_refused(name: str) -> None:
    assert "has an entry of 205 characters" in refusal(**{name: ["name:" + "x" * 200]})


def test_an_unknown_param_is_named_with_those_that_are_known() -> None:
    message = refusal(conf_keys=("courses", "learners"))
    assert message == f"Param 'learners' is unknown; allowed: {', '.join(sorted(DEFAULTS))}"


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
