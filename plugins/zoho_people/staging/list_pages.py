"""The lists that a run has read: courses, batches, learners; page by page as they come.

Below ``_staging/<run_key>/rosters/``, for each list under a name of its own:

* ``<name>.pages/<start index>.arrow``: one page each, while more are to come;
* ``<name>.arrow``: the list is complete. Every item once, sorted by id as text;
* ``<name>.refused.json``: Zoho refused the list, and why;

and ``chosen.json``: the courses that the run is about. Every file is replaced as a whole, so a task that
died at any point goes on behind the last page that is there.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from itertools import compress
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from zoho_people.model.unit import Course
from zoho_people.staging.progress_rows import as_utc
from zoho_people.storage import layout
from zoho_people.storage.arrow_columns import Value, column
from zoho_people.storage.arrow_file import read_metadata, read_table, write_table
from zoho_people.storage.forgotten import Forgotten
from zoho_people.storage.schema import TIMESTAMP
from zoho_people.storage.store import Store
from zoho_people.zoho.lists import Item, ListPage, ZohoList

_FIELDS: list[pa.Field[Any]] = [
    pa.field("id", pa.string(), nullable=False),
    pa.field("item", pa.string(), nullable=False),
    pa.field("mark", pa.string(), nullable=False),
    pa.field("fetched_at", TIMESTAMP, nullable=False),
    pa.field("dag_run_id", pa.string(), nullable=False),
]
LIST_SCHEMA = pa.schema(_FIELDS)
"""``item`` is Zoho's own as a JSON object, ``mark`` what tells it from another, see :func:`mark_of`."""

_CHOSEN = "chosen.json"
_REFUSED = ".refused.json"


class RepeatedListPage(ValueError):
    """A page with nothing but items that earlier pages had, and more to come: reading on would never end.

    The list's pages are dropped, so that the next try begins at the first one.
    """


class NotStaged(FileNotFoundError):
    """What another task of the run was to stage is not there; clear that one as well."""


@dataclass(frozen=True, slots=True)
class ListProgress:
    """How far a list is: pages and items so far, and where to go on (None once complete).

    ``has_records`` is False once what Zoho said of each item was removed. So many learners on the list were
    ``forgotten``: nothing of them is kept.
    """

    pages: int = 0
    items: int = 0
    next_start_index: int | None = 0
    has_records: bool = True
    forgotten: int = 0

    @property
    def is_complete(self) -> bool:
        """Whether all of it is staged."""
        return self.next_start_index is None


def mark_of(item: Item) -> str:
    """What tells *item* from one with other content: 32 hex digits, whatever the order of its keys."""
    canonical = json.dumps(item, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:32]


def name_of(asked: ZohoList) -> str:
    """The list's name in staging."""
    if asked.of is None:
        return "courses"
    name = layout.course_name(asked.of)
    return f"batches-of-{name}" if asked.id_key == "batchId" else name


