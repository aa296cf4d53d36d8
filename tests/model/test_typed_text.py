from __future__ import annotations

import re
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoho_people.model.typed_text import folded, matches

LETTERS = "aBcÉñßΣ[]!-^\\.+|(){}ﬁ²"
NAMES = st.text(LETTERS, max_size=8)
PATTERNS = st.text(LETTERS[:12] + "*?", max_size=8)


def as_expression(pattern: str) -> str:
    """The same for names whose characters fold into one each, said as a regular expression."""
    return "".join({"*": ".*", "?": "."}.get(char, re.escape(char.casefold())) for char in pattern)


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("", "", True),
        ("*", "", True),
        ("?", "", False),
        ("a*c", "abc", True),
        ("a*c", "abcd", False),
        ("*a*a", "aba", True),
        ("*a*a", "ab", False),
        ("[EN]*", "[EN] Safety", True),
        ("[EN]*", "Einarbeitung", False),
        ("[!a]*", "b", False),
        ("STRASSE", "Straße", True),
        ("Stra?e", "Straße", True),
        ("Stra??e", "Straße", False),
        ("caf?", normalize("NFD", "Café"), True),
        ("cafe*", normalize("NFD", "Café"), False),
        (normalize("NFD", "CAFÉ"), "café", True),
        ("Level2", "Level²", False),
        ("what\uff1f", "what?", False),
        ("what?", "what\uff1f", True),
        ("οδοσ", "ΟΔΟΣ", True),
    ],
)
def test_only_a_star_and_a_question_mark_are_special(pattern: str, name: str, expected: bool) -> None:
    assert matches(name, pattern) is expected


@given(NAMES)
def test_a_name_is_itself_in_any_form_and_case(name: str) -> None:
    for form in ("NFC", "NFD"):
        for again in (name, name.upper(), name.casefold()):
            assert matches(name, normalize(form, again))
            assert folded(normalize(form, again)) == folded(name)


@given(PATTERNS, st.text("aBcÉñ[]!-^.+|", max_size=8))
def test_a_pattern_matches_as_its_regular_expression(pattern: str, name: str) -> None:
    expected = re.fullmatch(as_expression(pattern), "".join(char.casefold() for char in name), re.DOTALL)
    is_plain = not set(pattern) & set("ßΣ")
    assert not is_plain or matches(name, pattern) is (expected is not None)


def test_many_stars_take_no_long_time() -> None:
    assert not matches("a" * 400, "*a" * 200 + "b")
