"""The lists that a run has read: courses, batches, learners; page by page as they come.

Below ``_staging/<run_key>/rosters/``, for each list under a name of its own:

* ``<name>.pages/<start index>.arrow`` and ``<name>.arrow``: see :mod:`.page_files`;
* ``<name>.refused.json``: Zoho refused the list, and why;

and ``chosen.json``: the courses that the run is about.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import compress
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from zoho_people.endpoints.course_learners import COURSE_LEARNERS
from zoho_people.endpoints.endpoint import Endpoint, Resource
from zoho_people.endpoints.registry import OF_LEARNERS
from zoho_people.endpoints.rows import RECORD_SCHEMA, staged_page
from zoho_people.model.outcome import Outcome
from zoho_people.model.unit import Course
from zoho_people.staging.page_files import PageFiles, RunStaging, StagedProgress
from zoho_people.storage import layout
from zoho_people.storage.arrow_columns import column, named_rows
from zoho_people.storage.arrow_file import read_metadata, read_table, write_table
from zoho_people.storage.forgotten import Forgotten
from zoho_people.storage.store import Store
from zoho_people.zoho.page import Page, Record

_CHOSEN = "chosen.json"
_REFUSED = ".refused.json"


class NotStaged(FileNotFoundError):
    """What another task of the run was to stage is not there; clear that one as well."""


class ListedRecord(NamedTuple):
    """A record of a list: its id, and what Zoho said."""

    record_id: str
    record: Record


class ListState(NamedTuple):
    """Whether a list is complete, or refused; if neither, it is left to be asked for."""

    listed: Resource
    is_complete: bool
    is_refused: bool

    @property
    def is_open(self) -> bool:
        """Whether it is left to be asked for."""
        return not (self.is_complete or self.is_refused)


class ListStaging(RunStaging):
    """One run's lists."""

    def progress(self, listed: Resource) -> StagedProgress:
        """How far the list is. That of a learner who was forgotten is done: nothing is asked for or kept of it."""
        if listed.learner_id is not None and listed.learner_id in Forgotten.read(self.store):
            return StagedProgress(next_start_index=None, done=True, forgotten=1)
        files = self._files(listed)
        try:
            return StagedProgress.of_facts(read_metadata(self.store, files.whole))
        except FileNotFoundError:
            return files.progress()

    def add_page(self, listed: Resource, page: Page, fetched_at: datetime, dag_run_id: str) -> StagedProgress:
        """Keep *page*; with the last one the list is complete. What is kept already changes nothing.

        :raises RepeatedPage: when it repeats earlier pages and brings nothing else.
        :raises PageOutOfTurn: when it does not follow the pages that are kept.
        """
        before = self.progress(listed)
        if before.done:
            return before
        files = self._files(listed)
        page, forgotten = self._without_forgotten(listed, page)
        table = staged_page(listed, page, fetched_at, dag_run_id)
        if page.has_more:
            files.keep(page, table, forgotten=forgotten)
        else:
            whole, after = files.finished(page, table, forgotten=forgotten)
            files.write(whole, after.facts())
            self.store.delete(files.base + _REFUSED)
        after = self.progress(listed)
        if listed.learner_id is not None and after.forgotten:
            files.remove()  # the learner was forgotten while the page was asked for
        return after

    def add_outcome(
        self, listed: Resource, outcome: str, error: str | None, at: datetime, dag_run_id: str
    ) -> None:
        """Keep that Zoho refused the list; after a failure it is asked for again. *error* must name no learner."""
        if outcome == Outcome.NOT_FOUND:
            self.store.write(self._files(listed).base + _REFUSED, json.dumps(error).encode())

    def complete(self, endpoint: Endpoint) -> list[Resource]:
        """The complete lists of *endpoint*, which are a learner's each; by one listing."""
        begin, end = endpoint.staged_before_id, ".arrow"
        return [
            endpoint.of(learner_id=name.removeprefix(begin).removesuffix(end))
            for name in self.store.names(self._folder.rstrip("/"))
            if name.startswith(begin) and name.endswith(end)
        ]

    def table(self, listed: Resource) -> pa.Table:
        """The records of a complete list as :data:`~zoho_people.endpoints.rows.RECORD_SCHEMA`, sorted by id.

        :raises NotStaged: when it is not complete.
        """
        try:
            return self._files(listed).table()
        except FileNotFoundError:
            raise NotStaged(f"not staged: {listed}") from None

    def records(self, listed: Resource) -> Iterator[ListedRecord]:
        """The records of a complete list, each once, sorted by id.

        :raises NotStaged: when it is not complete.
        """
        rows = named_rows(self.table(listed).select(["id", "item"]))
        return (ListedRecord(row["id"], json.loads(row["item"])) for row in rows)

    def leave_out(self, course: Course, learner_ids: Collection[str]) -> None:
        """Take *learner_ids*, who were forgotten, out of the complete list of the learners of *course*."""
        leave_out(self.store, self._files(COURSE_LEARNERS.of(course)).whole, learner_ids)

    def remove_records(self) -> None:
        """Remove what Zoho said of the learners (names, e-mail addresses, progress), but for ids and fingerprints.

        These two are in the run's plan, too, and all that a task needs that is cleared later.
        """
        for name in self.store.names(self._folder.rstrip("/")):
            if name.startswith(tuple(endpoint.staged_before_id for endpoint in OF_LEARNERS)):
                continue  # read and removed in a time of its own
            if name.endswith(".pages"):
                self.store.delete_tree(self._folder + name)
            elif layout.is_staged_roster(self._folder + name):
                self._remove_records(self._folder + name)

    def remove(self, endpoint: Endpoint) -> None:
        """Remove the complete lists of *endpoint*, which are a learner's each."""
        for listed in self.complete(endpoint):
            self._files(listed).remove()

    def _remove_records(self, path: str) -> None:
        table = read_table(self.store, path, RECORD_SCHEMA)
        place = table.schema.get_field_index("item")
        nothing = column(("{}" for _ in range(table.num_rows)), pa.string())
        bare = table.set_column(place, table.schema.field(place), nothing)
        progress = StagedProgress.of_facts(read_metadata(self.store, path))
        write_table(self.store, path, bare, replace(progress, has_records=False).facts())

    def refusal(self, listed: Resource) -> str | None:
        """Why Zoho refused the list, None where it did not."""
        try:
            why: str = json.loads(self.store.read(self._files(listed).base + _REFUSED))
        except FileNotFoundError:
            return None
        return why

    def states(self, lists: Iterable[Resource]) -> Iterator[ListState]:
        """How each of *lists* stands, by one listing."""
        names = {self._folder + name for name in self.store.names(self._folder.rstrip("/"))}
        for listed in lists:
            files = self._files(listed)
            yield ListState(listed, files.whole in names, files.base + _REFUSED in names)

    def forget_refusals(self, lists: Iterable[Resource]) -> None:
        """Let the lists be asked for again."""
        if not any(name.endswith(_REFUSED) for name in self.store.names(self._folder.rstrip("/"))):
            return
        for listed in lists:
            self.store.delete(self._files(listed).base + _REFUSED)

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

    def _files(self, listed: Resource) -> PageFiles:
        return PageFiles(self.store, self.key, listed)

    def _without_forgotten(self, listed: Resource, page: Page) -> tuple[Page, int]:
        """*page* without learners who were forgotten, and how many they are."""
        if not listed.endpoint.lists_learners:
            return page, 0
        forgotten = Forgotten.read(self.store).among(page.ids)
        stay = [each not in forgotten for each in page.ids]
        kept = replace(
            page,
            ids=tuple(compress(page.ids, stay)),
            records=tuple(compress(page.records, stay)),
            fingerprints=None if page.fingerprints is None else tuple(compress(page.fingerprints, stay)),
        )
        return kept, stay.count(False)


def leave_out(store: Store, path: str, learner_ids: Collection[str]) -> pa.Table:
    """Take *learner_ids*, who were forgotten, out of a staged roster or a page of one; the rows it had of them."""
    table = read_table(store, path, RECORD_SCHEMA)
    theirs: Any = pc.is_in(table["id"], value_set=pa.array(sorted(learner_ids), pa.string()))
    found = table.filter(theirs)
    if found.num_rows:
        before = StagedProgress.of_facts(read_metadata(store, path))
        after = replace(
            before, rows=before.rows - found.num_rows, forgotten=before.forgotten + found.num_rows
        )
        write_table(store, path, table.filter(pc.invert(theirs)), after.facts())
    return found
