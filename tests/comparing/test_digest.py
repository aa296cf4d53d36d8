from __future__ import annotations

from collections import Counter
from datetime import date

from zoho_people.comparing.digest import MOST_COURSES, as_extra, as_text
from zoho_people.comparing.snapshot_comparison import DayChanges
from zoho_people.model.unit import Course

DAY, BEFORE, LONG_BEFORE = date(2026, 11, 24), date(2026, 11, 23), date(2026, 11, 20)


def test_a_digest_says_what_changed_where_and_what_was_compared() -> None:
    found = DayChanges(
        DAY,
        {Course("1"): Counter(completed=2, gone=1), Course("2", "3"): Counter(mark_changed=1_200)},
        Counter({BEFORE: 1_000, LONG_BEFORE: 1}),
        first_seen=4,
        lost=3,
        unknown=1,
        learners={"7", "8"},
    )
    assert as_text(found).splitlines() == [
        "Changes of snapshot_date=2026-11-24: 1 gone, 2 completed, 1,200 mark changed; of 2 learners",
        "compared 1,000 units with 2026-11-23; compared 1 unit with 2026-11-20; 4 units known for the first time; "
        "1 unit not known on that day; 3 units whose earlier rows are not kept any more",
        "              added    gone    completed    reopened    mark changed    status changed",
        "course 2/3        0       0            0           0           1,200                 0",
        "course 1          0       1            2           0               0                 0",
    ]
    assert as_extra(found)["previous_snapshot_date"] == "2026-11-23"
    assert as_extra(found)["units"] == {"compared": 1_001, "first_seen": 4, "unknown": 1, "not_kept": 3}


def test_a_digest_of_many_courses_sums_up_those_with_few_changes() -> None:
    courses = {Course(str(100 + number)): Counter(added=100 - number) for number in range(MOST_COURSES + 2)}
    lines = as_text(DayChanges(DAY, courses, Counter({BEFORE: 1}))).splitlines()[3:]
    assert len(lines) == MOST_COURSES + 1
    assert lines[0].split() == ["course", "100", "100", "0", "0", "0", "0", "0"]
    assert lines[-1].split() == ["2", "other", "courses", "175", "0", "0", "0", "0", "0"]


def test_a_first_snapshot_has_nothing_to_be_compared_with() -> None:
    found = DayChanges(DAY, first_seen=5)
    assert as_text(found).splitlines() == [
        "Changes of snapshot_date=2026-11-24: none",
        "nothing to compare: no unit was known in an earlier snapshot; 5 units known for the first time",
    ]
    assert as_extra(found)["previous_snapshot_date"] is None


def test_what_could_not_be_compared_is_told() -> None:
    assert "1 course could not be compared, see above" in as_text(DayChanges(DAY, failures=["x"]))
