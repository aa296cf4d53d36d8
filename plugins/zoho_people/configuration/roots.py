"""Below which folders runs may read and write: the deployer's option ``allowed_roots``."""

from __future__ import annotations

from collections.abc import Sequence

from airflow.sdk import ObjectStoragePath
from airflow.sdk.exceptions import AirflowFailException

from zoho_people.configuration.deployment import SECTION, option_list
from zoho_people.storage.layout import OWN_FOLDERS
from zoho_people.storage.location import InvalidLocation, Location

OPTION = f"[{SECTION}] allowed_roots"
CURE = f"{OPTION} (AIRFLOW__{SECTION.upper()}__ALLOWED_ROOTS)"


def allowed_roots() -> tuple[Location, ...]:
    """What the deployer allows; nothing where that is not set.

    :raises InvalidLocation: naming the option.
    """
    try:
        return tuple(map(Location.parse, option_list("allowed_roots")))
    except InvalidLocation as error:
        raise InvalidLocation(f"{OPTION}: {error}") from None


def refuse_outside(location: Location, roots: Sequence[Location]) -> None:
    """:raises InvalidLocation: where *location* is neither one of *roots* nor below one, or in a dataset there."""
    below = [names for root in roots if (names := location.below(root)) is not None]
    if not below:
        places = ", ".join(map(str, roots)) or "nowhere, as long as nothing is set"
        raise InvalidLocation(
            f"'{location}' is outside of where this Airflow may read and write ({places}); choose a place there, "
            f"or have the deployer add it to {CURE}"
        )
    if all(OWN_FOLDERS.intersection(names) for names in below):
        raise InvalidLocation(
            f"'{location}' is within a dataset's own folders ({', '.join(sorted(OWN_FOLDERS))}); choose another"
        )


def storage_path(text: str | ObjectStoragePath) -> ObjectStoragePath:
    """The path that a task is about to use; on every host anew, since links may differ.

    :raises AirflowFailException: where the deployer set roots and it is in none of them.
    """
    try:
        roots = allowed_roots()
        if not roots:
            return ObjectStoragePath(text)
        location = Location.parse(str(text))
        refuse_outside(location, roots)
    except InvalidLocation as error:
        raise AirflowFailException(f"path {error}") from None
    return ObjectStoragePath(str(location))
