from __future__ import annotations

import heapq
import logging
import random
from collections.abc import Callable, Iterator

import pytest

from zoho_people.fetching.pace import HANDOVER_S, LEAD_S
from zoho_people.shared.sent_requests import CLOCKS_APART_S, LATE_S, SentRequest, SentRequests, room_at

NOW = 1_764_000_000.0
WINDOW_S = 60.0
LONGEST_S = 30.0
ENDS_S = WINDOW_S + CLOCKS_APART_S


class Names:
    """Names in memory; *after_next_call* is what another process does between two calls of this one."""

    def __init__(self) -> None:
        self.kept: set[str] = set()
        self.calls = 0
        self.after_next_call: Callable[[], object] = lambda: None

    def all(self) -> list[str]:
        found = sorted(self.kept)
        self._called()
        return found

    def add(self, name: str) -> None:
        self.kept.add(name)
        self._called()

    def _called(self) -> None:
        self.calls += 1
        act, self.after_next_call = self.after_next_call, lambda: None
        act()

    def remove(self, name: str) -> None:
        self.calls += 1
        self.kept.discard(name)


class World:
    """Processes that share names and a clock."""

    def __init__(self, limit: int = 2, seed: int = 1) -> None:
        self.names = Names()
        self.limit = limit
        self.now = NOW
        self.dice = random.Random(seed)  # noqa: S311

    def process(self) -> SentRequests:
        return SentRequests(
            self.names,
            limit=self.limit,
            window_s=WINDOW_S,
            longest_s=LONGEST_S,
            clock=lambda: self.now,
            sleep=self.sleep,
            dice=self.dice.random,
        )

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def send(self, *, answered_after_s: float | None = 0.5) -> float:
        """A request by another process, which dies before its answer where that is None; when it was sent."""
        process = self.process()
        sent_at = process.reserve(self.now)
        self.now = max(self.now, sent_at)
        if answered_after_s is not None:
            self.now += answered_after_s
            process.answered(self.now)
        return sent_at

    @property
    def known(self) -> list[SentRequest]:
        found = [SentRequest.parse(name) for name in sorted(self.names.kept)]
        return [request for request in found if request is not None]


@pytest.fixture
def world() -> World:
    return World()


