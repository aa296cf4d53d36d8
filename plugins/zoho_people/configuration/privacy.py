"""How little of learners is kept: what the deployer set of names and of pseudonyms.

In Airflow's configuration, section ``[zoho_people]``:

* ``learners_root``: where names and e-mail addresses are kept. Empty: below the output path. ``off``: nowhere. Or
  an absolute path or a URL, for which other people may have permissions;
* ``pseudonym_conn_id``: the connection whose password is the key of the learners' pseudonyms. Empty: Zoho's ids.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseHook, ObjectStoragePath
from airflow.sdk.exceptions import AirflowNotFoundException
from airflow.sdk.log import mask_secret

from zoho_people.configuration.deployment import SECTION, option_text
from zoho_people.model.pseudonyms import ForeignPseudonym, Pseudonyms, UnusableSecret
from zoho_people.model.unit import is_pseudonym, shown
from zoho_people.storage.location import InvalidLocation, Location

if TYPE_CHECKING:
    from zoho_people.fetching.page_fetch import PageSource
    from zoho_people.model.unit import Unit

LEARNERS_ROOT = "learners_root"
PSEUDONYM_CONN_ID = "pseudonym_conn_id"
OFF = "off"
_CHANGED = (
    f"[{SECTION}] {{}} is not what it was where the run was checked; set it on every host alike, and clear "
    "check_request with what follows it"
)


class InvalidPrivacy(ValueError):
    """What the deployer set can't be, or is not what the run was checked with; the message has option and cure."""


@dataclass(frozen=True, slots=True)
class Privacy:
    """What the deployer wants kept of learners."""

    learners_root: str = ""
    pseudonyms: Pseudonyms | None = None

    @classmethod
    def configured(cls, *, checked: Mapping[str, str] | None = None) -> Privacy:
        """What is set for this process. *checked* is what it was where the run was checked, see :meth:`facts`.

        :raises InvalidPrivacy: when an option can't be, or something else is set than was then.
        """
        privacy = cls(learners_root(), _pseudonyms())
        now = privacy.facts()
        then = now if checked is None else checked
        other = sorted(name for name in {*now, *then} if now.get(name) != then.get(name))
        if other:
            raise InvalidPrivacy(_CHANGED.format(" and ".join(other)))
        return privacy

    def facts(self) -> dict[str, str]:
        """What is set, by option, as far as anything is; of the key its fingerprint."""
        values = {LEARNERS_ROOT: self.learners_root, PSEUDONYM_CONN_ID: self.key_fingerprint}
        return {name: value for name, value in values.items() if value}

    @property
    def key_fingerprint(self) -> str:
        """What tells the key from others, empty where there is none."""
        return self.pseudonyms.key_fingerprint if self.pseudonyms else ""

    @property
    def keeps_learners(self) -> bool:
        """Whether the dataset ``learners`` is written."""
        return self.learners_root != OFF

    @property
    def own_root(self) -> str | None:
        """The root of the dataset ``learners`` where it is not the output path."""
        return self.learners_root if self.learners_root not in ("", OFF) else None

    def lists_root(self, output_root: Any) -> Any:
        """Below what a run keeps the lists that it reads: names are where they belong from the first page on."""
        return ObjectStoragePath(self.own_root) if self.own_root else output_root

    def page_source(self, hook: PageSource) -> PageSource:
        """Where pages come from: *hook* as it is, or with less in what it says of learners."""
        if self.pseudonyms is None and self.keeps_learners:
            return hook
        from zoho_people.fetching.least_data import FewerFields, UnderPseudonyms

        if self.pseudonyms is None:
            return FewerFields(hook)
        # A URL has the learner's id, and urllib3 logs URLs: each at DEBUG, odd ones as warnings.
        logging.getLogger("urllib3").setLevel(logging.ERROR)
        return UnderPseudonyms(hook, self.pseudonyms, keeps_figures=self.keeps_learners)

    def named(self, learner_id: str) -> str:
        """The learner as the dataset knows him or her: *learner_id* as it is, or its pseudonym.

        :raises InvalidPrivacy: when it is a pseudonym of another key, or one where there are none.
        """
        try:
            if self.pseudonyms is not None:
                return self.pseudonyms.of(learner_id)
        except ForeignPseudonym as error:
            raise InvalidPrivacy(f"{error}; name Zoho's id, or the pseudonym from this dataset") from None
        if is_pseudonym(learner_id):
            raise InvalidPrivacy(
                f"learner {learner_id} is a pseudonym, and [{SECTION}] {PSEUDONYM_CONN_ID} is empty; set it to "
                "the connection with the key, or name Zoho's id"
            )
        return learner_id

    def named_all(self, learner_ids: Iterable[str]) -> tuple[str, ...]:
        """Each learner as :meth:`named`, once."""
        return tuple(dict.fromkeys(map(self.named, learner_ids)))

    def named_units(self, units: Iterable[Unit]) -> list[Unit]:
        """Each of *units* with the learner as :meth:`named`."""
        return [replace(unit, learner_id=self.named(unit.learner_id)) for unit in units]

    def planned(self, units: Sequence[Unit]) -> Sequence[Unit]:
        """The *units* of a plan as they are.

        :raises InvalidPrivacy: when it was made with another setting than this process has.
        """
        for unit in units:
            if self.named(unit.learner_id) != unit.learner_id:
                raise InvalidPrivacy(_CHANGED.format(PSEUDONYM_CONN_ID))
        return units


def learners_root() -> str:
    """Where the deployer wants names kept: a root, :data:`OFF`, or empty for the output path.

    :raises InvalidPrivacy: when it can't be.
    """
    text = option_text(LEARNERS_ROOT)
    if text.lower() == OFF:
        return OFF
    try:
        return str(Location.parse(text)) if text else ""
    except InvalidLocation as error:
        raise InvalidPrivacy(f"[{SECTION}] {LEARNERS_ROOT} {error}; or {OFF}, or nothing") from None


def _pseudonyms() -> Pseudonyms | None:
    conn_id = option_text(PSEUDONYM_CONN_ID)
    if not conn_id:
        return None
    where = f"[{SECTION}] {PSEUDONYM_CONN_ID}: "
    try:
        secret = BaseHook.get_connection(conn_id).password or ""
    except AirflowNotFoundException:
        raise InvalidPrivacy(
            f"{where}there is no connection {shown(conn_id)}; make it, with the key as its password"
        ) from None
    mask_secret(secret)
    try:
        return Pseudonyms(secret)
    except UnusableSecret as error:
        raise InvalidPrivacy(f"{where}the password of the connection {shown(conn_id)} {error}") from None
