"""Pseudonyms and no names, as a deployer may want it, in a real Airflow of that deployer's."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local_airflow.emulator import LocalEmulator
from local_airflow.instance import LocalAirflow
from tests.emulated.journey import DAG_ID, Journey, assert_no_secret_in, comparable
from tests.helpers.kept_text import kept_text
from zoho_emulator.oddities import PEOPLE
from zoho_people.model.pseudonyms import Pseudonyms

pytestmark = pytest.mark.emulated

KEY = Pseudonyms("0123456789abcdef0123456789abcdef")
TYPES = ["files", "links"]
ENVIRONMENT = {
    "AIRFLOW__ZOHO_PEOPLE__LEARNERS_ROOT": "off",
    "AIRFLOW__ZOHO_PEOPLE__PSEUDONYM_CONN_ID": "pseudonym_key",
    "AIRFLOW_CONN_PSEUDONYM_KEY": json.dumps({"conn_type": "generic", "password": KEY.secret}),
    "AIRFLOW__LOGGING__LOGGING_LEVEL": "DEBUG",
}


@pytest.fixture(scope="module")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAirflow]:
    roots = {"AIRFLOW__ZOHO_PEOPLE__ALLOWED_ROOTS": str(tmp_path_factory.getbasetemp())}
    with LocalAirflow(tmp_path_factory.mktemp("airflow"), env=ENVIRONMENT | roots) as running:
        yield running


@pytest.fixture
def journey(airflow: LocalAirflow, emulator: LocalEmulator, tmp_path: Path) -> Iterator[Journey]:
    """Few requests, so that nothing has to be waited for."""
    started = Journey(airflow, emulator, tmp_path / "data", window_s=1.0, threshold=30)
    started.start_anew()
    yield started
    started.post("day", {"day": 0})


def truth(journey: Journey, course: str) -> list[str]:
    """What Zoho has of *course*, its learners under their pseudonyms."""
    rows = (row for row in journey.truth(course) if row["entity_type"] in TYPES)
    return comparable({**row, "learner_id": KEY.of(row["learner_id"])} for row in rows)


def told(journey: Journey, run_id: str) -> str:
    """All that is below the output path, in Airflow's logs and database, and in the run's XComs."""
    home = journey.airflow.home
    database = "".join(path.read_bytes().decode("utf-8", "replace") for path in home.glob("airflow.db*"))
    xcoms = journey.airflow.api.xcoms(DAG_ID, run_id)
    return "\n".join([kept_text(journey.output), kept_text(home / "logs"), database, json.dumps(xcoms)])


def reasons(journey: Journey, run_id: str) -> Any:
    plans = journey.airflow.api.xcoms(DAG_ID, run_id, "plan")
    return next(entry["value"]["by_reason"] for entry in plans if entry["key"] == "plan")


def test_nobody_is_named_anywhere_and_rows_are_carried_forward_by_pseudonym(
    journey: Journey, secrets: tuple[str, ...]
) -> None:
    [course, *_] = journey.courses()
    people = list(journey.get("organisation")["learner_ids"])
    params = {"entity_types": TYPES, "skip_absent_types": False}

    state, first = journey.run([course["course_id"]], [], **params)

    assert state == "success", journey.log(first, "publish")
    assert comparable(journey.rows()) == truth(journey, course["course_id"])
    assert reasons(journey, first) == {"new": 6}

    journey.post("day", {"day": 2})
    state, second = journey.run([course["course_id"]], [], **params)

    assert state == "success", journey.log(second, "publish")
    assert comparable(journey.rows()) == truth(journey, course["course_id"])
    assert reasons(journey, second) == {"changed": 2, "carried": 4}

    seen = told(journey, second)
    assert KEY.of(people[0]) in seen
    assert not [text for text in (*people, "@example.com", KEY.secret) if text in seen]
    # Rosters were read, each component logs all it can, and the temporary folder is in Airflow's home.
    assert_no_secret_in(journey.airflow.home, secrets)
    assert_no_secret_in(journey.output, secrets)
    # A record of progress may have the name of whoever marked it.
    shutil.rmtree(journey.output / "learner_progress")
    seen = told(journey, second)
    assert not [text for text in _names() if text in seen]


def _names() -> list[str]:
    """What the emulator's learners are called, as a file or JSON has it."""
    return [*PEOPLE, *(json.dumps(name)[1:-1] for name in PEOPLE)]
