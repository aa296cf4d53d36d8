from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from airflow.sdk import DAG, Asset

import zoho_people
from tests.notifications.notes import Notes
from zoho_people import forget_learners_dag, learner_progress_dag
from zoho_people.assets.datasets import outlets_of
from zoho_people.dags.keywords import LONGEST_DAG_ID, InvalidKeyword
from zoho_people.notifications.alert import InvalidAlert
from zoho_people.operators.retry import ZohoRetryPolicy
from zoho_people.steps.run_params import DEFAULTS

SENDERS = ("list_courses", "read_rosters", "fetch")
OWN: dict[str, Any] = {
    "dag_id": "zoho_eu",
    "conn_id": "zoho_people_eu",
    "pool": "zoho_people_eu_api",
    "publish_pool": "zoho_people_eu_publish",
    "output_path": "s3://aws_default@bucket/zoho/eu",
}


@pytest.fixture(scope="module")
def dag() -> DAG:
    return learner_progress_dag(**OWN)


def options(dag: DAG, task_id: str) -> dict[str, Any]:
    task: Any = dag.get_task(task_id)
    return dict(task.partial_kwargs) if task.is_mapped else vars(task)


def stored(dag: DAG) -> str:
    from airflow.serialization.serialized_objects import DagSerialization

    kept = DagSerialization.to_dict(dag)
    kept["dag"].pop("fileloc")
    return json.dumps(kept)


def test_the_package_has_no_other_name_that_is_made_when_asked_for() -> None:
    assert zoho_people.__all__ == [
        "__version__",
        "forget_learners_dag",
        "learner_progress_changes_dag",
        "learner_progress_dag",
    ]
    with pytest.raises(AttributeError, match="'zoho_people' has no attribute 'learner_progress'"):
        _ = zoho_people.learner_progress


def test_a_dag_is_made_of_its_id_alone() -> None:
    dag = learner_progress_dag(dag_id="mine")
    assert (dag.schedule, dag.catchup, dag.max_active_runs) == ("@daily", False, 4)
    assert dag.params.dump() == DEFAULTS
    assert {dag.get_task(task_id).pool for task_id in SENDERS} == {"zoho_people_api"}


def test_everything_that_belongs_to_an_organisation_is_its_own(dag: DAG) -> None:
    assert dag.dag_id == "zoho_eu"
    assert {dag.get_task(task_id).pool for task_id in SENDERS} == {"zoho_people_eu_api"}
    assert {dag.get_task(task_id).pool for task_id in ("plan", "publish")} == {"zoho_people_eu_publish"}
    assert {options(dag, task_id)["zoho_people_conn_id"] for task_id in SENDERS} == {"zoho_people_eu"}
    publish: Any = dag.get_task("publish")
    assert publish.outlets == outlets_of("zoho_eu")


def test_nothing_of_it_names_what_another_organisation_has(dag: DAG) -> None:
    text = stored(dag)
    for word in ("zoho_people_default", "zoho_people_api", "zoho_people_publish", "zoho_learner_progress"):
        assert word not in text


def test_two_organisations_of_one_file_differ_in_their_names_alone(dag: DAG) -> None:
    other = learner_progress_dag(**{name: value.replace("eu", "us") for name, value in OWN.items()})
    renamed = stored(dag)
    for value in sorted(OWN.values(), key=len, reverse=True):
        renamed = renamed.replace(value, value.replace("eu", "us"))
    assert json.loads(renamed) == json.loads(stored(other))


def test_the_form_and_the_doc_name_the_dags_own_variables_and_pools(dag: DAG) -> None:
    described = {
        name: dag.params.get_param(name).schema["description_md"]
        for name in ("courses", "learner_ids", "roster_file", "output_path")
    }
    for name, variable in {
        "courses": "zoho_eu_courses",
        "learner_ids": "zoho_eu_learners",
        "roster_file": "zoho_eu_roster_file",
        "output_path": "zoho_eu_output",
    }.items():
        assert f"**{variable}**" in described[name]
    assert dag.doc_md
    for word in ("zoho_people_eu_api", "zoho_people_eu_publish", "zoho_eu_courses", "zoho_eu_learners"):
        assert f"`{word}`" in dag.doc_md


