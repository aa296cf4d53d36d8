from __future__ import annotations

import json

import pytest

from zoho_people.zoho import errors
from zoho_people.zoho.errors import ZohoError, error_from_facts

EVERY = [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, ZohoError)]


def test_the_docstring_draws_the_whole_tree() -> None:
    assert len(EVERY) >= 13
    assert all(cls.__name__ in (errors.__doc__ or "") for cls in EVERY)


@pytest.mark.parametrize("cls", EVERY)
def test_an_error_is_made_again_from_its_facts(cls: type[ZohoError]) -> None:
    error = cls("Größe", http_status=429, code="7209", retry_after_s=1.5)
    again = error_from_facts(json.loads(json.dumps(error.facts())))
    assert type(again) is cls
    assert str(again) == "Größe"
    assert again.facts() == error.facts()
    assert (again.http_status, again.code, again.retry_after_s) == (429, "7209", 1.5)


@pytest.mark.parametrize("cls", EVERY)
def test_an_error_without_facts_has_none(cls: type[ZohoError]) -> None:
    again = error_from_facts(cls("words").facts())
    assert (again.http_status, again.code, again.retry_after_s) == (None, None, None)


def test_making_an_error_leaves_the_facts_as_they_are() -> None:
    facts = ZohoError("words").facts()
    error_from_facts(facts)
    assert facts == ZohoError("words").facts()


def test_invalid_settings_are_a_value_error() -> None:
    assert issubclass(errors.InvalidSettings, ValueError)
