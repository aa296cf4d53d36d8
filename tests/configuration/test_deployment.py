from __future__ import annotations

import pytest

from zoho_people.configuration.deployment import option_list, option_text


def test_an_option_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__ZOHO_PEOPLE__SOME_OPTION", " a, b ,, c ")
    assert option_text("some_option") == "a, b ,, c"
    assert option_list("some_option") == ("a", "b", "c")


def test_an_option_that_is_not_set_is_empty() -> None:
    assert option_text("some_option") == ""
    assert option_list("some_option") == ()
