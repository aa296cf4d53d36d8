"""What users import: these names stay where they are."""

from __future__ import annotations

from importlib import import_module

import pytest

PUBLIC = {
    "zoho_people": ("forget_learners_dag", "learner_progress_changes_dag", "learner_progress_dag"),
    "zoho_people.assets.datasets": ("dataset_alias", "dataset_asset"),
    "zoho_people.hooks.zoho_people": ("ZohoLearnerProgressHook",),
    "zoho_people.model.pseudonyms": ("Pseudonyms",),
    "zoho_people.operators.learner_progress": ("ZohoLearnerProgressOperator",),
    "zoho_people.operators.lists": ("ZohoListOperator",),
    "zoho_people.reading": ("answer", "changes", "courses", "coverage", "learners", "progress"),
    "zoho_people.reading.dataset": ("Dataset",),
    "zoho_people.triggers.instant": ("InstantTrigger",),
}


@pytest.mark.parametrize(("module", "name"), [(module, name) for module in PUBLIC for name in PUBLIC[module]])
def test_a_public_name_is_where_users_import_it_from(module: str, name: str) -> None:
    found = getattr(import_module(module), name)
    assert callable(found)
    assert found.__name__ == name


def test_a_trigger_is_stored_under_its_public_name() -> None:
    """Airflow's database names the class of a waiting trigger: another path is a run that can't go on."""
    from datetime import UTC, datetime

    from zoho_people.triggers.instant import InstantTrigger

    path, _ = InstantTrigger(datetime(2026, 1, 1, tzinfo=UTC), resume=True).serialize()
    assert path == "zoho_people.triggers.instant.InstantTrigger"