class TestARequest:
    def test_that_has_room_is_sent_when_it_was_to_be(self, world: World) -> None:
        assert world.process().reserve(NOW + 3.0) == NOW + 3.0

    def test_counts_from_before_it_is_sent(self, world: World) -> None:
        world.process().reserve(NOW + 3.0)
        [request] = world.known
        assert request.start == round((NOW + 3.0) * 1000)

    def test_counts_until_a_window_after_its_answer(self, world: World) -> None:
        process = world.process()
        process.reserve(NOW)
        process.answered(NOW + 7.0)
        [request] = world.known
        assert (request.start, request.end) == (round(NOW * 1000), round((NOW + 7.0 + ENDS_S) * 1000))

    def test_beyond_the_limit_waits_until_the_oldest_counts_no_more(self, world: World) -> None:
        world.send()
        world.send()
        first = min(request.end for request in world.known)
        assert world.process().reserve(world.now + 3.0) == first / 1000

    def test_of_a_process_that_died_with_it_counts_as_long_as_it_may_be_on_its_way(
        self, world: World
    ) -> None:
        world.send(answered_after_s=None)
        world.send(answered_after_s=None)
        assert world.process().reserve(NOW + 1.0) == NOW + WINDOW_S + LONGEST_S + LATE_S

    def test_that_is_written_down_twice_while_its_end_becomes_known_counts_once_and_until_then(
        self, world: World
    ) -> None:
        world.limit = 1
        start, end = round(NOW * 1000), round((NOW + 60.5) * 1000)
        world.names.kept |= {SentRequest(start, until, "0" * 12).name for until in (end, end + 30_000)}
        assert world.process().reserve(NOW + 1.0) == NOW + 60.5

    def test_in_the_place_of_one_whose_window_is_over_waits_for_nobody(self, world: World) -> None:
        world.send()
        answered_at = world.now
        world.send()
        assert world.process().reserve(answered_at + ENDS_S) == answered_at + ENDS_S

    def test_is_written_down_once_for_its_time(self, world: World) -> None:
        process = world.process()
        process.reserve(NOW + 3.0)
        world.now += 3.0 + LATE_S
        calls = world.names.calls
        assert process.reserve(world.now) == NOW + 3.0
        assert world.names.calls == calls

    def test_that_comes_too_late_is_written_down_anew(self, world: World) -> None:
        process = world.process()
        process.reserve(NOW)
        world.now += LATE_S + 0.1
        assert process.reserve(world.now) == pytest.approx(world.now, abs=1e-3)
        [request] = world.known
        assert request.start == round(world.now * 1000)

    def test_that_is_not_sent_leaves_its_room_to_others(self, world: World) -> None:
        process = world.process()
        process.reserve(NOW)
        process.withdraw()
        process.withdraw()
        assert world.names.kept == set()

    def test_that_waits_says_since_when_and_why_and_names_nobody(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        world.send()
        world.send()
        world.process().reserve(world.now)
        [line] = caplog.messages
        assert line.startswith("2 requests of the last 60 s are known, and some hold no slot any more")
        assert "Nothing is sent before 16:01:00 UTC" in line

    def test_that_has_room_says_nothing(self, world: World, caplog: pytest.LogCaptureFixture) -> None:
        with caplog.at_level(logging.DEBUG):
            world.send()
        assert caplog.messages == []

    def test_that_could_not_be_written_down_is_not_taken_for_written_down(self, world: World) -> None:
        process = world.process()
        listing = world.names.all

        def fails() -> list[str]:
            raise ConnectionError("no API server")

        world.names.all = fails  # type: ignore[method-assign]
        with pytest.raises(ConnectionError):
            process.reserve(NOW)
        world.names.all = listing  # type: ignore[method-assign]
        world.send()
        assert process.reserve(world.now) > world.now


class TestTwoThatWriteAtOneMoment:
    @pytest.mark.parametrize("seed", range(20))
    def test_are_not_both_sent_where_there_is_room_for_one(self, seed: int) -> None:
        world = World(seed=seed)
        world.send()
        now = world.now
        one, other = world.process(), world.process()
        sent: list[float] = []
        world.names.after_next_call = lambda: sent.append(other.reserve(now))
        sent.append(one.reserve(now))
        assert len([at for at in sent if at < now + WINDOW_S - 1.0]) <= 1

    def test_one_that_begins_while_another_waits_for_its_turn_gives_way(self, world: World) -> None:
        world.send()
        world.process().reserve(world.now + 30.0)
        assert world.process().reserve(world.now) > world.now + 30.0


class TestWhatCountsNoMore:
    def test_is_removed_by_those_who_come_later(self, world: World) -> None:
        for _ in range(20):
            world.send()
            world.now += 45.0
        assert len(world.known) <= 4

    def test_stays_as_long_as_clocks_may_differ(self, world: World) -> None:
        world.send()
        [request] = world.known
        world.now = request.end / 1000 + 9.0
        world.send()
        assert request in world.known

    @pytest.mark.parametrize(
        ("begins_s", "lasts_s"), [(365 * 86_400.0, 95.0), (0.0, 365 * 86_400.0), (951.0, 95.0), (0.0, 951.0)]
    )
    def test_is_what_a_wrong_clock_or_a_person_wrote_and_it_is_removed(
        self, world: World, begins_s: float, lasts_s: float
    ) -> None:
        start = NOW + begins_s
        wrong = {
            SentRequest(round(start * 1000), round((start + lasts_s) * 1000), f"{number:012x}").name
            for number in range(30)
        }
        world.names.kept |= wrong
        assert world.send() == NOW
        for _ in range(35):
            world.now += 35.0
            world.send()
        assert not wrong & world.names.kept

    def test_but_a_longer_time_out_of_another_task_counts(self, world: World) -> None:
        start, end = round(NOW * 1000), round((NOW + 600.0) * 1000)
        world.names.kept |= {SentRequest(start, end, digit * 12).name for digit in "01"}
        assert world.process().reserve(NOW) == NOW + 600.0

    def test_and_names_of_another_kind_are_no_requests(self, world: World) -> None:
        world.names.kept |= {"", "zoho", "1_2_3", "176400000000_1764000060000_0123456789ab"}
        assert world.send() == NOW
        assert len(world.known) == 1


def test_a_normal_request_takes_five_calls(world: World) -> None:
    for _ in range(10):
        world.send()
        world.now += 35.0
    calls = world.names.calls
    world.send()
    assert world.names.calls - calls <= 5


@pytest.mark.parametrize(
    ("requests", "start", "limit", "expected"),
    [
        ([], 5, 1, 5),
        ([(0, 10)], 5, 1, 10),
        ([(0, 10)], 10, 1, 10),
        ([(0, 10)], 5, 2, 5),
        ([(0, 10), (0, 20)], 5, 2, 10),
        ([(0, 10), (10, 30), (0, 20)], 5, 2, 20),
        ([(0, 10), (20, 30)], 5, 1, 30),
        ([(8, 10)], 5, 1, 10),
    ],
)
def test_room_is_where_it_stays(
    requests: list[tuple[int, int]], start: int, limit: int, expected: int
) -> None:
    known = [SentRequest(begin, end, str(number)) for number, (begin, end) in enumerate(requests)]
    assert room_at(known, start, limit=limit) == expected


class Traffic:
    """Tasks of a pool, one behind the other in each slot, as Airflow runs them; some are killed at any moment."""

    def __init__(self, seed: int, *, limit: int, killed: float) -> None:
        self.world = World(limit, seed)
        self.dice = random.Random(seed)  # noqa: S311
        self.killed = killed
        self.arrivals: list[float] = []
        self.waited_s: list[float] = []
        self.turn = 0

    def run(self, until_s: float) -> None:
        events = [(NOW, number, self._slot()) for number in range(self.world.limit)]
        while events:
            at, number, slot = heapq.heappop(events)
            if at > NOW + until_s:
                return
            self.world.now = max(self.world.now, at)
            heapq.heappush(events, (next(slot), number, slot))

    def _slot(self) -> Iterator[float]:
        now = NOW
        while True:
            now += self.dice.uniform(0.1, 2.0)
            yield now
            process = self.world.process()
            turn = now + LEAD_S
            sent_at = process.reserve(turn)
            self.waited_s.append(sent_at - turn)
            yield sent_at
            arrived_at = sent_at + self.dice.uniform(0.01, 3.0)
            answered_at = arrived_at + self.dice.uniform(0.01, 2.0)
            fate = self.dice.random()
            if fate < self.killed / 2:  # before the answer came
                self.arrivals.append(arrived_at)
                now = arrived_at
                continue
            yield answered_at
            self.arrivals.append(arrived_at)
            process.answered(answered_at)
            now = answered_at + WINDOW_S - LEAD_S - HANDOVER_S
            if fate < self.killed:  # while its slot was to be held
                now = self.dice.uniform(answered_at, now)

    @property
    def most(self) -> int:
        at = sorted(self.arrivals)
        return max(sum(first <= each < first + WINDOW_S for each in at) for first in at)


@pytest.mark.parametrize("seed", range(5))
def test_no_window_holds_more_than_the_limit_whoever_is_killed(seed: int) -> None:
    traffic = Traffic(seed, limit=8, killed=0.4)
    traffic.run(1200.0)
    assert len(traffic.arrivals) > 60
    assert traffic.most <= 8


@pytest.mark.parametrize("seed", range(5))
def test_who_comes_early_waits_for_the_request_before_it_while_it_is_written_down(seed: int) -> None:
    traffic = Traffic(seed, limit=8, killed=0.0)
    traffic.run(1200.0)
    assert len(traffic.arrivals) > 120
    assert traffic.most == 8
    assert max(traffic.waited_s) <= HANDOVER_S + CLOCKS_APART_S
    assert traffic.world.names.calls / len(traffic.arrivals) < 5.75  # five, and what two remove at one moment


def test_two_that_wait_a_moment_at_once_each_leave_room_for_the_other(world: World) -> None:
    world.send()
    world.send()
    ends = sorted(request.end / 1000 for request in world.known)
    at = ends[0] - 0.5
    one, other = world.process(), world.process()
    sent: list[float] = []
    world.now = at
    world.names.after_next_call = lambda: sent.append(other.reserve(at))
    sent.append(one.reserve(at))
    assert sent == [ends[1], ends[1]]
