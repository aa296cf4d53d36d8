"""The pages of one resource as they come, and the whole of it once the last one is there.

* ``<name>.pages/<start index>.arrow``: one page each, while more are to come;
* ``<name>.arrow``: the whole. Every record once, as it came last, sorted by id as text.

Every file is replaced as a whole and says in its schema's metadata what came before it, so a task that died at any
point goes on behind the last page that is there. A page is only kept in its turn; so the last one vouches for
those before it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa

from zoho_people.endpoints.endpoint import Resource
from zoho_people.endpoints.rows import staged_key, staged_schema
from zoho_people.storage import layout
from zoho_people.storage.arrow_columns import column, values
from zoho_people.storage.arrow_file import read_metadata, read_table, write_table
from zoho_people.storage.store import Store
from zoho_people.zoho.page import Page


class RepeatedPage(ValueError):
    """A page with nothing but records that earlier pages had, and more to come: reading on would never end.

    The pages are dropped, so that the next try begins at the first one.
    """


class PageOutOfTurn(ValueError):
    """A page that does not follow what is staged; the message says where to go on."""


@dataclass(frozen=True, slots=True)
class StagedProgress:
    """How far a resource is. ``rows`` counts records as they came; once ``done``, those that are different.

    ``next_start_index`` is where to go on (None once done). ``outcome`` is what came of a unit, None while nothing
    is decided; a unit that ``failed`` is not done. So many learners on a list were ``forgotten``: nothing of them
    is kept. ``has_records`` is False once what Zoho said of each was removed.
    """

    pages: int = 0
    rows: int = 0
    next_start_index: int | None = 0
    done: bool = False
    outcome: str | None = None
    forgotten: int = 0
    has_records: bool = True

    @classmethod
    def of_facts(cls, facts: Mapping[str, Any]) -> StagedProgress:
        """What :meth:`facts` wrote."""
        return cls(**facts, done=facts["next_start_index"] is None)

    def facts(self) -> dict[str, Any]:
        """What a file says of the progress."""
        return {name: value for name, value in asdict(self).items() if name not in ("done", "outcome")}


class RunStaging:
    """What a run has staged below *root* (see :class:`Store` for what that may be)."""

    def __init__(self, root: Any, run_key: str) -> None:
        self.root = root
        self.key = run_key

    run_key = staticmethod(layout.run_key)

    @cached_property
    def store(self) -> Store:
        """The files; temporary ones are within this run's folder and go with it."""
        return Store(self.root, scratch=f"{layout.staging_folder(self.key)}/_tmp")


