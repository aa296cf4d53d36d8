"""Names, e-mail addresses and managers: in no answer for who may not see them."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pyarrow.parquet as pq

from tests.web.house import Browser, House
from zoho_people.reading.frames import learners
from zoho_people.web.behind import COLUMNS
from zoho_people.web.parameters import NAMES


def said(published: Path) -> list[str]:
    """Every name and address in the data."""
    frame = learners(published)
    return sorted({*frame["learner_name"].dropna(), *frame["email"].dropna()})


def everything(browser: Browser) -> str:
    """All that the page tells a user."""
    first = browser.get("/api/learners").json()["rows"][0]["learner_id"]
    course = browser.get("/api/options").json()["courses"][0]["course_id"]
    asked = (
        *("datasets", "snapshots", "options", "overview", "learners?limit=1000", "behind?limit=1000"),
        *("behind.csv", "health", f"learner?learner_id={first}", f"course?course={course}"),
    )
    answers = [browser.get(f"/api/{each}") for each in asked]
    assert {answer.status_code for answer in answers} == {200}
    table = pq.read_table(io.BytesIO(browser.get("/api/behind.parquet").content))
    # As texts, since JSON escapes what is not ASCII.
    texts = [
        json.dumps(a.json(), ensure_ascii=False) if "json" in a.headers["content-type"] else a.text
        for a in answers
    ]
    return "\n".join([*texts, str(table.to_pylist()), str(table.column_names)])


def test_who_may_not_see_names_gets_none_of_them_anywhere(house: House, published: Path) -> None:
    text = everything(house.client("reader"))
    assert [name for name in said(published) if json.dumps(name, ensure_ascii=False)[1:-1] in text] == []


def test_who_may_see_names_gets_them(house: House, published: Path) -> None:
    text = everything(house.client("hr"))
    assert any(name in text for name in said(published))


def test_a_name_finds_nobody_for_who_may_not_see_names(house: House, published: Path) -> None:
    shown = house.client("hr").get("/api/learners").json()["rows"][0]
    for browser, found in ((house.client("hr"), True), (house.client("reader"), False)):
        by_name = browser.get("/api/learners", params={"q": shown["email"].upper()}).json()
        assert bool(by_name["rows"]) is found
        by_id = browser.get("/api/learners", params={"q": shown["learner_id"]}).json()
        assert [row["learner_id"] for row in by_id["rows"]] == [shown["learner_id"]]


def test_the_columns_of_names_are_in_no_download_for_who_may_not_see_them(house: House) -> None:
    for user, hidden in (("reader", set(NAMES)), ("hr", set())):
        browser = house.client(user)
        head = browser.get("/api/behind.csv").text.removeprefix("\ufeff").splitlines()[0].split(",")
        table = pq.read_table(io.BytesIO(browser.get("/api/behind.parquet").content))
        assert set(head) == set(table.column_names) == set(COLUMNS) - hidden
