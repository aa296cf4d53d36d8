"""Where files are: a local path or one in an object store, in a notation that can be compared."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Self

from zoho_people.model.unit import shown

STORES = ("s3", "gs", "gcs", "abfs", "abfss", "az")
"""The protocols of object stores, as the providers of Airflow name them."""

LONGEST = 1_024
"""How many characters a path or URL may have: as many as a key of an object store."""

_TEMPLATE_SIGNS = ("{{", "{%", "{#")
_SPECIAL = re.compile(r"[*?#\[\]]")
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_CONN_ID = re.compile(r"[\w.-]+", re.ASCII)
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class InvalidLocation(ValueError):
    """A text is no place for files. The message goes on where the caller named it, and tells the cure.

    Of a URL it quotes the protocol alone, and nothing that follows: it may be a secret.
    """


@dataclass(frozen=True, slots=True)
class Location:
    """``parts`` are the names from the file system's root, or the bucket's, on. A local one has no ``bucket``."""

    parts: tuple[str, ...]
    protocol: str = "file"
    bucket: str = ""
    conn_id: str | None = None

    @classmethod
    def parse(cls, text: object) -> Self:
        """The location that *text* names: an absolute path, or a URL such as ``s3://conn_id@bucket/folder``.

        :raises InvalidLocation: when it is neither, or may be understood in more ways than one.
        """
        if not isinstance(text, str) or text != text.strip() or not text.isprintable() or not text:
            raise InvalidLocation(f"{_quoted(text)} is not a path or URL; write /data/zoho or s3://…")
        _refuse_ambiguous(text)
        protocol, separator, rest = text.partition("://")
        if not separator:
            return cls(_local_parts(text, text))
        if protocol.lower() == "file":
            return cls(_local_parts(_plain(rest, "file"), text))
        if protocol.lower() not in STORES:
            raise InvalidLocation(
                f"{_quoted(text)} has a protocol that is not supported; write an absolute path, or a URL that "
                f"begins with one of: {', '.join(f'{name}://' for name in STORES)}"
            )
        return cls._in_store(protocol.lower(), _plain(rest, protocol))

    @classmethod
    def _in_store(cls, protocol: str, rest: str) -> Self:
        authority, _, path = rest.partition("/")
        userinfo, has_userinfo, bucket = authority.rpartition("@")
        if not _BUCKET.fullmatch(bucket) or (has_userinfo and not _CONN_ID.fullmatch(userinfo)):
            raise InvalidLocation(
                f"'{protocol}://…' names no bucket, or more than a bucket and a connection; write "
                f"{protocol}://conn_id@bucket/folder, and keys and passwords into the connection"
            )
        parts = _names(path)
        if ".." in parts:
            raise InvalidLocation(f"'{protocol}://…' leads out of its bucket; write it without '..'")
        return cls(parts, protocol, bucket, userinfo or None)

    def __str__(self) -> str:
        path = "/".join(self.parts)
        if not self.bucket:
            return f"/{path}"
        owner = f"{self.conn_id}@" if self.conn_id else ""
        return f"{self.protocol}://{owner}{self.bucket}" + (f"/{path}" if path else "")

    def below(self, root: Location) -> tuple[str, ...] | None:
        """The names that lead from *root* to here; None where it is neither there nor below.

        Symbolic links of local paths are followed. Another connection is another place.
        """
        if (self.protocol, self.bucket, self.conn_id) != (root.protocol, root.bucket, root.conn_id):
            return None
        own, others = self._real_parts(), root._real_parts()
        return own[len(others) :] if own[: len(others)] == others else None

    def _real_parts(self) -> tuple[str, ...]:
        return self.parts if self.bucket else _parts(os.path.realpath(str(self)))


def _refuse_ambiguous(text: str) -> None:
    """:raises InvalidLocation: where file systems, or Airflow, would read *text* in a way of their own."""
    if len(text) > LONGEST:
        raise InvalidLocation(f"has {len(text)} characters, and at most {LONGEST} are possible; shorten it")
    if any(sign in text for sign in _TEMPLATE_SIGNS):
        raise InvalidLocation(
            f"{_quoted(text)} looks like a template, and none is rendered here; write the path itself"
        )
    if "::" in text:
        raise InvalidLocation(f"{_quoted(text)} chains file systems by '::'; write one path or URL")


def _plain(rest: str, protocol: str) -> str:
    """What follows a protocol, where all of it is a name."""
    if any(sign in rest for sign in "?#\\") or _ESCAPE.search(rest):
        raise InvalidLocation(
            f"'{protocol}://…' has a query, a fragment or escaped characters; write plain names, and "
            "options and keys into the connection"
        )
    return rest


def _local_parts(path: str, text: str) -> tuple[str, ...]:
    """The names in the local *path* that *text* gives."""
    if not path.startswith("/"):
        raise InvalidLocation(
            f"{_quoted(text)} is relative; write an absolute path, since workers may run anywhere"
        )
    return tuple(part for part in _names(path) if part != "..")


def _names(path: str) -> tuple[str, ...]:
    if _SPECIAL.search(path):
        raise InvalidLocation("has one of * ? # [ ], which stand for more than a name; write it without them")
    return _parts(path)


def _parts(path: str) -> tuple[str, ...]:
    """The names in *path*, ``.`` and doubled slashes dropped, ``..`` taken back; at the front it stays."""
    found: list[str] = []
    for part in path.split("/"):
        if part == ".." and found and found[-1] != "..":
            found.pop()
        elif part not in ("", "."):
            found.append(part)
    return tuple(found)


def _quoted(text: object) -> str:
    """*text* as a message quotes it: of what has more than names in it only the beginning."""
    if not isinstance(text, str):
        return shown(text)
    protocol, separator, _ = text.partition("://")
    plain = re.split("[@?#:]", protocol if separator else text)[0]
    if separator:
        return shown(f"{plain}://…")
    return shown(f"{plain}…") if re.search("[@?#]", text) else shown(text)
