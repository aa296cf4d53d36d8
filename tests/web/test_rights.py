"""Rights by Airflow's own simple auth manager, role by role."""

from __future__ import annotations

from typing import Any

import pytest
from airflow.api_fastapi.auth.managers.simple.simple_auth_manager import SimpleAuthManager
from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser

from zoho_people.configuration.deployment import InvalidOption
from zoho_people.configuration.names_permission import NamesPermission
from zoho_people.web.rights import Rights

ROLES = ("viewer", "user", "op", "admin")


def rights(team: str | None = None, manager: Any = None) -> Rights:
    return Rights(manager or SimpleAuthManager(), team_of=lambda _: team)


def user(role: str | None, *teams: str) -> SimpleAuthManagerUser:
    return SimpleAuthManagerUser(username="jo", role=role, teams=list(teams))


@pytest.mark.parametrize(
    ("setting", "who"),
    [
        ("", ()),
        ("nobody", ()),
        ("edit_dag", ("user", "op", "admin")),
        ("Edit_Connections", ("op", "admin")),
        ("view:Zoho People names", ROLES),  # in this auth manager every role may read every view
    ],
)
def test_names_need_what_the_deployer_set(
    setting: str, who: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW__ZOHO_PEOPLE__NAMES_PERMISSION", setting)
    permission = NamesPermission.configured()
    assert [role for role in ROLES if rights().may_see_names(user(role), "eu", permission)] == list(who)
    assert not rights().may_see_names(user(None), "eu", permission)


def test_whoever_has_a_role_may_read_and_who_has_none_may_not() -> None:
    assert [role for role in (None, *ROLES) if rights().may(user(role), "GET", "eu")] == list(ROLES)


def test_another_team_may_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__MULTI_TEAM", "True")
    of_eu = rights(team="eu")
    assert of_eu.may(user("viewer", "eu"), "GET", "dag")
    assert not of_eu.may(user("viewer", "us"), "GET", "dag")


def test_a_view_is_asked_for_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    class ByView(SimpleAuthManager):
        def is_authorized_custom_view(self, *, method: Any, resource_name: str, user: Any) -> bool:
            return (method, resource_name, user.username) == ("GET", "Names of HR", "jo")

    manager = ByView()
    assert rights(manager=manager).may_see_names(user("viewer"), "eu", NamesPermission("view", "Names of HR"))
    assert not rights(manager=manager).may_see_names(user("viewer"), "eu", NamesPermission("view", "Other"))


@pytest.mark.parametrize("setting", ["everybody", "view:", "view:a/b", "edit dag"])
def test_what_can_t_be_is_named_with_the_cure(setting: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__ZOHO_PEOPLE__NAMES_PERMISSION", setting)
    with pytest.raises(InvalidOption, match=r"names_permission .* can't be; use nobody, edit_dag"):
        NamesPermission.configured()
