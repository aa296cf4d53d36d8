from __future__ import annotations

import pytest

from zoho_people.model.pool_names import API_POOL, PUBLISH_POOL
from zoho_people.shared.pools import (
    PoolState,
    PoolUnusable,
    PoolVerdict,
    judge,
    read_heartbeat_timeout_s,
    read_pools,
    refuse_short_heartbeat_timeout,
    refuse_smaller,
    usable_slots,
    write_pools,
)

PUBLISH = PoolState(1, include_deferred=False)
RIGHT = {API_POOL: PoolState(30, include_deferred=True), PUBLISH_POOL: PUBLISH}


def test_pools_as_they_should_be_need_no_advice() -> None:
    assert judge(RIGHT) == PoolVerdict(may_defer=True)


def test_fewer_slots_are_as_good() -> None:
    assert judge({**RIGHT, API_POOL: PoolState(5, include_deferred=True)}) == PoolVerdict(may_defer=True)


def test_a_scheduler_that_told_nothing_may_lack_the_plugin() -> None:
    verdict = judge(None)
    assert not verdict.may_defer
    assert "See that plugins/ is deployed" in verdict.advice


@pytest.mark.parametrize(
    ("name", "cure"),
    [
        (API_POOL, "airflow pools set zoho_people_api 30 'Zoho People' --include-deferred"),
        (PUBLISH_POOL, "airflow pools set zoho_people_publish 1 'Zoho People'"),
    ],
)
def test_a_pool_that_is_missing_is_named_with_the_command_that_makes_it(name: str, cure: str) -> None:
    with pytest.raises(PoolUnusable, match=f"^the pool {name} is missing; ") as error:
        judge({other: state for other, state in RIGHT.items() if other != name})
    assert str(error.value).endswith(cure)


def test_an_installation_without_any_pool_is_told_of_the_first() -> None:
    with pytest.raises(PoolUnusable, match=API_POOL):
        judge({})


def test_tasks_do_not_defer_where_a_deferred_task_would_lose_its_slot() -> None:
    verdict = judge({**RIGHT, API_POOL: PoolState(30, include_deferred=False)})
    assert not verdict.may_defer
    assert "Tick 'Include Deferred'" in verdict.advice


@pytest.mark.parametrize("slots", [31, 128, pytest.param(-1, id="no limit at all")])
def test_more_slots_than_zoho_allows_requests_are_told(slots: int) -> None:
    verdict = judge({**RIGHT, API_POOL: PoolState(slots, include_deferred=True)})
    assert verdict.may_defer
    assert "Zoho allows 30 requests a minute" in verdict.advice


@pytest.mark.parametrize("include_deferred", [True, False])
def test_whether_the_pool_of_publishing_counts_deferred_tasks_does_not_matter(
    include_deferred: bool,
) -> None:
    pools = {**RIGHT, PUBLISH_POOL: PoolState(1, include_deferred=include_deferred)}
    assert judge(pools) == PoolVerdict(may_defer=True)


@pytest.mark.parametrize("pools", [RIGHT, {}, {"größe": PoolState(-1, include_deferred=True)}])
def test_what_is_written_is_read_again(pools: dict[str, PoolState]) -> None:
    assert read_pools(write_pools(pools, seen_at=100.0), since=100.0) == pools


@pytest.mark.parametrize("text", [None, ""])
def test_no_text_is_no_knowledge_which_is_not_the_same_as_no_pool(text: str | None) -> None:
    assert read_pools(text, since=0.0) is None
    assert read_pools(write_pools({}, seen_at=100.0), since=100.0) == {}


def test_the_same_pools_are_the_same_text_in_whatever_order() -> None:
    assert write_pools(dict(reversed(RIGHT.items())), seen_at=1.0) == write_pools(RIGHT, seen_at=1.0)


def test_what_was_seen_before_the_run_began_is_no_knowledge() -> None:
    text = write_pools(RIGHT, seen_at=1_000.0)
    assert read_pools(text, since=1_000.0) == RIGHT
    assert read_pools(text, since=1_030.0) == RIGHT  # clocks differ
    assert read_pools(text, since=1_061.0) is None


def test_what_was_seen_before_the_run_is_not_known_but_clocks_may_differ_by_a_minute() -> None:
    text = write_pools(RIGHT, seen_at=1000.0)
    assert read_pools(text, since=1060.0) == RIGHT
    assert read_pools(text, since=1060.1) is None


