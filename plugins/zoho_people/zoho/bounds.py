"""How much an answer, a unit and a list may be before it is given up: what Zoho sends is far below, by default."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from zoho_people.model.wording import counted
from zoho_people.zoho.errors import InvalidSettings

_WHERE = "in the section [zoho_people] of Airflow's configuration"
UNIT_PAGES, LIST_PAGES = "max_pages_of_a_unit", "max_pages_of_a_list"
_DEFAULTS = {"max_answer_mib": 8, UNIT_PAGES: 200, LIST_PAGES: 8_000}
_MOST = {"max_answer_mib": 1_024, UNIT_PAGES: 1_000_000, LIST_PAGES: 1_000_000}
_BYTES_OF_A_VALUE = 16


@dataclass(frozen=True, slots=True)
class Bounds:
    """The bounds, each an option of the deployer's.

    ``answer_mib`` is how large an answer may be once it is unpacked: a page of 25 records is some 10 kB.
    ``unit_pages`` and ``list_pages`` are how many pages a unit and a list may have: 5,000 records of one type of
    one learner, and 200,000 learners of one course.
    """

    answer_mib: int = _DEFAULTS["max_answer_mib"]
    unit_pages: int = _DEFAULTS[UNIT_PAGES]
    list_pages: int = _DEFAULTS[LIST_PAGES]

    @classmethod
    def parse(cls, read: Callable[[str], str]) -> Bounds:
        """The bounds in the options that *read* gives, the usual ones where they are empty.

        :raises InvalidSettings: naming the option and the value that can't be.
        """
        return cls(*(_whole(name, read(name)) for name in _DEFAULTS))

    @property
    def answer_bytes(self) -> int:
        return self.answer_mib * 1024 * 1024

    @property
    def answer_values(self) -> int:
        """So many values an answer may have, since each takes more memory than it takes bytes in the answer."""
        return self.answer_bytes // _BYTES_OF_A_VALUE

    @property
    def too_large(self) -> str:
        """What is said of an answer beyond the bounds."""
        return (
            f"the answer is larger than {self.answer_mib} MiB, or has more than {self.answer_values} values: "
            f"it is no page; where it is one, raise max_answer_mib {_WHERE}"
        )

    def pages(self, option: str) -> int:
        """How many pages there may be by *option*, :data:`UNIT_PAGES` or :data:`LIST_PAGES`."""
        return {UNIT_PAGES: self.unit_pages, LIST_PAGES: self.list_pages}[option]

    def too_long(self, option: str) -> str:
        """What is said of something that has more."""
        said = f"Zoho says that more follows after {counted(self.pages(option), 'page')}"
        return f"{said}; where that is right, raise {option} {_WHERE}"


def _whole(name: str, text: str) -> int:
    if not text:
        return _DEFAULTS[name]
    if not re.fullmatch("[0-9]{1,7}", text, re.ASCII) or not 1 <= int(text) <= _MOST[name]:
        raise InvalidSettings(f"{name} {text[:20]!r} {_WHERE} is not a whole number from 1 to {_MOST[name]}")
    return int(text)