class PageFiles:
    """The pages of *resource* below the staging of the run *run_key*."""

    def __init__(self, store: Store, run_key: str, resource: Resource) -> None:
        self._store = store
        self.resource = resource
        self.base = resource.staged_in(run_key)
        self.whole = f"{self.base}.arrow"
        self.folder = f"{self.base}.pages"

    def progress(self) -> StagedProgress:
        """How far the pages are; the whole is not looked at."""
        return self._progress_at(self._starts())

    def table(self) -> pa.Table:
        """The whole.

        :raises FileNotFoundError: when it is not there.
        """
        return read_table(self._store, self.whole, staged_schema(self.resource))

    def keep(self, page: Page, table: pa.Table, *, forgotten: int = 0) -> None:
        """Keep *page*, of which *table* is what is staged and which is not the last.

        One that is kept already changes nothing; one that comes again with another end takes the place of the old
        one and of those behind it. *forgotten* is how many learners were left out of it.

        :raises PageOutOfTurn: when it does not follow the pages that are kept.
        :raises RepeatedPage: when it repeats earlier pages and brings nothing else.
        """
        starts = self._checked_starts(page, table)
        earlier = [start for start in starts if start < page.start_index]
        if page.start_index in starts:
            if self._progress_at([page.start_index]).next_start_index == page.next_start_index:
                return
            for start in reversed(starts[len(earlier) :]):
                self._store.delete(self._page(start))
        before = self._progress_at(earlier)
        after = StagedProgress(
            before.pages + 1,
            before.rows + table.num_rows,
            page.next_start_index,
            forgotten=before.forgotten + forgotten,
        )
        write_table(self._store, self._page(page.start_index), table, after.facts())

    def finished(self, page: Page, table: pa.Table, *, forgotten: int = 0) -> tuple[pa.Table, StagedProgress]:
        """The whole with *page* as its last one; :meth:`write` keeps it.

        :raises PageOutOfTurn: when it does not follow the pages that are kept.
        """
        starts = [start for start in self._checked_starts(page, table) if start < page.start_index]
        before = self._progress_at(starts)
        whole = _each_once(pa.concat_tables([*map(self._rows, starts), table]), staged_key(self.resource))
        return whole, StagedProgress(
            before.pages + 1, whole.num_rows, None, done=True, forgotten=before.forgotten + forgotten
        )

    def write(self, whole: pa.Table, facts: Mapping[str, Any]) -> None:
        """Keep the whole; pages that a crash leaves are never looked at."""
        write_table(self._store, self.whole, whole, facts)
        self._store.delete_tree(self.folder)

    def remove(self) -> None:
        """Remove all of it."""
        self._store.delete(self.whole)
        self._store.delete_tree(self.folder)

    def _page(self, start: int) -> str:
        return f"{self.folder}/{start:012d}.arrow"

    def _rows(self, start: int) -> pa.Table:
        return read_table(self._store, self._page(start), staged_schema(self.resource))

    def _progress_at(self, starts: Sequence[int]) -> StagedProgress:
        """How far the last page is of those that begin at *starts*."""
        if not starts:
            return StagedProgress()
        return StagedProgress.of_facts(read_metadata(self._store, self._page(starts[-1])))

    def _starts(self) -> list[int]:
        names = self._store.names(self.folder)
        return [int(name.removesuffix(".arrow")) for name in names if name.endswith(".arrow")]

    def _checked_starts(self, page: Page, table: pa.Table) -> list[int]:
        """Where the pages begin that are kept, when *page* goes with them."""
        starts = self._starts()
        expected = self._progress_at(starts).next_start_index or 0
        if page.start_index != expected and page.start_index not in starts:
            raise PageOutOfTurn(
                f"{self.resource}: the page at {page.start_index} is out of turn; go on at {expected}"
            )
        earlier = [start for start in starts if start < page.start_index]
        if earlier and table.num_rows and page.has_more:
            self._check_news(page, table, earlier)
        return starts

    def _check_news(self, page: Page, table: pa.Table, starts: list[int]) -> None:
        """Refuse a page that brings nothing new: compared with the first, the last and one in between.

        The one in between is the last whose number is a power of two. Whatever round pages go in, one of them
        comes to stand there and is met again; so any number of pages costs three looks a page.
        """
        anchor = starts[2 ** (len(starts).bit_length() - 1) - 1]
        key = staged_key(self.resource)
        known: set[Any] = set()
        for start in {starts[0], anchor, starts[-1]}:
            known.update(self._rows(start)[key].to_pylist())
        if known.issuperset(table[key].to_pylist()):
            self._store.delete_tree(self.folder)
            raise RepeatedPage(
                f"{self.resource}: the page at {page.start_index} repeats records of earlier pages and brings no "
                "other"
            )


def _each_once(table: pa.Table, key: str) -> pa.Table:
    """*table* sorted by *key*, each record once, as it came last.

    Zoho's pages are offsets into a list that may change while it is read: a record that is added in the meantime
    pushes another from the end of one page to the start of the next, where it comes again. What came last was
    read last.
    """
    last_row = {record_id: row for row, record_id in enumerate(values(table[key]))}
    rows = column((last_row[record_id] for record_id in sorted(last_row)), pa.int64())
    return table.take(rows).combine_chunks()
