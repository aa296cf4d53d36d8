"""Who may see learners' names on the page: ``[zoho_people] names_permission``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from zoho_people.configuration.deployment import SECTION, InvalidOption, option_text

NAMES_PERMISSION = "names_permission"
NOBODY, EDIT_DAG, EDIT_CONNECTIONS, VIEW = "nobody", "edit_dag", "edit_connections", "view"
_VIEW = re.compile(r"view:([\w .:-]{1,100})")


@dataclass(frozen=True, slots=True)
class NamesPermission:
    """What a user must be allowed beside reading the DAG; ``view`` is the name of a view of its own."""

    kind: str = NOBODY
    view: str = ""

    @classmethod
    def configured(cls) -> NamesPermission:
        """What the deployer set; nobody sees names where that is nothing.

        :raises InvalidOption: when it can't be.
        """
        text = option_text(NAMES_PERMISSION)
        if text.lower() in ("", NOBODY, EDIT_DAG, EDIT_CONNECTIONS):
            return cls(text.lower() or NOBODY)
        match = _VIEW.fullmatch(text)
        if not match:
            raise InvalidOption(
                f"[{SECTION}] {NAMES_PERMISSION} {text[:80]!r} can't be; use {NOBODY}, {EDIT_DAG}, "
                f"{EDIT_CONNECTIONS}, or view:<name of a view in your auth manager>"
            )
        return cls(VIEW, match[1].strip())
