"""One door for every file: what it is, and its rows as text with their line numbers."""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from .limits import MAX_BYTES


class Refused(Exception):
    """The whole file is refused, with the code of `reasons.FILE_REASONS`."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


class Row(NamedTuple):
    """A row as it stands in the file; `problem` says why its values cannot be trusted at all."""

    line: int
    values: list[str]
    problem: str = ""


@dataclass
class Table:
    """A file that can be read many times; use it as a context, since a workbook leaves a temporary file."""

    kind: str
    encoding: str
    delimiter: str
    sheet: str
    reader: Callable[[], Iterator[Row]]
    scratch: Any = field(default=None, repr=False)

    def rows(self) -> Iterator[Row]:
        """Every row that is not empty, the heading among them."""
        return self.reader()

    def __enter__(self) -> "Table":
        return self

    def __exit__(self, *exc: object) -> None:
        if self.scratch is not None:
            self.scratch.close()


_SIGNATURES = (
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"\x1f\x8b", "gzip"),
    (b"7z\xbc\xaf", "7-Zip"),
    (b"Rar!", "RAR"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "xz"),
    (b"\x28\xb5\x2f\xfd", "Zstandard"),
    (b"{\\rtf", "RTF"),
    (b"\x7fELF", "ELF"),
    (b"MZ", "EXE"),
    (b"SQLite format 3", "SQLite"),
    (b"<!DOCTYPE", "HTML"),
    (b"<!doctype", "HTML"),
    (b"<html", "HTML"),
    (b"<HTML", "HTML"),
    (b"<?xml", "XML"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def open_table(path: str | Path) -> Table:
    """Tells by content, never by name, what the file is, and opens it; Refused where it is no table."""
    from . import sheet, text

    path = Path(path)
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise Refused("file_too_large", limit=MAX_BYTES // 2**20)
    with path.open("rb") as stream:
        head = stream.read(65536)
    _refuse_foreign(path, head)
    if head.startswith(b"PK\x03\x04"):
        scratch = tempfile.TemporaryFile("w+b")  # noqa: SIM115  (the table closes it)
        try:
            name = sheet.convert(path, scratch)
        except BaseException:
            scratch.close()
            raise
        return Table("xlsx", "", "", name, lambda: sheet.rows(scratch), scratch)
    encoding = text.detect_encoding(path)
    delimiter = text.detect_delimiter(path, encoding)
    return Table("csv", encoding, delimiter, "", lambda: text.rows(path, encoding, delimiter))


def _refuse_foreign(path: Path, head: bytes) -> None:
    if not head.strip(b"\x00\r\n\t \xef\xbb\xbf\xff\xfe"):
        raise Refused("file_empty")
    if head.startswith(_OLE):
        with path.open("rb") as stream:
            protected = "EncryptedPackage".encode("utf-16-le") in stream.read()
        raise Refused("file_password" if protected else "file_old_excel")
    if head.startswith((b"PK\x05\x06", b"PK\x07\x08")):
        raise Refused("file_broken")
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip(b" \r\n\t")
    for signature, found in _SIGNATURES:
        if start.startswith(signature):
            raise Refused("file_not_a_table", found=found)