def test_the_output_path_is_the_default_of_its_param(dag: DAG) -> None:
    assert dag.params.dump() == {**DEFAULTS, "output_path": "s3://aws_default@bucket/zoho/eu"}


def test_params_take_other_defaults() -> None:
    given = {"refresh": "full", "entity_types": ["files"], "exclude": ["name:Test*"], "units_per_task": 5}
    dag = learner_progress_dag(dag_id="mine", params=given)
    dag.params.validate()
    assert dag.params.dump() == {**DEFAULTS, **given}


def test_the_dags_own_options_are_those_of_airflow() -> None:
    dag = learner_progress_dag(
        dag_id="mine",
        schedule="30 4 * * 1-5",
        start_date=datetime(2026, 6, 1, tzinfo=UTC),
        max_active_runs=1,
        tags=["hr"],
        default_args={"owner": "learning", "retry_delay": timedelta(minutes=5)},
    )
    assert (dag.schedule, dag.start_date) == ("30 4 * * 1-5", datetime(2026, 6, 1, tzinfo=UTC))
    assert (dag.max_active_runs, dag.tags) == (1, {"hr"})
    assert {task.owner for task in dag.tasks} == {"learning"}
    assert dag.get_task("publish").retries == 2
    assert dag.get_task("publish").retry_delay == timedelta(minutes=5)


def test_default_args_leave_the_tasks_that_send_requests_their_own_retries() -> None:
    dag = learner_progress_dag(dag_id="mine", default_args={"retries": 0})
    assert dag.get_task("publish").retries == 0
    assert options(dag, "fetch")["retries"] == 8
    assert isinstance(options(dag, "fetch")["retry_policy"], ZohoRetryPolicy)


