from __future__ import annotations

from typing import Any

import pytest

from zoho_people.storage.forgotten import Forgotten, ForgottenUnreadable
from zoho_people.storage.layout import FORGOTTEN_FILE
from zoho_people.storage.store import Store

ADA, BOB, EVE = "100002000000045011", "100002000000045012", "100002000000045013"


def test_nobody_was_forgotten_where_there_is_no_file(root: Any) -> None:
    forgotten = Forgotten.read(Store(root))
    assert not forgotten
    assert ADA not in forgotten
    assert forgotten.among([ADA]) == frozenset()


def test_who_was_forgotten_is_known_again_and_nobody_else(root: Any) -> None:
    store = Store(root)
    Forgotten.read(store).plus([ADA]).write(store)
    Forgotten.read(store).plus([BOB, ADA]).write(store)
    forgotten = Forgotten.read(store)
    assert len(forgotten) == 2
    assert forgotten.among([EVE, BOB, ADA]) == {ADA, BOB}
    assert ADA in forgotten
    assert EVE not in forgotten


def test_who_is_to_be_asked_for_again_is_taken_out(root: Any) -> None:
    store = Store(root)
    Forgotten().plus([ADA, BOB]).minus([ADA, EVE]).write(store)
    assert Forgotten.read(store).among([ADA, BOB, EVE]) == {BOB}


def test_the_file_has_no_id_and_not_the_same_hashes_as_another_output_paths(root: Any) -> None:
    store = Store(root)
    forgotten = Forgotten().plus([ADA])
    forgotten.write(store)
    assert ADA.encode() not in store.read(FORGOTTEN_FILE)
    assert forgotten.digests != Forgotten().plus([ADA]).digests


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b'{"salt": "x", "cost": 2, "digests": []}', b'{"salt"']
)
def test_a_damaged_file_is_not_nobody(root: Any, content: bytes) -> None:
    store = Store(root)
    store.write(FORGOTTEN_FILE, content)
    with pytest.raises(ForgottenUnreadable, match="restore it from a copy"):
        Forgotten.read(store)
