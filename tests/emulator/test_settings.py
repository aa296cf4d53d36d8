from __future__ import annotations

import pytest

from zoho_emulator.settings import LOCK_SHAPES, Settings, SettingsError


def test_changes_leave_the_rest_alone() -> None:
    settings = Settings().changed({"threshold": 5, "daily_limit": None, "window_seconds": 2})
    assert (settings.threshold, settings.window_seconds, settings.lock_seconds) == (5, 2, 300)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"treshold": 1}, "unknown setting 'treshold'; the settings are: threshold, "),
        ({"threshold": 0}, "threshold must be at least 1, not 0"),
        ({"window_seconds": 0}, "window_seconds must be at least 0.001, not 0"),
        ({"threshold": "30"}, "threshold must be of type int"),
        ({"threshold": True}, "threshold must be of type int"),
        ({"threshold": None}, "threshold must be of type int"),
        ({"lock_extends": 1}, "lock_extends must be of type bool"),
        ({"latency_ms": float("inf")}, "latency_ms must be at least 0"),
        ({"latency_ms": float("nan")}, "latency_ms must be at least 0"),
        ({"lock_shape": "418-flat"}, "lock_shape must be one of 200-flat, "),
    ],
)
def test_an_impossible_change_is_refused_by_name(changes: dict[str, object], complaint: str) -> None:
    with pytest.raises(SettingsError, match=complaint):
        Settings().changed(changes)


def test_secrets_are_not_shown() -> None:
    settings = Settings()
    for shown in (repr(settings), str(settings.public())):
        assert settings.client_secret not in shown
        assert settings.refresh_token not in shown


def test_every_status_and_body_of_a_lock_can_be_had() -> None:
    assert len(LOCK_SHAPES) == len(set(LOCK_SHAPES)) == 3 * 5 * 2