class RosterStaging:
    """One run's lists below *root* (see :class:`Store` for what that may be)."""

    def __init__(self, root: Any, run_key: str) -> None:
        self.root = root
        self.key = run_key

    run_key = staticmethod(layout.run_key)

    @cached_property
    def store(self) -> Store:
        """The files; temporary ones are within this run's folder and go with it."""
        return Store(self.root, scratch=f"{layout.staging_folder(self.key)}/_tmp")

    def progress(self, asked: ZohoList) -> ListProgress:
        """How far the list is."""
        try:
            return ListProgress(**read_metadata(self.store, self._complete(asked)))
        except FileNotFoundError:
            starts = self._page_starts(asked)
            return self._progress_at(asked, starts[-1]) if starts else ListProgress()

    def add_page(
        self, asked: ZohoList, page: ListPage, fetched_at: datetime, dag_run_id: str
    ) -> ListProgress:
        """Keep *page*; with the last one the list is complete. What is kept already changes nothing.

        :raises RepeatedListPage: when it repeats earlier pages and brings nothing else.
        :raises ValueError: when it does not follow the pages that are kept.
        """
        before = self.progress(asked)
        if before.is_complete or page.start_index < (before.next_start_index or 0):
            return before
        if page.start_index != before.next_start_index:
            raise ValueError(f"{asked}: the page at {page.start_index} is out of turn")
        page, forgotten = self._without_forgotten(asked, page)
        self._check_news(asked, page)
        after = ListProgress(
            before.pages + 1,
            before.items + len(page.ids),
            page.next_start_index,
            forgotten=before.forgotten + forgotten,
        )
        table = _table(page, as_utc(fetched_at), dag_run_id)
        if not after.is_complete:
            self._write(self._page(asked, page.start_index), table, after)
            return after
        kept = [self._rows_of_page(asked, start) for start in self._page_starts(asked)]
        whole = _each_once(pa.concat_tables([*kept, table]))
        after = replace(after, items=whole.num_rows)
        self._write(self._complete(asked), whole, after)
        self.store.delete_tree(self._pages(asked))
        self.store.delete(self._base(asked) + _REFUSED)
        return after

    def table(self, asked: ZohoList) -> pa.Table:
        """The items of a complete list as :data:`LIST_SCHEMA`, each once, sorted by id.

        :raises NotStaged: when it is not complete.
        """
        try:
            return read_table(self.store, self._complete(asked), LIST_SCHEMA)
        except FileNotFoundError:
            raise NotStaged(f"not staged: {asked}") from None

    def items(self, asked: ZohoList) -> Iterator[Item]:
        """The items of a complete list, as Zoho sent them.

        :raises NotStaged: when it is not complete.
        """
        texts: list[Any] = self.table(asked)["item"].to_pylist()
        return map(json.loads, texts)

    def leave_out(self, course: Course, learner_ids: Collection[str]) -> None:
        """Take *learner_ids*, who were forgotten, out of the complete roster of *course*."""
        leave_out(self.store, self._complete(ZohoList.roster(course)), learner_ids)

    def remove_records(self) -> None:
        """Remove what Zoho said of the learners (names, e-mail addresses, progress), but for their ids and marks.

        These two are in the run's plan, too, and all that a task needs that is cleared later.
        """
        for name in self.store.names(self._folder.rstrip("/")):
            if name.endswith(".pages"):
                self.store.delete_tree(self._folder + name)
            elif name.startswith("course-") and name.endswith(".arrow"):
                self._remove_records(self._folder + name)

    def _remove_records(self, path: str) -> None:
        table = read_table(self.store, path, LIST_SCHEMA)
        place = table.schema.get_field_index("item")
        nothing = column(("{}" for _ in range(table.num_rows)), pa.string())
        bare = table.set_column(place, table.schema.field(place), nothing)
        write_table(self.store, path, bare, read_metadata(self.store, path) | {"has_records": False})

    def refuse(self, asked: ZohoList, why: str) -> None:
        """Keep that Zoho refused the list; *why* must name no learner."""
        self.store.write(self._base(asked) + _REFUSED, json.dumps(why).encode())

    def refusal(self, asked: ZohoList) -> str | None:
        """Why Zoho refused the list, None where it did not."""
        try:
            why: str = json.loads(self.store.read(self._base(asked) + _REFUSED))
        except FileNotFoundError:
            return None
        return why

    def settled(self) -> frozenset[str]:
        """The names of the lists that are complete or refused, by one listing; see :func:`name_of`."""
        names = self.store.names(self._folder.rstrip("/"))
        return frozenset(
            name.removesuffix(end) for name in names for end in (".arrow", _REFUSED) if name.endswith(end)
        )

    def forget_refusals(self, asked: Iterable[ZohoList]) -> None:
        """Let the lists be asked for again."""
        if not any(name.endswith(_REFUSED) for name in self.store.names(self._folder.rstrip("/"))):
            return
        for one in asked:
            self.store.delete(self._base(one) + _REFUSED)

    def choose(self, courses: Sequence[Course]) -> None:
        """Keep the *courses* that the run is about: whole ones (of blended ones: all batches), and batches."""
        self.store.write(self._folder + _CHOSEN, json.dumps(list(map(str, courses))).encode())

    def chosen(self) -> list[Course]:
        """The courses that the run is about.

        :raises NotStaged: when they are not chosen yet.
        """
        try:
            texts = json.loads(self.store.read(self._folder + _CHOSEN))
        except FileNotFoundError:
            raise NotStaged(
                "the run's courses are not staged; clear the task that lists them as well"
            ) from None
        return [Course.parse(text) for text in texts]

    @property
    def _folder(self) -> str:
        return layout.staged_rosters_folder(self.key) + "/"

    def _base(self, asked: ZohoList) -> str:
        return self._folder + name_of(asked)

    def _complete(self, asked: ZohoList) -> str:
        return self._base(asked) + ".arrow"

    def _pages(self, asked: ZohoList) -> str:
        return self._base(asked) + ".pages"

    def _page(self, asked: ZohoList, start: int) -> str:
        return f"{self._pages(asked)}/{start:012d}.arrow"

    def _rows_of_page(self, asked: ZohoList, start: int) -> pa.Table:
        return read_table(self.store, self._page(asked, start), LIST_SCHEMA)

    def _page_starts(self, asked: ZohoList) -> list[int]:
        names = self.store.names(self._pages(asked))
        return [int(name.removesuffix(".arrow")) for name in names if name.endswith(".arrow")]

    def _progress_at(self, asked: ZohoList, start: int) -> ListProgress:
        return ListProgress(**read_metadata(self.store, self._page(asked, start)))

    def _write(self, path: str, table: pa.Table, progress: ListProgress) -> None:
        facts = {
            "pages": progress.pages,
            "items": progress.items,
            "next_start_index": progress.next_start_index,
            "forgotten": progress.forgotten,
        }
        write_table(self.store, path, table, facts)

    def _without_forgotten(self, asked: ZohoList, page: ListPage) -> tuple[ListPage, int]:
        """*page* without learners who were forgotten, and how many they are."""
        if asked.id_key != "learnerId":
            return page, 0
        forgotten = Forgotten.read(self.store).among(page.ids)
        stay = [each not in forgotten for each in page.ids]
        kept = replace(
            page,
            ids=tuple(compress(page.ids, stay)),
            items=tuple(compress(page.items, stay)),
            marks=None if page.marks is None else tuple(compress(page.marks, stay)),
        )
        return kept, stay.count(False)

    def _check_news(self, asked: ZohoList, page: ListPage) -> None:
        """Refuse a page that brings nothing new: compared with the first, the last and one in between.

        The one in between is the last whose number is a power of two. Whatever round pages go in, one of them
        comes to stand there and is met again; so a list of any length costs three looks a page.
        """
        starts = self._page_starts(asked)
        if not starts or not page.ids or page.next_start_index is None:
            return
        anchor = starts[2 ** (len(starts).bit_length() - 1) - 1]
        known: set[Any] = set()
        for start in {starts[0], anchor, starts[-1]}:
            known.update(self._rows_of_page(asked, start)["id"].to_pylist())
        if known.issuperset(page.ids):
            self.store.delete_tree(self._pages(asked))
            raise RepeatedListPage(
                f"{asked}: the page at {page.start_index} repeats items of earlier pages and brings no other"
            )


