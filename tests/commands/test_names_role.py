"""A role of FAB's that sees names. FAB itself is not installed here: its security manager stands in as a fake."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from zoho_people.__main__ import main
from zoho_people.commands.names_role import let_read
from zoho_people.configuration.names_permission import NamesPermission
from zoho_people.web.rights import Rights

NAMES = "Zoho People names"


@dataclass
class Fab:
    """What FAB's security manager and auth manager know: which role may do what."""

    roles: dict[str, set[tuple[str, str]]] = field(default_factory=dict)

    def add_role(self, name: str) -> str:
        self.roles.setdefault(name, set())
        return name

    def create_permission(self, action: str, resource: str) -> tuple[str, str]:
        return action, resource

    def add_permission_to_role(self, role: str, permission: tuple[str, str]) -> None:
        self.roles[role].add(permission)

    def is_authorized_dag(self, **_: Any) -> bool:
        return True

    def is_authorized_custom_view(self, *, method: str, resource_name: str, user: str) -> bool:
        return method == "GET" and ("can_read", resource_name) in self.roles[user]


def test_the_role_sees_names_and_no_other_one_does() -> None:
    fab = Fab({"Viewer": {("can_read", "DAGs")}, "HR": {("can_read", "Plugins")}})
    for _ in range(2):
        let_read(fab, "HR", NAMES)
        let_read(fab, "New", NAMES)
    assert fab.roles["HR"] == {("can_read", "Plugins"), ("can_read", NAMES)}
    assert fab.roles["New"] == {("can_read", NAMES)}
    rights = Rights(fab, team_of=lambda _: None)
    seeing = [role for role in fab.roles if rights.may_see_names(role, "eu", NamesPermission("view", NAMES))]
    assert seeing == ["HR", "New"]


@pytest.mark.parametrize(
    ("setting", "why"),
    [
        (
            "",
            "names_permission is nobody, for which there is nothing to make; set it to view:Zoho People names",
        ),
        ("edit_dag", "names_permission is edit_dag"),
        ("everybody", "names_permission 'everybody' can't be"),
        (f"view:{NAMES}", "install apache-airflow-providers-fab"),
    ],
)
def test_it_says_what_is_in_the_way(
    setting: str, why: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AIRFLOW__ZOHO_PEOPLE__NAMES_PERMISSION", setting)
    assert main(["names_role", "HR"]) == 2
    assert why in capsys.readouterr().err
