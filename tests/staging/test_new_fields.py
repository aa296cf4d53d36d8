from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from tests.helpers.samples import COURSE, NOON, TESTS, publish_units, records, stage, unit
from zoho_people.endpoints.attribute_choice import AttributeChoice
from zoho_people.model.entity_type import EntityType
from zoho_people.model.staged_unit import StagedUnit
from zoho_people.staging.new_fields import MOST_KNOWN, MOST_OF_A_UNIT, names_in, note
from zoho_people.staging.progress_pages import Staging
from zoho_people.storage.layout import FIELDS_FILE
from zoho_people.storage.store import Store
from zoho_people.zoho.page import Page

LINKS = EntityType.LINKS


@pytest.fixture
def store(root: Any) -> Store:
    return Store(root)


def test_a_field_is_new_once(store: Store) -> None:
    assert note(store, {TESTS: ["b", "a", "a"], LINKS: []}) == {TESTS.label: ["a", "b"]}
    content = store.read(FIELDS_FILE)
    assert note(store, {TESTS: ["b"]}) == {}
    assert store.read(FIELDS_FILE) == content
    assert note(store, {TESTS: ["c", "a"], LINKS: ["a"]}) == {TESTS.label: ["c"], LINKS.label: ["a"]}


def test_where_nothing_is_new_nothing_is_written(store: Store) -> None:
    assert note(store, {TESTS: []}) == {}
    assert not store.exists(FIELDS_FILE)


@pytest.mark.parametrize("content", [b"", b"[1]", b'{"links": 3}', b"\xff"])
def test_a_file_that_cannot_be_read_is_nothing_known_and_a_warning(
    store: Store, caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    store.write(FIELDS_FILE, content)
    with caplog.at_level(logging.WARNING):
        assert note(store, {LINKS: ["a"]}) == {LINKS.label: ["a"]}
    assert FIELDS_FILE in caplog.text
    assert note(store, {LINKS: ["a"]}) == {}


def test_the_names_of_a_unit_are_few_short_and_printable() -> None:
    text = json.dumps({f"{number}\n\x1b\ud800{'x' * 1000}": 1 for number in range(900)})
    names = names_in([text, None], TESTS)
    assert len(names) == MOST_OF_A_UNIT
    assert max(map(len, names)) <= 65
    assert all(name.isprintable() for name in names)


def test_a_server_that_makes_up_names_is_told_of_so_often_and_no_more(store: Store) -> None:
    for run in range(5):
        note(store, {TESTS: [f"{run}-{number}" for number in range(70)]})
    assert len(json.loads(store.read(FIELDS_FILE))[TESTS.label]) == MOST_KNOWN
    assert note(store, {TESTS: ["another"]}) == {}


def test_a_key_that_has_a_column_is_never_new_whatever_its_value() -> None:
    text = '{"userMark": "N/A", "id": 3, "entityId": 4, "testMark": "x", "zone": {"in": 1}}'
    assert names_in([text], TESTS) == ("zone",)


def test_publishing_tells_the_fields_of_what_was_fetched_by_entity_type(root: Any) -> None:
    staging = Staging(root, "run")
    link = unit(1, entity_type=LINKS)
    staging.add_page(unit(1), Page(0, records(1, first=1), 1), NOON, "run")
    staging.add_page(unit(1), Page(1, records(2, second=None), None), NOON, "run")
    stage(staging, unit(2), *records(1, second=2))
    stage(staging, link, {"linkId": 1, "url": "x"})
    report = publish_units(staging, unit(1), unit(2), unit(3), link)
    assert report.fields == {TESTS: {"first", "second"}, LINKS: {"url"}}


def test_a_field_that_is_dropped_is_not_told(root: Any) -> None:
    staging = Staging(root, "run", AttributeChoice.of((), ["first"]))
    stage(staging, unit(1), *records(1, first=1, second=2))
    assert publish_units(staging, unit(1)).fields == {TESTS: {"second"}}


def test_what_an_earlier_version_staged_has_no_fields_to_tell(root: Any) -> None:
    staging = Staging(root, "run")
    stage(staging, unit(1), *records(1, first=1))
    staged = staging.units(TESTS, COURSE).finished("1")
    assert staged is not None
    facts = staged.facts()
    del facts["fields"]
    assert StagedUnit.from_facts("1", facts).fields == ()
