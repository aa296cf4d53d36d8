"""How little of learners a run keeps, and that its roots go with that."""

from __future__ import annotations

from dataclasses import replace

from airflow.sdk import ObjectStoragePath
from airflow.sdk.exceptions import AirflowFailException

from zoho_people.configuration.deployment import SECTION
from zoho_people.configuration.privacy import LEARNERS_ROOT, InvalidPrivacy, Privacy
from zoho_people.model.run_xcoms import Request
from zoho_people.steps.output_path import writable
from zoho_people.steps.run import privacy_of, stores_of
from zoho_people.storage.key_note import OtherKey, check_key, note_key
from zoho_people.storage.store import Store


def with_privacy(request: Request) -> Request:
    """*request* with what the deployer set, and with learners named as the dataset knows them.

    :raises InvalidPrivacy: when that can't be.
    """
    privacy = Privacy.configured()
    return replace(request, learner_ids=privacy.named_all(request.learner_ids), privacy=privacy.facts())


def check_learners_root(request: Request) -> None:
    """:raises InvalidRequest: when nothing can be written below the root of names, where it has one of its own."""
    root = privacy_of(request).own_root
    if root:
        writable(lambda: Store(ObjectStoragePath(root)), f"[{SECTION}] {LEARNERS_ROOT}", root)


def check_keys(request: Request) -> None:
    """Return when the run may write its learners below all of its roots.

    :raises InvalidPrivacy: when there is data under another key than the run's, or one of the two has none.
    """
    key_fingerprint = privacy_of(request).key_fingerprint
    try:
        for store in stores_of(request):
            check_key(store, key_fingerprint)
    except OtherKey as error:
        raise InvalidPrivacy(str(error)) from None


def note_keys(request: Request) -> None:
    """Note the key below all of the run's roots, before anything is published there.

    :raises AirflowFailException: when :func:`check_keys` would not let it pass any more.
    """
    key_fingerprint = privacy_of(request).key_fingerprint
    try:
        for store in stores_of(request):
            note_key(store, key_fingerprint)
    except OtherKey as error:
        raise AirflowFailException(f"nothing is published: {error}") from None
