"""How much a Param or a Variable may hold: what a run can carry along in Airflow's database without harm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from zoho_people.model.unit import PSEUDONYM_DIGITS


@dataclass(frozen=True, slots=True)
class Limit:
    """At most *items* texts of at most *chars* characters each; *cure* is what to do beyond."""

    items: int
    chars: int
    cure: str

    def complaint(self, values: Sequence[object]) -> str | None:
        """Why *values* are too much, None where they are not."""
        if len(values) > self.items:
            return f"has {len(values)} entries, and at most {self.items} are possible; {self.cure}"
        longest = max((len(value) for value in values if isinstance(value, str)), default=0)
        if longest > self.chars:
            return f"has an entry of {longest} characters, and at most {self.chars} are possible; shorten it"
        return None


_PATTERNS = "say the same in fewer rules, by patterns such as name:Safety*"

LIMITS: Mapping[str, Limit] = {
    "courses": Limit(1_000, 65, "leave it empty and choose by include and exclude, or give a roster_file"),
    "learner_ids": Limit(
        10_000, PSEUDONYM_DIGITS, "name them in a roster_file, or leave it empty for all learners"
    ),
    "include": Limit(200, 200, _PATTERNS),
    "exclude": Limit(200, 200, _PATTERNS),
    "entity_types": Limit(50, 50, "name each once"),
}
"""For each Param that is a list. An id has at most 32 digits, and a course may be followed by its batch; a learner
may be named by a pseudonym."""

MOST_NAMED_UNITS = 10_000_000
"""Courses x learners x entity types that may be named together: what a roster file of a million rows comes to."""
