from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoho_people.model.pseudonyms import ForeignPseudonym, Pseudonyms, UnusableSecret
from zoho_people.model.unit import is_pseudonym

SECRET = "0123456789abcdef0123456789abcdef"
OTHER = Pseudonyms("another secret of enough letters ")
OWN = Pseudonyms(SECRET)

ids = st.text("0123456789", min_size=1, max_size=32)


@given(ids)
def test_a_pseudonym_is_undone_by_its_key_whatever_the_id(learner_id: str) -> None:
    pseudonym = OWN.of(learner_id)
    assert is_pseudonym(pseudonym)
    assert OWN.learner_id(pseudonym) == learner_id


@given(st.sets(ids, min_size=2))
def test_no_two_ids_share_one(learner_ids: set[str]) -> None:
    assert len({OWN.of(each) for each in learner_ids}) == len(learner_ids)


def test_is_the_same_for_ever() -> None:
    """Datasets are joined by it: another number here is another dataset."""
    assert OWN.of("253200000033793221") == "035106796445429911968096938549851447074"
    assert OWN.fingerprint({"b": 1, "a": "x"}) == OWN.fingerprint({"a": "x", "b": 1})
    assert OWN.fingerprint({"b": 1, "a": "x"}) == "3a6f5da4198774d893f2f1bb2300d897"
    assert OWN.key_fingerprint == "af7528e5ce9d52ff"


def test_all_have_the_same_length_which_no_id_has() -> None:
    assert {len(OWN.of(str(number))) for number in range(2_000)} == {39}
    assert not is_pseudonym("9" * 32)
    assert not is_pseudonym(int("9" * 39))


def test_one_that_is_a_pseudonym_already_stays() -> None:
    assert OWN.of(OWN.of("1")) == OWN.of("1")


@pytest.mark.parametrize("text", [OTHER.of("253200000033793221"), "9" * 39, "0" * 39, "1", "x", ""])
def test_what_is_none_of_the_keys_is_told(text: str) -> None:
    with pytest.raises(ForeignPseudonym, match="no pseudonym of this key"):
        OWN.learner_id(text)


def test_one_of_another_key_is_made_no_pseudonym_of_this_one() -> None:
    with pytest.raises(ForeignPseudonym):
        OWN.of(OTHER.of("253200000033793221"))


@pytest.mark.parametrize("text", ["", "x", "1.0", "1" * 33, "1" * 38, "1" * 40, "\u0661"])
def test_what_is_no_id_has_none(text: str) -> None:
    with pytest.raises(ValueError, match="is not an id"):
        OWN.of(text)


def test_keys_differ_in_everything() -> None:
    assert OWN.of("1") != OTHER.of("1")
    assert OWN.fingerprint({}) != OTHER.fingerprint({})
    assert OWN.key_fingerprint != OTHER.key_fingerprint


def test_the_key_is_in_no_text_about_it() -> None:
    assert SECRET not in f"{OWN!r} {OWN}"
    with pytest.raises(UnusableSecret, match="has 31 characters; make a random one of at least 32") as error:
        Pseudonyms("s" * 31)
    assert "sss" not in str(error.value)


def test_the_function_in_the_documentation_gives_the_same() -> None:
    text = (Path(__file__).parents[2] / "docs" / "privacy.md").read_text()
    [code] = re.findall(r"```python\n(.*?def pseudonym.*?)```", text, re.DOTALL)
    documented: dict[str, Any] = {}
    exec(code, documented)  # noqa: S102 (the project's own)
    for learner_id in ("253200000033793221", "007", "9" * 32):
        assert documented["pseudonym"](SECRET, learner_id) == OWN.of(learner_id)
