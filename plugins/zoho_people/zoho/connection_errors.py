"""The errors of a connection by our names. Their texts may hold URLs and the other side's data: left out."""

from __future__ import annotations

import ssl
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import requests
from urllib3.exceptions import HTTPError, LocationParseError
from urllib3.exceptions import TimeoutError as PoolTimeout

from zoho_people.zoho.errors import (
    RequestFailed,
    ServerNotTrusted,
    TemporaryFailure,
    UnexpectedAnswer,
    ZohoError,
)
from zoho_people.zoho.said import printable


@contextmanager
def named_errors(timeout_s: float) -> Iterator[None]:
    """Raise what goes wrong in the block as a :class:`ZohoError`."""
    try:
        yield
    except (requests.exceptions.InvalidURL, LocationParseError) as error:
        raise RequestFailed(f"no connection to the server: {type(error).__name__}") from None
    except TimeoutError:
        raise TemporaryFailure(f"the answer took longer than {timeout_s:g} s") from None
    except (requests.exceptions.Timeout, PoolTimeout):
        raise TemporaryFailure(f"no answer within {timeout_s:g} s") from None
    except zlib.error:
        raise TemporaryFailure("the answer's packing is broken") from None
    except ValueError as error:  # for example a redirect to no URL
        raise UnexpectedAnswer(f"the answer can't be read: {type(error).__name__}") from None
    except (requests.exceptions.RequestException, HTTPError, OSError) as error:
        raise _failure(error) from None


def _failure(error: Exception) -> ZohoError:
    """Only a certificate that can't be verified is final; what else ends a connection may pass."""
    if type(error) is OSError and error.errno is None:  # of requests, before it connects
        return ServerNotTrusted(
            "the file of CA certificates is not there; correct REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE"
        )
    causes = list(_causes(error))
    unverified = next((one for one in causes if isinstance(one, ssl.SSLCertVerificationError)), None)
    if unverified is not None:
        why = printable(unverified.verify_message or "it is not valid").rstrip(".")
        return ServerNotTrusted(
            f"the server's certificate can't be verified: {why}; where a proxy of your organisation replaces "
            "certificates, set REQUESTS_CA_BUNDLE on each worker to a file with its CA's certificate; else check "
            "the connection's data_center, host and accounts_url"
        )
    reasons = (f", {printable(one.reason)}" for one in causes if isinstance(one, ssl.SSLError) and one.reason)
    return TemporaryFailure(f"the connection failed: {type(error).__name__}{next(reasons, '')}")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """*error* and what it was made of, which requests and urllib3 keep in arguments and attributes."""
    while isinstance(error, BaseException):
        yield error
        inner = [getattr(error, "reason", None), *error.args, error.__cause__, error.__context__]
        error = next((one for one in inner if isinstance(one, BaseException)), None)