@pytest.mark.parametrize("text", ["junk", "[]", "5", "{}", '{"seen_at": "x", "pools": {}}', '{"seen_at": 5}'])
def test_junk_is_no_knowledge(text: str) -> None:
    assert read_pools(text, since=0.0) is None


def test_a_pool_that_a_roster_task_would_never_get_into_is_refused_with_the_cure() -> None:
    pools = {API_POOL: PoolState(4, include_deferred=True)}
    with pytest.raises(PoolUnusable, match=r"has 4 slots.* takes 5; give it 5 or more"):
        refuse_smaller(pools, API_POOL, 5)


@pytest.mark.parametrize("slots", [5, 30, -1])
def test_a_pool_that_is_large_enough_is_not_refused(slots: int) -> None:
    refuse_smaller({API_POOL: PoolState(slots, include_deferred=True)}, API_POOL, 5)


def test_a_pool_whose_size_is_unknown_is_not_refused() -> None:
    refuse_smaller(None, API_POOL, 5)


@pytest.mark.parametrize(("slots", "usable"), [(5, 5), (30, 30), (99, 30), (-1, 30), (0, 30)])
def test_the_pool_lets_through_what_zoho_does_at_the_most(slots: int, usable: int) -> None:
    assert usable_slots({API_POOL: PoolState(slots, include_deferred=True)}, API_POOL) == usable
    assert usable_slots(None, API_POOL) == 30


@pytest.mark.parametrize("timeout_s", [70.0, 300.0, None])
def test_a_scheduler_that_waits_a_window_for_a_silent_task_is_taken(timeout_s: float | None) -> None:
    refuse_short_heartbeat_timeout(timeout_s, window_s=60.0)


def test_one_that_gives_a_silent_tasks_slot_away_sooner_is_refused_by_name() -> None:
    with pytest.raises(PoolUnusable, match=r"task_instance_heartbeat_timeout is 69 s.*set it to 70 or more"):
        refuse_short_heartbeat_timeout(69.0, window_s=60.0)


def test_the_schedulers_heartbeat_timeout_is_told_with_the_pools() -> None:
    assert read_heartbeat_timeout_s(write_pools(RIGHT, seen_at=1.0, heartbeat_timeout_s=45.0)) == 45.0


@pytest.mark.parametrize("text", [None, "", "no JSON", "[]", "{}", '{"heartbeat_timeout_s": "soon"}'])
def test_where_none_is_told_none_is_known(text: str | None) -> None:
    assert read_heartbeat_timeout_s(text) is None


OWN = {"eu_api": PoolState(12, include_deferred=True), "eu_publish": PUBLISH}


def test_an_organisation_is_judged_by_its_own_pools() -> None:
    assert judge(OWN, pool="eu_api", publish_pool="eu_publish") == PoolVerdict(may_defer=True)
    assert usable_slots({**RIGHT, **OWN}, "eu_api") == 12


@pytest.mark.parametrize("missing", ["eu_api", "eu_publish"])
def test_the_pools_of_others_stand_in_for_none_of_its_own(missing: str) -> None:
    pools = {name: state for name, state in {**RIGHT, **OWN}.items() if name != missing}
    with pytest.raises(PoolUnusable, match=f"^the pool {missing} is missing; .*airflow pools set {missing} "):
        judge(pools, pool="eu_api", publish_pool="eu_publish")


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (PoolState(12, include_deferred=False), "The pool eu_api does not include deferred tasks"),
        (PoolState(99, include_deferred=True), "The pool eu_api has 99 slots"),
    ],
)
def test_the_advice_names_its_own_pool(state: PoolState, words: str) -> None:
    assert words in judge({**OWN, "eu_api": state}, pool="eu_api", publish_pool="eu_publish").advice


def test_a_pool_of_its_own_is_refused_by_its_name_where_a_roster_task_would_not_get_in() -> None:
    with pytest.raises(PoolUnusable, match="the pool eu_api has 4 slots"):
        refuse_smaller({**RIGHT, "eu_api": PoolState(4, include_deferred=True)}, "eu_api", 5)


def test_the_command_that_makes_a_pool_is_one_for_a_shell() -> None:
    with pytest.raises(PoolUnusable, match="airflow pools set 'EU api' 30"):
        judge({}, pool="EU api", publish_pool="eu_publish")
