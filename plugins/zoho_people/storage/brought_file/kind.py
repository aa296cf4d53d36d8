"""What a file is by its first bytes, and the cure for what can't be read."""

from __future__ import annotations

HEAD_BYTES = 4_096
PARQUET = b"PAR1"

_SAVE = "open it in the spreadsheet, format the id columns as text, and save it as 'CSV UTF-8'"
_UNPACK = "unpack it first"
_UTF_8 = "save it as UTF-8 (in a spreadsheet: 'CSV UTF-8')"

_KINDS = (
    (b"PARE", "Parquet with an encrypted footer", "write it without encryption"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook (.xls)", _SAVE),
    (b"\x1f\x8b", "compressed with gzip", _UNPACK),
    (b"BZh", "compressed with bzip2", _UNPACK),
    (b"\xfd7zXZ\x00", "compressed with xz", _UNPACK),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd", _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", _UNPACK),
    (b"Rar!", "a RAR archive", _UNPACK),
    (b"\xff\xfe", "UTF-16", _UTF_8),
    (b"\xfe\xff", "UTF-16", _UTF_8),
    (b"ORC", "ORC", "write CSV or Parquet"),
    (b"Obj\x01", "Avro", "write CSV or Parquet"),
    (b"ARROW1", "an Arrow file", "write CSV or Parquet"),
    (b"%PDF", "a PDF", "write CSV or Parquet"),
    (b"{", "JSON", "write CSV or Parquet"),
    (b"[", "JSON", "write CSV or Parquet"),
    (b"<", "HTML or XML", "check the URL (a sign-in page?), or write CSV or Parquet"),
)


def why_not(head: bytes) -> str | None:
    """What the file that begins with *head* is and the cure, None where it may be CSV or Parquet."""
    if head.startswith(b"PK\x03\x04"):
        return _why_no_archive(head)
    for magic, kind, cure in _KINDS:
        if head.startswith(magic):
            return f"it is {kind}; {cure}"
    if head.startswith(PARQUET) or b"\x00" not in head:
        return None
    is_utf_16 = b"\x00" in (head[1:2], head[:1])
    return f"it is UTF-16; {_UTF_8}" if is_utf_16 else "it is no text; write CSV or Parquet"


def _why_no_archive(head: bytes) -> str:
    if b"[Content_Types].xml" in head or b"xl/" in head:
        return f"it is an Excel workbook (.xlsx); {_SAVE}"
    if b"opendocument.spreadsheet" in head:
        return f"it is an OpenDocument spreadsheet (.ods); {_SAVE}"
    return f"it is a zip archive; {_UNPACK}"
