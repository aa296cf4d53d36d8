"""Airflow's forms as a person finds them: by the labels beside the fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

TYPE = "Zoho People"


def fields_of(dialog: Locator, label: str) -> Locator:
    """What stands beside *label*: input, text area or list."""
    page = dialog.page
    beside = dialog.get_by_role("group").filter(has=page.get_by_text(label, exact=True))
    return beside.locator("input:not([type=hidden]), textarea")


def new_connection(page: Page, connection_id: str) -> Locator:
    """The form of a new connection of this project's type, with both of its parts open in turn."""
    page.goto("/connections")
    page.get_by_role("button", name="Add Connection").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Connection ID").fill(connection_id)
    dialog.get_by_role("combobox", name="Connection Type").fill(TYPE)
    page.get_by_role("option", name=TYPE, exact=True).click()
    return dialog


def fill(dialog: Locator, values: Mapping[str, str]) -> None:
    """Type each value beside its label."""
    for label, value in values.items():
        fields_of(dialog, label).fill(value)


def open_extra_fields(dialog: Locator) -> None:
    """Show what the type has beside Airflow's own fields."""
    dialog.get_by_role("button", name="Extra Fields", exact=True).click()


def save(dialog: Locator) -> None:
    """Save and wait until the form is gone."""
    dialog.get_by_role("button", name="Save", exact=True).click()
    dialog.wait_for(state="hidden")


def row_of(page: Page, connection_id: str) -> Locator:
    """The connection's line in the list."""
    return page.get_by_role("row").filter(has=page.get_by_role("cell", name=connection_id, exact=True))


def press(row: Locator, button: str) -> None:
    """Use one of the buttons at the end of a line; by the keyboard, since tooltips cover their neighbours."""
    row.get_by_role("button", name=button, exact=True).press("Enter")


def run_form(page: Page, dag_id: str) -> Locator:
    """The form that starts a run."""
    page.goto(f"/dags/{dag_id}")
    page.get_by_role("button", name="Trigger Dag", exact=True).click()
    return page.get_by_role("dialog")
