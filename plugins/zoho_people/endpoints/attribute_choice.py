"""Which of Zoho's fields may be kept in the column ``attributes``: as the deployer chooses, else all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class AttributeChoice:
    """The names of the fields to *keep* (None: all), or of those to *drop*; in lower case.

    It is about fields that have no column, or whose value no column holds; never about a column. A field goes or
    stays as a whole, with all that is nested in it.
    """

    keep: frozenset[str] | None = None
    drop: frozenset[str] = frozenset()

    @classmethod
    def of(cls, keep: Iterable[str], drop: Iterable[str]) -> AttributeChoice:
        """The choice of the names to *keep* or to *drop*; where none is named everything stays."""
        kept, dropped = (frozenset(name.lower() for name in names) for names in (keep, drop))
        return cls(kept or None, dropped)

    def __str__(self) -> str:
        """What it leaves, in words; empty where that is everything."""
        if self.keep is not None:
            return f"only {', '.join(sorted(self.keep))}"
        return f"everything but {', '.join(sorted(self.drop))}" if self.drop else ""

    def apply(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Those of *fields* that may be kept, in their order."""
        return {name: value for name, value in fields.items() if self._stays(name.lower())}

    def _stays(self, name: str) -> bool:
        return name not in self.drop and (self.keep is None or name in self.keep)


EVERYTHING = AttributeChoice()
