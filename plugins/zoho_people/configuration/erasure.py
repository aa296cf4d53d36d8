"""What the deployer's settings mean for an erasure: where names are, and under which ids learners are stored."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from airflow.sdk import ObjectStoragePath

from zoho_people.configuration.privacy import Privacy
from zoho_people.erasing.forgetting import Forgetting
from zoho_people.storage.store import Store


def forgetting_of(roots: Iterable[Any], *, name: str = "") -> Forgetting:
    """Forgets learners below *roots*, and below that of names, under the ids that the deployer's settings make.

    :raises InvalidPrivacy: when what the deployer set can't be.
    """
    privacy = Privacy.configured()
    stores = [Store(root) for root in roots]
    own = Store(ObjectStoragePath(privacy.own_root)) if privacy.own_root else None
    if own is not None and own.root not in {store.root for store in stores}:
        stores.append(own)
    return Forgetting(
        stores,
        clock=lambda: datetime.now(UTC),
        stored_as=lambda learner_id: (privacy.named(learner_id),),
        name=name or uuid.uuid4().hex,
    )
