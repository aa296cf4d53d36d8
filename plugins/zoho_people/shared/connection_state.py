"""What all tasks know of a connection; outside a task, what this process alone knows."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from functools import cached_property

from zoho_people.shared.election import is_elected
from zoho_people.shared.gate import SharedGate
from zoho_people.shared.ledger import DailyLedger
from zoho_people.shared.process import THIS_PROCESS, Process
from zoho_people.shared.sent_requests import SentRequest, SentRequests, written_down
from zoho_people.shared.text import MemoryText, SharedText
from zoho_people.shared.variables import VariableCounts, VariableNames, VariableText, variable_key

GATE_WAIT_S = 0.5
"""How long others are given to write what they were about to write, before a lock is looked at again."""


@dataclass(frozen=True)
class SharedState:
    """The state of the connection *conn_id*, in Airflow Variables, or in memory for a process *alone*.

    One that is alone counts no requests: nobody else could look at them.
    """

    conn_id: str
    alone: bool
    process: Process = THIS_PROCESS
    _memory: dict[str, MemoryText] = field(default_factory=dict)

    def gate(self, *, credentials: str) -> SharedGate:
        """What keeps every task from sending; *credentials* is the fingerprint of the connection's."""
        return SharedGate(
            lock=self._text("gate", "Until when Zoho People's API is locked; delete it to send all the same"),
            refusals=self._text(
                "refusals",
                "Zoho People's spent quota and refused credentials; delete it to send all the same",
            ),
            wait_for_others=self._wait_for_others,
            credentials=credentials,
        )

    @property
    def ledger(self) -> DailyLedger:
        """The requests of the day, of all tasks."""
        prefix = variable_key(self.conn_id, "requests") + "_"
        return DailyLedger(VariableCounts(prefix, "Requests to Zoho People of one UTC day and spender"))

    def sent_requests(self, *, limit: int, window_s: float, longest_s: float) -> SentRequests:
        """The requests of the last *window_s* seconds, of all tasks."""
        return SentRequests(
            self._sent_names,
            limit=limit,
            window_s=window_s,
            longest_s=longest_s,
            clock=self.process.now,
            sleep=self.process.sleep,
            dice=random.random,
        )

    def last_requests(self) -> list[SentRequest]:
        """The requests that are written down, those of the last window and a few of before; none when alone."""
        return [] if self.alone else written_down(self._sent_names)

    @property
    def _sent_names(self) -> VariableNames:
        prefix = variable_key(self.conn_id, "sent") + "_"
        return VariableNames(prefix, "A request to Zoho People that counts towards its limit for a window")

    @cached_property
    def token(self) -> SharedText:
        """The access token's text."""
        return self._text("access_token", "Zoho People access token, encrypted; made anew when deleted")

    def may_mint(self) -> bool:
        """Whether this process may mint the next token; one that is alone need not ask."""
        if self.alone:
            return True
        ballot = self._text("token_claim", "Which process may mint the next access token")
        return is_elected(ballot, clock=self.process.now, sleep=self.process.sleep)

    def _wait_for_others(self) -> None:
        if not self.alone:
            self.process.sleep(GATE_WAIT_S)

    def _text(self, what: str, description: str) -> SharedText:
        if self.alone:
            return self._memory.setdefault(what, MemoryText())
        return VariableText(variable_key(self.conn_id, what), description)
