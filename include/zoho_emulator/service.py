"""The emulated service as a whole: its state, and what it decides about each request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from zoho_emulator import answers
from zoho_emulator.answers import Answer
from zoho_emulator.api import Api, Request
from zoho_emulator.clock import Clock
from zoho_emulator.faults import Faults
from zoho_emulator.journal import API, TOKEN, Journal
from zoho_emulator.limiter import Limiter, most_in_any_window
from zoho_emulator.lists import Lists
from zoho_emulator.organisation import Organisation
from zoho_emulator.settings import Settings
from zoho_emulator.target import target_of
from zoho_emulator.tokens import Token, Tokens, TooManyTokensError

_SCHEME = "zoho-oauthtoken "
_SCOPES = frozenset({"ZOHOPEOPLE.training.READ", "ZOHOPEOPLE.training.ALL"})
_CREDENTIALS = ("client_id", "client_secret", "refresh_token", "code")
_GRANTS = ("refresh_token", "authorization_code")


@dataclass(slots=True)
class Service:
    """Answers one request after the other; nothing in it waits, sleeps or looks at a clock but *clock*."""

    organisation: Organisation
    settings: Settings
    clock: Clock
    faults: Faults
    limiter: Limiter
    tokens: Tokens
    journal: Journal
    day: int = 0
    used_codes: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, organisation: Organisation, settings: Settings, *, clock: Clock, faults: Faults) -> Service:
        """A service that nobody has asked anything yet."""
        return cls(organisation, settings, clock, faults, Limiter(settings), Tokens(settings), Journal())

    @property
    def lists(self) -> Lists:
        """What can be read now."""
        return Lists(self.organisation, self.settings, self.day)

    def ask(self, request: Request) -> Answer:
        """The answer to an API request; whatever it is, the request has counted."""
        now = self.clock()
        answer = self._within_limits(request, now)
        self._note(request, now, API, answer)
        return self._late(answer)

    def sign_in(self, request: Request, form: Mapping[str, str], *, api_domain: str) -> Answer:
        """The answer to a token request; it doesn't count towards the API's limits."""
        now = self.clock()
        target = target_of(request, kind=TOKEN)
        answer = self._with_faults(
            request, now, target.kind, lambda _: self._token(request, form, now, api_domain)
        )
        self._note(request, now, TOKEN, answer)
        return self._late(answer)

    def change(self, settings: Settings) -> None:
        """Go on with other settings; what has been counted stays counted."""
        self.settings = self.limiter.settings = self.tokens.settings = settings

    def reset(self) -> None:
        """Forget every request, lock, token and fault; settings and day stay."""
        self.faults = Faults()
        self.limiter = Limiter(self.settings)
        self.tokens = Tokens(self.settings)
        self.journal = Journal()
        self.used_codes = set()

    def stats(self) -> dict[str, Any]:
        """The journal in numbers, and how things stand now."""
        now = self.clock()
        window = self.settings.window_seconds
        arrivals = self.journal.arrivals()
        return {
            "requests": {kind: len(self.journal.arrivals(kind)) for kind in (API, TOKEN)},
            "by_status": {kind: self.journal.count_by_status(kind) for kind in (API, TOKEN)},
            "by_decision": {kind: self.journal.count_by_decision(kind) for kind in (API, TOKEN)},
            "threshold": self.settings.threshold,
            "window_seconds": window,
            "most_in_any_window": most_in_any_window(arrivals, window_seconds=window),
            "requests_in_last_window": sum(now - arrival < window for arrival in arrivals),
            "first_arrival": arrivals[0] if arrivals else None,
            "last_arrival": arrivals[-1] if arrivals else None,
            "locks_caused": self.limiter.locks_caused,
            "locks_from_outside": self.limiter.locks_from_outside,
            "locked_until": self.limiter.locked_until if self.limiter.is_locked(now) else None,
            "requests_today": self.limiter.requests_today(now),
            "daily_limit": self.settings.daily_limit,
            "tokens_minted": self.tokens.minted,
            "tokens_alive": self.tokens.alive(now),
            "day": self.day,
            "now": now,
        }

    def _within_limits(self, request: Request, now: float) -> Answer:
        decision = self.limiter.arrive(now)
        if decision == "daily":
            return answers.daily_limit_reached(self.settings)
        if decision != "ok":
            left = (self.limiter.locked_until or now) - now
            return answers.locked(self.settings, seconds_left=left, decision=decision)
        return self._with_faults(request, now, API, lambda seen: self._authorised(seen, now))

    def _with_faults(
        self, request: Request, now: float, kind: str, work: Callable[[Request], Answer]
    ) -> Answer:
        action = self.faults.strike(target_of(request, kind=kind))
        if action is None:
            return work(request)
        if action.type == "locked":
            seconds = action.options["seconds"]
            seconds = self.settings.lock_seconds if seconds is None else seconds
            if seconds:
                self.limiter.lock(now, seconds=seconds)
        if action.type == "unauthorized" and action.options["revoke"]:
            self.tokens.revoke(_token_text(request))
        if action.type == "endless":
            start = request.params.get("startIndex") or "0"
            action = replace(action, options={"start_index": int(start) if start.isdecimal() else 0})
        if action.type in {"repeat_page", "endless"}:
            request = replace(request, params={**request.params, "startIndex": "0"})
        due = work(request) if action.needs_due else answers.good({})
        return action.apply(due, self.settings)

    def _authorised(self, request: Request, now: float) -> Answer:
        token = self._sender(request, now)
        if token is None:
            return answers.invalid_token(self.settings)
        if not _SCOPES.intersection(token.scope.split(",")):
            return answers.scope_mismatch(self.settings)
        return Api(self.lists).answer(request)

    def _sender(self, request: Request, now: float) -> Token | None:
        return self.tokens.find(_token_text(request), now)

    def _token(self, request: Request, form: Mapping[str, str], now: float, api_domain: str) -> Answer:
        if any(name in request.params for name in _CREDENTIALS):
            return answers.token_error("secret_in_url")
        if request.method != "POST" or form.get("grant_type") not in _GRANTS:
            return answers.token_error("unsupported_grant_type")
        if any(form.get(name) != getattr(self.settings, name) for name in ("client_id", "client_secret")):
            return answers.token_error("invalid_client")
        if not self._is_granted(form):
            return answers.token_error("invalid_code")
        try:
            token = self.tokens.mint(now)
        except TooManyTokensError:
            return answers.token_error("Access Denied")
        return answers.good(
            {
                "access_token": token.text,
                **({"refresh_token": self.settings.refresh_token} if "code" in form else {}),
                "scope": token.scope,
                "api_domain": api_domain,
                "token_type": "Bearer",
                "expires_in": int(self.settings.token_lifetime_seconds),
            }
        )

    def _is_granted(self, form: Mapping[str, str]) -> bool:
        """Whether the refresh token is right, or the code, which is good once."""
        if form["grant_type"] == "refresh_token":
            return form.get("refresh_token") == self.settings.refresh_token
        code = form.get("code")
        if code != self.settings.grant_code or code in self.used_codes:
            return False
        self.used_codes.add(code)
        return True

    def _note(self, request: Request, now: float, kind: str, answer: Answer) -> None:
        self.journal.write(
            at=now,
            kind=kind,
            method=request.method,
            path=request.path,
            params=request.params,
            status=answer.status_seen,
            decision=answer.decision,
        )

    def _late(self, answer: Answer) -> Answer:
        return replace(answer, delay_seconds=answer.delay_seconds + self.settings.latency_ms / 1000)


def _token_text(request: Request) -> str:
    text = request.authorization
    return text[len(_SCHEME) :].strip() if text.lower().startswith(_SCHEME) else ""
