"""Whose data is below a run's roots: each belongs to one organisation, the output path and that of names."""

from __future__ import annotations

from collections.abc import Iterator

from zoho_people.configuration.deployment import SECTION
from zoho_people.configuration.privacy import LEARNERS_ROOT
from zoho_people.model.run_xcoms import Request
from zoho_people.steps.run import stores_of
from zoho_people.storage.origin import ANOTHER_PATH, claim, refuse_other
from zoho_people.storage.store import Store

ANOTHER_ROOT = (
    f"This is [{SECTION}] {LEARNERS_ROOT}, one for all organisations of an Airflow: leave it empty or set it "
    "to off, or give this organisation an Airflow of its own"
)


def refuse_other_organisations(request: Request, origin: str) -> None:
    """Return when a run that brings data of *origin* may write below all of its roots.

    :raises OtherOrigin: naming the first that is another organisation's, and the cure.
    """
    for store, cure in _roots(request):
        refuse_other(store, origin, cure=cure)


def claim_roots(request: Request, origin: str) -> None:
    """Have all of the run's roots be *origin*'s from now on.

    :raises OtherOrigin: when one is another's.
    """
    for store, cure in _roots(request):
        claim(store, origin, cure=cure)


def _roots(request: Request) -> Iterator[tuple[Store, str]]:
    """The files below each root, and what to do where it is another organisation's."""
    return zip(stores_of(request), (ANOTHER_PATH, ANOTHER_ROOT), strict=False)
