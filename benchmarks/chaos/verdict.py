"""What a trial showed: the dataset against the emulator's truth, and the emulator's journal against the limit."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow.dataset as ds

from benchmarks.chaos.reader import Reader
from benchmarks.chaos.trial import Trial
from benchmarks.chaos.truth import Truth, UnitKey
from tests.emulated.journey import KINDS, comparable, without


@dataclass(frozen=True)
class Verdict:
    """One row of the table. `locks` are those that our own requests caused; scripted ones don't count."""

    name: str
    fault: str
    times: int
    requests: int
    repeated: int
    missing: int
    doubled: int
    most: int
    locks: int
    seconds: float
    clean_s: float | None
    cleared: int
    readings: int
    misread: int
    ended: bool
    notes: tuple[str, ...]

    @property
    def is_kept(self) -> bool:
        """Whether nothing was lost or doubled, nobody was locked out, and it came to its end."""
        return self.ended and not any((self.missing, self.doubled, self.locks, self.misread))


def judge(trial: Trial, truth: Truth, reader: Reader, **facts: Any) -> Verdict:
    """The trial's row."""
    wanted = (unit for work in (trial.before, *(run.work for run in trial.runs)) for unit in work.units())
    expected = Counter(comparable(truth.rows(wanted)))
    actual = Counter(comparable(_dataset(trial)))
    entries = [entry for entry in trial.scene.ask("journal")["entries"] if entry["kind"] == "api"]
    decisions = Counter(entry["decision"] for entry in entries)
    missing, doubled = expected - actual, actual - expected
    _keep_evidence(trial, entries, missing, doubled)
    notes = [*trial.notes, *(f"reader: {what} ({n})" for what, n in reader.wrong.most_common(3))]
    if decisions["locked"]:
        notes.append(f"{decisions['locked']} sent while locked")
    return Verdict(
        requests=len(entries),
        repeated=_repeated(trial, entries),
        missing=missing.total(),
        doubled=doubled.total(),
        most=most_in_window([entry["at"] for entry in entries], trial.scene.scale.window_s),
        locks=decisions["threshold"],
        times=trial.done,
        seconds=trial.ended_at - trial.began_at,
        cleared=trial.cleared,
        readings=reader.files_read,
        misread=reader.wrong.total(),
        notes=tuple(notes),
        **facts,
    )


def _keep_evidence(trial: Trial, entries: list[Any], missing: Counter[str], doubled: Counter[str]) -> None:
    """Beside the data, for whoever looks into it: the journal, and rows that are missing or too many."""
    found = {"requests": entries, "missing": sorted(missing)[:20], "doubled": sorted(doubled)[:20]}
    trial.output.with_suffix(".json").write_text(json.dumps(found, indent=1))


def most_in_window(arrivals: Sequence[float], window_s: float) -> int:
    """The most arrivals in any window of that length, whatever instant it begins at."""
    most = first = 0
    for last, arrival in enumerate(arrivals):
        while arrival - arrivals[first] >= window_s:
            first += 1
        most = max(most, last - first + 1)
    return most


def _dataset(trial: Trial) -> list[dict[str, Any]]:
    folder = trial.output / "learner_progress"
    if not folder.exists():
        return []
    rows = ds.dataset(folder, format="parquet", partitioning="hive").to_table().to_pylist()
    return [without(row, "fetched_at", "dag_run_id") for row in rows]


def _repeated(trial: Trial, entries: Iterable[Mapping[str, Any]]) -> int:
    """Requests for a page beyond one for each run that wants it."""
    planned = Counter([unit for run in trial.runs for unit in run.work.units()] + trial.asked_beside)
    asked = Counter((_unit(entry), entry["params"].get("startIndex", "0")) for entry in entries)
    return sum(max(0, count - planned[unit]) for (unit, _), count in asked.items())


def _unit(entry: Mapping[str, Any]) -> UnitKey:
    """The unit that a request for progress is about, from its path and parameters."""
    parts = entry["path"].split("/")
    course = "/".join(parts[parts.index(name) + 1] for name in ("courses", "batches") if name in parts)
    return course, parts[parts.index("learners") + 1], KINDS[int(entry["params"]["entityType"])][0]