def leave_out(store: Store, path: str, learner_ids: Collection[str]) -> pa.Table:
    """Take *learner_ids*, who were forgotten, out of a staged roster or a page of one; the rows it had of them."""
    table = read_table(store, path, LIST_SCHEMA)
    theirs: Any = pc.is_in(table["id"], value_set=pa.array(sorted(learner_ids), pa.string()))
    found = table.filter(theirs)
    if found.num_rows:
        facts = read_metadata(store, path)
        facts["items"] -= found.num_rows
        facts["forgotten"] = facts.get("forgotten", 0) + found.num_rows
        write_table(store, path, table.filter(pc.invert(theirs)), facts)
    return found


def _table(page: ListPage, fetched_at: datetime, dag_run_id: str) -> pa.Table:
    rows = len(page.ids)
    columns: tuple[Iterable[Value], ...] = (
        page.ids,
        map(json.dumps, page.items),
        map(mark_of, page.items) if page.marks is None else page.marks,
        [fetched_at] * rows,
        [dag_run_id] * rows,
    )
    arrays = [column(values, field.type) for values, field in zip(columns, LIST_SCHEMA, strict=True)]
    return pa.Table.from_arrays(arrays, schema=LIST_SCHEMA)


def _each_once(table: pa.Table) -> pa.Table:
    """*table* sorted by id, each item once, as it came last: a list may change while it is read."""
    ids: list[Any] = table["id"].to_pylist()
    last_row = {item_id: row for row, item_id in enumerate(ids)}
    rows = column((last_row[item_id] for item_id in sorted(last_row)), pa.int64())
    return table.take(rows).combine_chunks()
