"""Which of a record's fields is the entity's id.

Zoho documents ``testId`` for tests and nothing else, so each entity type has a closed list of keys, in capitals or
not. A record without any of them is refused by name: other ids stand in records, too (``moduleId``,
``gradeCategoryId``), and one of those taken for the entity's would be silently wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from zoho_people.model.entity_type import EntityType
from zoho_people.model.unit import id_digits, shown

_OF_ANY_TYPE = ("entityId", "id")
_OF_THE_UNIT = {"learnerid", "courseid", "batchid"}
_ENDS_IN_ID = re.compile(r"(?:I[dD]|_id)\Z|\A[iI][dD]\Z")
_NAMED = 5
_CHARS_OF_A_KEY = 40


class UnusableRecord(ValueError):
    """The record can't become a row; the message says why and quotes none of its values."""


def find_id(record: Mapping[str, object], entity_type: EntityType) -> tuple[str, str]:
    """The key and the digits of the entity's id.

    The type's own keys come before those of any type; of keys that differ in capitals only, the one that is
    written as Zoho writes keys comes first.

    :raises UnusableRecord: when no key of the closed list has digits; it names the keys for ids that are there.
    """
    names = id_keys(entity_type)
    for name in names:
        for key in (name, *_spellings(record, name)):
            digits = id_digits(record.get(key))
            if digits:
                return key, digits
    there = [key for key in record if _ENDS_IN_ID.search(key) and _folded(key) not in _OF_THE_UNIT]
    raise UnusableRecord(f"it has no usable {names[0]}; its keys that end in Id: {_listed(there)}")


def id_keys(entity_type: EntityType) -> tuple[str, ...]:
    """The closed list of *entity_type*, as Zoho writes keys; what it documents comes first."""
    return (*(f"{word}Id" for word in entity_type.key_words), *_OF_ANY_TYPE)


def _spellings(record: Mapping[str, object], name: str) -> Iterator[str]:
    return (key for key in record if _folded(key) == name.lower())


def _folded(key: str) -> str:
    return key.lower().replace("_", "")


def _listed(keys: Iterable[str]) -> str:
    """The first *keys*, shortened and escaped: they are Zoho's."""
    named = [shown(key[:_CHARS_OF_A_KEY]) for key in keys]
    return (", ".join(named[:_NAMED]) + (", …" if len(named) > _NAMED else "")) or "none"
