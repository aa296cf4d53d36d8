"""Whose data is below a run's roots: each belongs to one organisation, the output path and that of names."""

from __future__ import annotations

from collections.abc import Iterator

from airflow.sdk.exceptions import AirflowFailException

from zoho_people.configuration.deployment import SECTION
from zoho_people.configuration.privacy import LEARNERS_ROOT
from zoho_people.steps.run import Run
from zoho_people.storage.key_note import OtherKey, note_key
from zoho_people.storage.origin import ANOTHER_PATH, OtherOrigin, note_origin, refuse_other
from zoho_people.storage.store import Store
from zoho_people.zoho.origin import origin_of

ANOTHER_ROOT = (
    f"This is [{SECTION}] {LEARNERS_ROOT}, one for all organisations of an Airflow: leave it empty or set it "
    "to off, or give this organisation an Airflow of its own"
)


def refuse_other_organisations(run: Run, origin: str) -> None:
    """Return where *run*, which brings data of *origin*, may write below all of its roots.

    :raises OtherOrigin: naming the first that is another organisation's, and the cure.
    """
    for store, cure in _roots(run):
        refuse_other(store, origin, cure=cure)


def note_origins(run: Run, origin: str) -> None:
    """Have all of the run's roots be *origin*'s from now on.

    :raises OtherOrigin: when one is another's.
    """
    for store, cure in _roots(run):
        note_origin(store, origin, cure=cure)


def note_origins_and_key(run: Run) -> None:
    """Look once more whose the run's roots are, and under which key; both are noted before a run publishes there.

    Only one run publishes at a time, many may have begun at once.

    :raises AirflowFailException: when one is another organisation's, or has data under another key.
    """
    try:
        note_origins(run, origin_of(run.hook.settings))
        for store in run.stores:
            note_key(store, run.privacy.key_fingerprint)
    except (OtherOrigin, OtherKey) as error:
        raise AirflowFailException(f"nothing is published: {error}") from None


def _roots(run: Run) -> Iterator[tuple[Store, str]]:
    """The files below each root, and what to do where it is another organisation's."""
    yield run.output_store, ANOTHER_PATH
    if run.names_store is not None:
        yield run.names_store, ANOTHER_ROOT
