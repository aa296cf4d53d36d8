"""The odd names, durations and extra fields that a real organisation collects over the years."""

from __future__ import annotations

from typing import Any

from zoho_emulator.draws import Draws

NAMES = (
    "Safety basics",
    "Onboarding / week 1",
    "Datenschutz für Führungskräfte",
    'The "quoted" test, it\'s 100 % done',
    "Sécurité 🔥 niveau 2 👩🏽‍🚒",
    "اختبار السلامة",
    "מבחן בטיחות \u200f(2024)",
    "e\u0301tude combine\u0301e Z\u0351\u036b\u0343a\u0363",
    "新入社員研修",
    "Tab\there, line\nbreak, bell\u0007",
    "  spaces around  ",
    "back\\slash, ../up, nul.csv",
    "=1+1",
    "{{ not_a_template }} %s {0}",
    "null",
    "007",
    "x" * 300,
)

DURATIONS = (
    "10 minutes",
    "20 minutes",
    "1 minute",
    "45 seconds",
    "1 hour",
    "1 hour 30 minutes",
    "2 hours 5 minutes 10 seconds",
    "01:30:00",
    "00:45",
    "0 minutes",
)

ODD_DURATIONS = ("", " ", "-", "n/a", "-5 minutes", "1.5 hours", "about an hour", "99:99:99", "三十分")

STATUSES = ("completed", "completed", "completed", "inprogress", "inprogress", "notstarted")

ODD_STATUSES = ("", "Completed", "evaluation pending", "überfällig")

PEOPLE = (
    "Asha Rao",
    "Zoë O'Neill",
    "李小龙",
    "محمد علي",
    'Jo\u0302se\u0301 "Pepe" Núñez',
    "Robert'); DROP TABLE learners;--",
    "Ana/Maria",
    "😀",
)


def extra_fields(draws: Draws) -> dict[str, Any]:
    """A few fields that no page documents: nested objects, lists, large integers, nulls, or none at all."""
    extras: dict[str, Any] = {}
    if draws.chance(0.5):
        extras["modifiedTime"] = 1_700_000_000_000 + draws.below(10_000_000_000)
    if draws.chance(0.3):
        extras["evaluator"] = {
            "name": draws.pick(PEOPLE),
            "zuid": 10**18 + draws.below(10**9),
            "photo": None,
        }
    if draws.chance(0.25):
        extras["attempts"] = [
            {"attempt": number + 1, "mark": draws.below(1000) / 10} for number in range(draws.below(4))
        ]
    if draws.chance(0.2):
        extras["tags"] = ["a/b", "", draws.pick(NAMES)][: draws.below(4)]
    if draws.chance(0.1):
        extras["checksum"] = 2**64 + draws.below(2**32)
    if draws.chance(0.1):
        extras["custom field ✓"] = {}
    return extras
