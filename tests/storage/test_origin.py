from __future__ import annotations

import json
import logging
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.samples import publish_units, records, stage, unit
from zoho_people.staging.progress_pages import Staging
from zoho_people.storage.layout import ORIGIN_FILE
from zoho_people.storage.origin import OtherOrigin, note_origin, refuse_beside_other, refuse_other
from zoho_people.storage.store import Store
from zoho_people.zoho.origin import EMULATOR

US, EU = "people.zoho.com, client 0a1b", "people.zoho.eu, client 0a1b"


@pytest.fixture
def store(root: Any) -> Store:
    return Store(root)


def publish_rows(root: Any) -> None:
    staging = Staging(root, "run")
    stage(staging, unit(1), *records(1))
    publish_units(staging, unit(1))
    staging.remove()


@pytest.mark.parametrize("origin", [US, EMULATOR])
def test_the_first_run_notes_its_origin_and_may_come_again(store: Store, origin: str) -> None:
    refuse_other(store, origin)
    assert not store.exists(ORIGIN_FILE)
    note_origin(store, origin)
    content = store.read(ORIGIN_FILE)
    assert json.loads(content) == {"origins": [origin]}
    refuse_other(store, origin)
    note_origin(store, origin)
    assert store.read(ORIGIN_FILE) == content


@pytest.mark.parametrize(("first", "second"), [(US, EMULATOR), (EMULATOR, US), (US, EU)])
def test_another_origin_is_refused_with_the_cure(store: Store, first: str, second: str) -> None:
    note_origin(store, first)
    for look in (refuse_other, note_origin):
        with pytest.raises(OtherOrigin) as error:
            look(store, second)
        assert f"has data of {first}, this run would bring that of {second}" in str(error.value)
        assert "another output_path" in str(error.value)
        assert f'add "{second}" to the list in {store.full(ORIGIN_FILE)}' in str(error.value)
    assert json.loads(store.read(ORIGIN_FILE)) == {"origins": [first]}


def test_the_cure_works(store: Store) -> None:
    note_origin(store, US)
    store.write(ORIGIN_FILE, json.dumps({"origins": [US, EU]}).encode())
    for origin in (US, EU):
        note_origin(store, origin)
    with pytest.raises(OtherOrigin, match=f"{US} and of {EU}"):
        refuse_other(store, EMULATOR)


def test_rows_of_before_there_were_notes_are_taken_for_zohos(
    root: Any, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    publish_rows(root)
    with pytest.raises(OtherOrigin, match="nothing says that they are an emulator's") as error:
        note_origin(store, EMULATOR)
    assert not store.exists(ORIGIN_FILE)
    with caplog.at_level(logging.WARNING):
        note_origin(store, US)
    assert f"is taken for that of {US} from now on" in caplog.text
    note = str(error.value).partition("write ")[2].partition(" to ")[0]
    store.write(ORIGIN_FILE, note.encode())
    note_origin(store, EMULATOR)


def test_names_of_before_there_were_notes_are_taken_for_zohos(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    store.write("learners/snapshot_date=2026-11-01/course-1.parquet", b"")
    with pytest.raises(OtherOrigin, match="Empty the option; or, if they are, write"):
        note_origin(store, EMULATOR, cure="Empty the option")
    with caplog.at_level(logging.WARNING):
        note_origin(store, EU)
    assert f"is taken for that of {EU} from now on" in caplog.text


@pytest.mark.parametrize(
    ("own", "other", "is_refused"),
    [
        ([US], [US], False),
        ([US], [EU], True),
        ([US], [EU, US], False),
        ([], [EU], True),
        ([US], [], False),
        ([], [], False),
    ],
)
def test_from_one_dataset_to_the_next_it_goes_within_an_organisation_only(
    tmp_path: Path, own: list[str], other: list[str], *, is_refused: bool
) -> None:
    stores = [Store(str(tmp_path / name)) for name in ("data", "people")]
    for store, origins in zip(stores, (own, other), strict=True):
        if origins:
            store.write(ORIGIN_FILE, json.dumps({"origins": origins}).encode())
    with pytest.raises(OtherOrigin, match=f"people has data of {EU}") if is_refused else nullcontext():
        refuse_beside_other(*stores)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b'{"origins": []}', b'{"origins": "x"}', b'{"origins": [1]}', b"\xff" * 900],
)
def test_a_note_that_says_nothing_is_refused_and_left_alone(store: Store, content: bytes) -> None:
    store.write(ORIGIN_FILE, content)
    with pytest.raises(OtherOrigin, match="restore it, or remove it") as error:
        note_origin(store, US)
    assert len(str(error.value)) < 400
    assert store.read(ORIGIN_FILE) == content


class Overtaken(Store):
    """Another run's note replaces that of this one at once."""

    def write(self, path: str, content: bytes) -> None:
        super().write(path, content)
        super().write(path, json.dumps({"origins": [EU]}).encode())


def test_of_two_first_runs_at_once_one_is_refused_before_it_publishes(tmp_path: Path) -> None:
    with pytest.raises(OtherOrigin):
        note_origin(Overtaken(tmp_path), US)
