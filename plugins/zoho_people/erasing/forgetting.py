"""Forgets learners in an output path: they are never asked for again, and all that it has of them is erased."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter

from zoho_people.erasing.erasure import Erased, Erasure, Place
from zoho_people.erasing.traces import AN_ID, Sought, Trace, traces
from zoho_people.storage.claim import Side, all_claimed
from zoho_people.storage.forgotten import Forgotten
from zoho_people.storage.store import Store


def _as_it_is(learner_id: str) -> Iterable[str]:
    return (learner_id,)


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it in one output path; nothing in it names a learner.

    ``left`` are the traces that a look through every file found, each with its rows; None where nobody looked.
    ``root`` is where. ``known_texts`` is how many names and addresses were looked for.
    """

    erased: Erased
    left: dict[Trace, int] | None = None
    known_texts: int = 0
    root: str = ""

    @property
    def is_sure(self) -> bool:
        """Whether every file was read, and no id stands anywhere as far as was looked."""
        return not self.erased.unreadable and AN_ID not in {trace.what for trace in self.left or ()}

    def lines(self) -> Iterator[str]:
        """Where that is, what was erased and what is left, a line each."""
        yield f"{self.root}:"
        for place in sorted(self.erased.files, key=attrgetter("dataset", "day")):
            files, rows = self.erased.files[place], self.erased.rows[place]
            yield f"erased  {_place(place)}  {files} files  {rows} rows"
        if not self.erased.files:
            yield "nothing to erase: there is nothing of the learners"
        for path in self.erased.unreadable:
            yield f"UNREADABLE  {path}: it may hold something; restore or remove it, and run this again"
        for trace, rows in sorted((self.left or {}).items(), key=str):
            yield f"LEFT  {_place(trace.place)}  {trace.what} in {trace.where}, {rows} rows"
        if self.left == {}:
            yield f"no id is left anywhere, nor one of {self.known_texts} names and e-mail addresses"


@dataclass(frozen=True, slots=True)
class Forgetting:
    """Forgets learners in *stores*, output paths each.

    *stored_as* says under which ids a learner stands in the files, given Zoho's. *name* tells this erasure from
    others: one that is done again under the same name needs not wait for the one before.
    """

    stores: Sequence[Store]
    clock: Callable[[], datetime]
    stored_as: Callable[[str], Iterable[str]] = _as_it_is
    name: str = field(default_factory=lambda: uuid.uuid4().hex)

    def forget(self, learner_ids: Collection[str], *, look: bool = True) -> list[Done]:
        """Forget *learner_ids*; then, if *look*, read every file once more. What came of it, store by store.

        From the first moment on they are not asked for any more. Ended at any point, it is done by doing it again.

        :raises Claimed: where a run is planning or publishing.
        """
        stored = self._stored(learner_ids)
        with all_claimed(self.stores, Side.ERASURE, self.name):
            began_at = self.clock()
            for store in self.stores:
                Forgotten.read(store).plus(stored).write(store)
            return [self._erase(store, stored, began_at, look=look) for store in self.stores]

    def undo(self, learner_ids: Collection[str]) -> int:
        """Have *learner_ids* asked for again by runs; how many of them were forgotten (in any store)."""
        undone = set[str]()
        with all_claimed(self.stores, Side.ERASURE, self.name):
            for store in self.stores:
                forgotten = Forgotten.read(store)
                undone |= forgotten.among(learner_ids)
                if forgotten:
                    forgotten.minus(self._stored(learner_ids)).write(store)
        return len(undone)

    def _stored(self, learner_ids: Collection[str]) -> frozenset[str]:
        """*learner_ids*, and what they are in the files."""
        return frozenset(stored for each in learner_ids for stored in self.stored_as(each)).union(learner_ids)

    def _erase(self, store: Store, stored: frozenset[str], began_at: datetime, *, look: bool) -> Done:
        erased = Erasure(store, stored, began_at).run()
        if not look:
            return Done(erased, root=store.root)
        left: Counter[Trace] = Counter()
        for trace, rows in traces(store, Sought(stored, erased.texts)):
            left[trace] += rows
        return Done(erased, dict(left), len(erased.texts), store.root)


def _place(place: Place) -> str:
    return f"{place.dataset} {place.day}".rstrip()