@pytest.mark.parametrize("schedule", [None, "@hourly", timedelta(hours=6), Asset("hr"), [Asset("hr")]])
def test_every_schedule_of_airflow_will_do(schedule: Any) -> None:
    dag = learner_progress_dag(dag_id="mine", schedule=schedule)
    assert dag.catchup is False


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"dag_id": ""}, "dag_id='' can't be: use letters"),
    ({"dag_id": "zoho eu"}, "dag_id='zoho eu' can't be: use letters"),
    ({"dag_id": "self"}, "dag_id='self' can't be: Airflow allows no asset of this name"),
    ({"dag_id": "context"}, "dag_id='context' can't be: Airflow allows no asset of this name"),
    ({"dag_id": None}, "dag_id=None can't be: use letters"),
    ({"dag_id": "x" * (LONGEST_DAG_ID + 1)}, f"{LONGEST_DAG_ID} at the most"),
    ({"conn_id": ""}, "conn_id='' can't be: write the id of a connection"),
    ({"conn_id": "{{ var.value.x }}"}, "conn_id='{{ var.value.x }}' can't be"),
    ({"pool": ""}, "pool='' can't be: write the name of a pool"),
    ({"pool": 30}, "pool=30 can't be: write the name of a pool"),
    ({"pool": "a\nb"}, r"pool='a\\nb' can't be: a character of it can't be seen"),
    ({"publish_pool": "eu\u200b"}, "publish_pool='eu.u200b' can't be: a character of it can't be seen"),
    ({"publish_pool": " x"}, "publish_pool=' x' can't be"),
    ({"pool": "default_pool"}, "pool='default_pool' can't be: tasks of every DAG are in it"),
    ({"pool": "x", "publish_pool": "x"}, "publish_pool='x' can't be: it is the pool of requests, too"),
    ({"schedule": "every day"}, "schedule='every day' can't be: Airflow says"),
    ({"schedule": "61 * * * *"}, "schedule='61 \\* \\* \\* \\*' can't be: Airflow says"),
    ({"schedule": "@continuous"}, "schedule='@continuous' can't be: Airflow says: .*max_active_runs <= 1"),
    ({"schedule": 5}, "schedule=5 can't be: Airflow says"),
    ({"start_date": "2026-01-01"}, "start_date='2026-01-01' can't be: write a datetime"),
    ({"start_date": date(2026, 1, 1)}, "start_date=datetime.date.* can't be: write a datetime"),
    ({"start_date": None}, "start_date=None can't be: write a datetime"),
    ({"output_path": "data"}, "output_path='data' can't be: 'data' is relative; write an absolute path"),
    ({"output_path": ""}, "output_path='' can't be: .* write /data/zoho or s3"),
    ({"output_path": 5}, "output_path=5 can't be: .* write /data/zoho or s3"),
    (
        {"output_path": "/" + "x" * 1024},
        "output_path='/xxx.* can't be: .*at most 1024 are possible; shorten it",
    ),
    ({"max_active_runs": 0}, "max_active_runs=0 can't be: write a whole number from 1"),
    ({"max_active_runs": True}, "max_active_runs=True can't be"),
    ({"tags": "zoho"}, "tags='zoho' can't be: write a list"),
    ({"tags": b"x"}, "tags=b'x' can't be: write a list"),
    ({"tags": [1]}, r"tags=\[1\] can't be: write a list of texts"),
    ({"tags": ["x" * 101]}, r"tags=\['xxx.* can't be: write a list of texts of at most 100 characters"),
    ({"default_args": ["owner"]}, r"default_args=\['owner'\] can't be: write them by name"),
    ({"default_args": {"pool": "x"}}, "default_args={'pool': 'x'} can't be: write pool=… and publish_pool=…"),
    (
        {"default_args": {"do_xcom_push": False}},
        "{'do_xcom_push': False} can't be: the tasks tell each other",
    ),
    (
        {"default_args": {"execution_timeout": timedelta(1)}},
        "{'execution_timeout': .*} can't be: a task that",
    ),
    ({"default_args": {"on_lock": 5}}, "default_args={'on_lock': 5} can't be: write on_lock=… beside"),
    ({"default_args": {"op_args": [1]}}, "default_args={'op_args': .* can't be: the tasks take none"),
    ({"default_args": {"params": {"x": 1}}}, "default_args={'params': .* can't be: write params=… beside"),
    ({"default_args": {"trigger_rule": "all_done"}}, "default_args={'trigger_rule': 'all_done'} can't be"),
    ({"params": ["refresh"]}, r"params=\['refresh'\] can't be: write the defaults by name"),
    (
        {"params": {"refrsh": "full"}},
        "params={'refrsh': 'full'} can't be: 'refrsh' is no Param; use one of: ",
    ),
    ({"params": {"refresh": "some"}}, "can't be: Param refresh 'some' is unknown; use one of: changed, full"),
    ({"params": {"entity_types": ["file"]}}, "can't be: Param entity_types: entity_type 'file' is unknown"),
    ({"params": {"include": ["name"]}}, "can't be: Param include: "),
    ({"params": {"full_every_days": 0}}, "can't be: Param full_every_days 0 can't be"),
    ({"params": {"learner_ids": ["x"]}}, "can't be: Param learner_ids: "),
    (
        {"params": {"entity_types": ""}},
        "params={'entity_types': ''} can't be: .* is empty; write a list",
    ),
    ({"params": {"courses": ["7/"]}}, "params={'courses': .* can't be: "),
    ({"params": {"output_path": "/data"}}, "params={'output_path': '/data'} can't be: write output_path=…"),
    ({"params": {"roster_file": "/r.csv"}}, "can't be: name the file in the Variable <dag_id>_roster_file"),
]


@pytest.mark.parametrize(("keywords", "words"), REFUSED, ids=[repr(keywords)[:60] for keywords, _ in REFUSED])
def test_a_wrong_keyword_is_refused_by_name_with_its_value_and_the_cure(
    keywords: dict[str, Any], words: str
) -> None:
    with pytest.raises(InvalidKeyword, match=words):
        learner_progress_dag(**{"dag_id": "mine", **keywords})


