"""A body's bytes off the wire, unpacked, within a time and a size."""

from __future__ import annotations

import zlib
from collections.abc import Callable

from urllib3 import BaseHTTPResponse

from zoho_people.zoho.bounds import Bounds
from zoho_people.zoho.errors import TemporaryFailure, UnexpectedAnswer
from zoho_people.zoho.said import printable

ACCEPTED = "gzip"
"""The packing to ask for: the one that :func:`read_body` undoes."""

_CHUNK_BYTES = 64 * 1024
_GZIP = 16 + zlib.MAX_WBITS


def read_body(response: BaseHTTPResponse, bounds: Bounds, *, is_late: Callable[[], bool]) -> bytes:
    """The body of *response*, to be given up as soon as one of *bounds* is passed, or *is_late* says so.

    Both are looked at after each piece that comes off the wire, packed as it is: what a packed body comes to, and
    whether it comes to anything, is up to whoever sends it.

    :raises UnexpectedAnswer: it is too large, or packed in a way that was not asked for.
    :raises TemporaryFailure: it takes too long, or its packing is broken.
    """
    gunzip = _gunzip(response)
    body, received = bytearray(), 0
    while chunk := response.read1(_CHUNK_BYTES, decode_content=False):
        received += len(chunk)
        body += gunzip.feed(chunk, most=bounds.answer_bytes + 1 - len(body)) if gunzip else chunk
        if max(received, len(body)) > bounds.answer_bytes:
            raise UnexpectedAnswer(bounds.too_large, http_status=response.status)
        if is_late():
            raise TimeoutError
    if gunzip and not gunzip.is_complete:
        raise TemporaryFailure("the answer's packing is cut off", http_status=response.status)
    return bytes(body)


class _Gunzip:
    """Undoes gzip piece by piece, and makes no more of a piece than it is allowed to."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(_GZIP)
        self.is_complete = True

    def feed(self, chunk: bytes, *, most: int) -> bytes:
        """What *chunk* comes to, *most* bytes of it."""
        unpacked = bytearray()
        while chunk and len(unpacked) < most:
            unpacked += self._member.decompress(chunk, most - len(unpacked))
            self.is_complete = self._member.eof
            chunk = self._member.unused_data
            if self.is_complete:
                self._member = zlib.decompressobj(_GZIP)
        return bytes(unpacked)


def _gunzip(response: BaseHTTPResponse) -> _Gunzip | None:
    """What unpacks the body; None where it is not packed."""
    packing = response.headers.get("Content-Encoding", "").strip().lower()
    if packing in {"", "identity"}:
        return None
    if packing in {"gzip", "x-gzip"}:
        return _Gunzip()
    raise UnexpectedAnswer(
        f"the answer is packed as {printable(packing, limit=40)}", http_status=response.status
    )
