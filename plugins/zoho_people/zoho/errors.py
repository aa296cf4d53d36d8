"""What can go wrong with a request, named by what the caller does next.

::

    ZohoError
    ├── InvalidSettings       correct the connection; nothing was sent
    ├── Locked                send nothing until ``retry_after_s`` has passed, then ask again
    ├── QuotaExhausted        send nothing more today
    ├── TemporaryFailure      ask again later
    ├── TokenRejected         renew the access token once, then ask again
    ├── TokenThrottled        mint no token until ``retry_after_s`` has passed
    ├── CredentialsRejected   stop the run: only a person can mend it
    ├── ServerNotTrusted      stop the run: the machine has to be told whose certificates are good
    ├── LearnerNotFound       skip this learner: a fact, not a failure
    └── RequestFailed         fail at once: asking again would give the same
        ├── Forbidden
        ├── CourseNotFound
        └── UnexpectedAnswer  Zoho answered something else than was asked for

Every error carries the facts as attributes. Texts from Zoho are shortened and their control characters
escaped; no error ever carries a token, a secret or a learner's record.
"""

from __future__ import annotations

from typing import Any


class ZohoError(Exception):
    """A request to Zoho People that did not give what was asked for.

    ``http_status`` and ``code`` (the body's own) are None where there was no answer or it had none.
    """

    def __init__(
        self,
        message: str,
        *,
        http_status: int | None = None,
        code: str | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.http_status = http_status
        self.code = code
        self.retry_after_s = retry_after_s

    def facts(self) -> dict[str, Any]:
        """The error as JSON values, from which :func:`error_from_facts` makes it again."""
        return {"error": type(self).__name__, "message": self.message, **self._attributes()}

    def _attributes(self) -> dict[str, Any]:
        return {"http_status": self.http_status, "code": self.code, "retry_after_s": self.retry_after_s}


class InvalidSettings(ZohoError, ValueError):
    """The connection lacks a value or has an impossible one; the message names the field and the cure."""


class Locked(ZohoError):
    """The API is locked since more requests were sent than the threshold allows.

    ``retry_after_s`` is Zoho's own word (``Retry-After``), None where it gave none.
    """


class QuotaExhausted(ZohoError):
    """The organisation's daily quota of API calls is spent."""


class TemporaryFailure(ZohoError):
    """No usable answer this time: a server error, a time-out, a reset, or a body cut off or not JSON.

    An error inside HTTP 200, too, unless its code or words are one that Zoho documents as final.
    """


class TokenRejected(ZohoError):
    """Zoho does not accept the access token (any more): expired or revoked."""


class TokenThrottled(ZohoError):
    """Too many access tokens were minted lately; ``retry_after_s`` says when the next may be."""


class CredentialsRejected(ZohoError):
    """Client id, client secret, refresh token or scope are wrong; the message says which and the cure."""


class ServerNotTrusted(ZohoError):
    """The server's certificate can't be verified; nothing was sent."""


class LearnerNotFound(ZohoError):
    """Zoho knows no such learner in this course."""


class RequestFailed(ZohoError):
    """Zoho refused the request for good; the message has what Zoho said."""


class Forbidden(RequestFailed):
    """The account behind the token may not see this learner or course."""


class CourseNotFound(RequestFailed):
    """Zoho knows no such course or batch."""


class UnexpectedAnswer(RequestFailed):
    """The answer is too large, too deep, or not about what was asked for."""


def is_final(error: BaseException) -> bool:
    """Whether asking again would give the same, until a person (or midnight) changed something."""
    return isinstance(error, (*ENDS_ALL, QuotaExhausted, RequestFailed))


ENDS_ALL = (CredentialsRejected, InvalidSettings, ServerNotTrusted)
"""What is the same for whatever is asked next: a person has to change something first."""


def _tree(base: type[ZohoError]) -> dict[str, type[ZohoError]]:
    found = {base.__name__: base}
    for child in base.__subclasses__():
        found |= _tree(child)
    return found


def error_from_facts(facts: dict[str, Any]) -> ZohoError:
    """The error that :meth:`ZohoError.facts` described."""
    attributes = dict(facts)
    return _tree(ZohoError)[attributes.pop("error")](attributes.pop("message"), **attributes)