URL = "s3://key:geheim@bucket/zoho"


@pytest.mark.parametrize(
    ("keywords", "quoted"),
    [
        ({"output_path": URL}, "output_path='s3://…' can't be: "),
        ({"params": {"output_path": URL}}, "params={'output_path': 's3://…'} can't be: "),
        ({"params": {"roster_file": URL}}, "params={'roster_file': 's3://…'} can't be: "),
        ({"params": [URL, "x"]}, "params=['s3://…'] can't be: "),
        ({"pool": f"{URL}\n"}, "pool='s3://…' can't be: "),
        ({"dag_id": URL}, "dag_id='s3://…' can't be: "),
    ],
)
def test_a_value_with_a_secret_in_it_is_refused_without_quoting_it(
    keywords: dict[str, Any], quoted: str
) -> None:
    with pytest.raises(InvalidKeyword) as error:
        learner_progress_dag(**{"dag_id": "mine", **keywords})
    assert str(error.value).startswith(quoted)
    assert "geheim" not in str(error.value)


def test_learners_may_be_named_where_the_dags_variable_names_their_courses() -> None:
    dag = learner_progress_dag(dag_id="mine", params={"learner_ids": ["5"]})
    assert (dag.params.dump()["learner_ids"], dag.params.dump()["courses"]) == (["5"], [])


def test_a_tuple_is_a_list_of_defaults() -> None:
    dag = learner_progress_dag(dag_id="mine", params={"entity_types": ("files",)})
    assert dag.params.dump()["entity_types"] == ["files"]


def test_there_is_no_keyword_for_catching_up_since_zoho_tells_only_the_present() -> None:
    with pytest.raises(TypeError, match="catchup"):
        learner_progress_dag(dag_id="mine", catchup=True)  # type: ignore[call-arg]


class TestAlerts:
    KEYWORDS = ("on_failure", "on_incomplete", "on_quota_low", "on_lock")

    @pytest.fixture
    def alerting(self) -> DAG:
        told: dict[str, Any] = {keyword: Notes() for keyword in self.KEYWORDS}
        return learner_progress_dag(**OWN, **told, late_after=timedelta(hours=6))

    def test_are_called_by_airflow_for_the_run_and_for_the_tasks_that_know(self, alerting: DAG) -> None:
        assert getattr(alerting.on_failure_callback, "__name__", None) == "failure"
        callbacks = {
            (task_id, kind)
            for task_id in alerting.task_ids
            for kind in ("on_success_callback", "on_failure_callback", "on_retry_callback")
            if options(alerting, task_id).get(kind)
        }
        assert callbacks == {
            ("plan", "on_success_callback"),
            ("publish", "on_success_callback"),
            ("publish", "on_failure_callback"),
        }
        assert {str(options(alerting, task_id)["on_lock"]) for task_id in SENDERS} == {"on_lock: Notes"}

    def test_stand_beside_the_callbacks_of_default_args(self) -> None:
        def own(context: Any) -> None: ...

        def another(context: Any) -> None: ...

        dag = learner_progress_dag(
            **OWN,
            on_incomplete=Notes(),
            on_quota_low=Notes(),
            default_args={"on_failure_callback": own, "on_success_callback": [own, another]},
        )
        names = {
            (task_id, kind): [each.__name__ for each in options(dag, task_id)[f"on_{kind}_callback"]]
            for task_id in ("plan", "publish", "report")
            for kind in ("success", "failure")
        }
        assert names == {
            ("plan", "success"): ["own", "another", "planned"],
            ("plan", "failure"): ["own"],
            ("publish", "success"): ["own", "another", "published"],
            ("publish", "failure"): ["own", "published"],
            ("report", "success"): ["own", "another"],
            ("report", "failure"): ["own"],
        }

    def test_are_stored_the_same_at_each_parse_so_that_no_version_is_made_of_nothing(self) -> None:
        told: dict[str, Any] = {keyword: Notes() for keyword in self.KEYWORDS}
        again: dict[str, Any] = {keyword: Notes() for keyword in self.KEYWORDS}
        first, second = (stored(learner_progress_dag(**OWN, **each)) for each in (told, again))
        assert first == second
        assert "object at 0x" not in first

    def test_are_none_by_default(self, dag: DAG) -> None:
        assert (dag.on_failure_callback, dag.deadline) == (None, None)
        assert not any(options(dag, task_id).get("on_lock") for task_id in SENDERS)

    def test_a_late_run_has_a_deadline(self, alerting: DAG) -> None:
        (deadline,) = alerting.deadline or []
        assert deadline.interval == timedelta(hours=6)

    @pytest.mark.parametrize("keyword", [*KEYWORDS, "quota_low_percent", "late_after", "on_late"])
    def test_what_cannot_be_is_refused_when_the_file_is_parsed(self, keyword: str) -> None:
        values: dict[str, Any] = {keyword: "ops@example.com"}
        with pytest.raises(InvalidAlert, match=f"^{keyword}: "):
            learner_progress_dag(**OWN, **values)


