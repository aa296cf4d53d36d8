from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from tests.helpers.fakes import Clock, Zoho
from zoho_people.configuration.privacy import InvalidPrivacy, Privacy
from zoho_people.fetching.least_data import FewerFields, UnderPseudonyms
from zoho_people.model.entity_type import EntityType
from zoho_people.model.pseudonyms import Pseudonyms
from zoho_people.model.unit import Course, Unit

SECRET = "0123456789abcdef0123456789abcdef"
KEY = Pseudonyms(SECRET)
OTHER = Pseudonyms("another secret of enough letters")
LEARNER = "100002000000045011"


@pytest.fixture
def deployer(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Sets options; the connection ``key`` has the key."""

    def set_options(**options: str) -> None:
        for name, value in options.items():
            monkeypatch.setenv(f"AIRFLOW__ZOHO_PEOPLE__{name.upper()}", value)

    monkeypatch.setenv("AIRFLOW_CONN_KEY", json.dumps({"conn_type": "generic", "password": SECRET}))
    monkeypatch.setenv("AIRFLOW_CONN_SHORT", json.dumps({"conn_type": "generic", "password": SECRET[1:]}))
    monkeypatch.setenv("AIRFLOW_CONN_EMPTY", json.dumps({"conn_type": "generic"}))
    return set_options


def refusal(**checked: Any) -> str:
    with pytest.raises(InvalidPrivacy) as error:
        Privacy.configured(**checked)
    assert SECRET[1:] not in str(error.value)
    return str(error.value)


class TestWhatIsSet:
    def test_is_nothing_by_default(self) -> None:
        privacy = Privacy.configured(checked={})
        assert (privacy.facts(), privacy.own_root, privacy.keeps_learners) == ({}, None, True)
        assert privacy.lists_root("/data") == "/data"
        assert privacy.named(LEARNER) == LEARNER

    @pytest.mark.parametrize("text", ["off", "OFF", " off "])
    def test_may_be_that_nobody_is_kept_by_name(self, deployer: Any, text: str) -> None:
        deployer(learners_root=text)
        privacy = Privacy.configured()
        assert (privacy.keeps_learners, privacy.own_root) == (False, None)
        assert privacy.lists_root("/data") == "/data"

    @pytest.mark.parametrize("root", ["/people", "s3://people_conn@people/zoho"])
    def test_may_be_a_root_of_its_own_for_names(self, deployer: Any, root: str) -> None:
        deployer(learners_root=f"{root}/")
        privacy = Privacy.configured()
        assert (privacy.keeps_learners, privacy.own_root) == (True, root)

    def test_is_where_a_run_keeps_the_lists_that_it_reads(self, deployer: Any) -> None:
        deployer(learners_root="/people/")
        assert str(Privacy.configured().lists_root("/data")).removeprefix("file://") == "/people"

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("people", "'people' is relative; write an absolute path"),
            ("http://people.example.com", "'http://…' has a protocol that is not supported"),
            ("s3://key:secret@people", "'s3://…' names no bucket, or more than a bucket and a connection"),
        ],
    )
    def test_is_refused_where_that_root_is_no_place(self, deployer: Any, text: str, why: str) -> None:
        deployer(learners_root=text)
        told = refusal()
        assert told.startswith(f"[zoho_people] learners_root {why}")
        assert told.endswith("; or off, or nothing")

    @pytest.mark.parametrize(
        ("conn_id", "why"),
        [
            ("nowhere", "there is no connection 'nowhere'; make it, with the key as its password"),
            (
                "short",
                "the password of the connection 'short' has 31 characters; make a random one of at least 32",
            ),
            ("empty", "the password of the connection 'empty' has 0 characters"),
        ],
    )
    def test_is_refused_where_there_is_no_good_key(self, deployer: Any, conn_id: str, why: str) -> None:
        deployer(pseudonym_conn_id=conn_id)
        assert refusal().startswith(f"[zoho_people] pseudonym_conn_id: {why}")

    def test_is_told_without_the_key(self, deployer: Any) -> None:
        deployer(pseudonym_conn_id="key", learners_root="off")
        privacy = Privacy.configured()
        assert privacy.facts() == {"learners_root": "off", "pseudonym_conn_id": KEY.key_fingerprint}
        assert SECRET not in f"{privacy!r}"

    def test_has_to_be_what_it_was_where_the_run_was_checked(self, deployer: Any) -> None:
        deployer(pseudonym_conn_id="key", learners_root="off")
        checked = Privacy.configured().facts()
        assert Privacy.configured(checked=checked).facts() == checked
        told = "is not what it was where the run was checked; set it on every host alike"
        assert refusal(checked={}).startswith(f"[zoho_people] learners_root and pseudonym_conn_id {told}")
        deployer(learners_root="/people")
        assert refusal(checked=checked).startswith(f"[zoho_people] learners_root {told}")
        deployer(learners_root="off", pseudonym_conn_id="")
        assert refusal(checked=checked).startswith(f"[zoho_people] pseudonym_conn_id {told}")


class TestNames:
    def test_are_pseudonyms_where_there_is_a_key(self) -> None:
        privacy = Privacy(pseudonyms=KEY)
        name = KEY.of(LEARNER)
        assert privacy.named_all([LEARNER, "1", name, LEARNER]) == (name, KEY.of("1"))

    def test_are_ids_once_each_where_there_is_none(self) -> None:
        assert Privacy().named_all([LEARNER, "1", LEARNER]) == (LEARNER, "1")

    @pytest.mark.parametrize(
        ("privacy", "why"),
        [
            (Privacy(), r"is a pseudonym, and \[zoho_people\] pseudonym_conn_id is empty; set it"),
            (
                Privacy(pseudonyms=KEY),
                "no pseudonym of this key; name Zoho's id, or the pseudonym from this dataset",
            ),
        ],
    )
    def test_are_no_pseudonyms_that_nobody_can_undo(self, privacy: Privacy, why: str) -> None:
        with pytest.raises(InvalidPrivacy, match=why):
            privacy.named(OTHER.of(LEARNER))

    @pytest.mark.parametrize(
        ("privacy", "learner"), [(Privacy(), KEY.of("1")), (Privacy(pseudonyms=KEY), "1")]
    )
    def test_of_a_plan_have_to_be_of_the_kind_that_is_set(self, privacy: Privacy, learner: str) -> None:
        good = [Unit(Course("1"), privacy.named("1"), EntityType.FILES)]
        assert privacy.planned(good) == good
        with pytest.raises(InvalidPrivacy, match="pseudonym_conn_id is"):
            privacy.planned([*good, Unit(Course("1"), learner, EntityType.FILES)])


class TestSources:
    def test_are_the_hook_itself_where_nothing_is_set(self) -> None:
        zoho: Any = Zoho(Clock())
        assert Privacy().page_source(zoho) is zoho
        assert Privacy(learners_root="/people").page_source(zoho) is zoho

    def test_say_no_more_than_is_kept(self) -> None:
        zoho: Any = Zoho(Clock())
        assert Privacy(learners_root="off").page_source(zoho) == FewerFields(zoho)
        for root, keeps in (("", True), ("/people", True), ("off", False)):
            source = Privacy(root, KEY).page_source(zoho)
            assert source == UnderPseudonyms(zoho, KEY, keeps_figures=keeps)

    def test_keep_urls_out_of_the_log_where_they_have_an_id_that_nobody_may_see(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        zoho: Any = Zoho(Clock())
        with caplog.at_level(logging.DEBUG, "urllib3"):
            Privacy(pseudonyms=KEY).page_source(zoho)
            logging.getLogger("urllib3.connectionpool").warning("GET /learners/%s", LEARNER)
        assert LEARNER not in caplog.text