class TestADatasetThatIsReadBesides:
    def test_is_none_by_default(self, dag: DAG) -> None:
        assert not [task_id for task_id in dag.task_ids if "learner_courses" in task_id]

    def test_is_read_when_progress_is_published_and_keeps_nothing_from_it(self) -> None:
        besides: Any = learner_progress_dag(**OWN, extra_datasets=["learner_courses"])
        flow = {task.task_id: task.downstream_task_ids for task in besides.tasks}
        assert flow["publish"] == {"report", "share_learner_courses"}
        assert flow["share_learner_courses"] == {"read_learner_courses"}
        assert flow["read_learner_courses"] == {"publish_learner_courses"}
        assert flow["publish_learner_courses"] == flow["report"] == set()

    def test_has_the_pools_the_requests_and_an_asset_of_the_dag(self) -> None:
        besides: Any = learner_progress_dag(**OWN, extra_datasets=("learner_courses",))
        read, rosters = (options(besides, task_id) for task_id in ("read_learner_courses", "read_rosters"))
        for option in ("pool", "pool_slots", "zoho_people_conn_id", "counted_by_run", "retries"):
            assert read[option] == rosters[option]
        publish = besides.get_task("publish_learner_courses")
        assert publish.pool == OWN["publish_pool"]
        assert [alias.name for alias in publish.outlets] == ["zoho_eu.learner_courses"]

    @pytest.mark.parametrize(
        "wrong", ["learner_courses", ["learners"], [["x"]], None, 5, ["learner_courses"] * 2]
    )
    def test_that_there_is_none_of_is_refused_by_name(self, wrong: Any) -> None:
        with pytest.raises(InvalidKeyword, match=r"^extra_datasets=.* can't be: .*learner_courses"):
            learner_progress_dag(**OWN, extra_datasets=wrong)


FORGET = {
    "dag_id": "zoho_eu_forget",
    "progress_dag_id": "zoho_eu",
    "publish_pool": "zoho_people_eu_publish",
    "output_path": "/data/eu",
}


def test_forgetting_is_of_one_organisation_too() -> None:
    dag = forget_learners_dag(**FORGET)
    assert [task.pool for task in dag.tasks] == ["zoho_people_eu_publish"]
    assert dag.params.dump()["output_path"] == "/data/eu"
    described = dag.params.get_param("output_path").schema["description_md"]
    assert "the Variable **zoho_eu_output**, or else **/data/eu**" in described
    assert dag.doc_md
    assert "the pool `zoho_people_eu_publish`" in dag.doc_md
    for word in ("zoho_people_publish", "zoho_learner_progress"):
        assert word not in stored(dag)


@pytest.mark.parametrize("keyword", ["dag_id", "progress_dag_id", "publish_pool", "output_path", "tags"])
def test_forgetting_refuses_a_wrong_keyword_by_name(keyword: str) -> None:
    with pytest.raises(InvalidKeyword, match=f"^{keyword}='' can't be: "):
        forget_learners_dag(**{**FORGET, keyword: ""})
