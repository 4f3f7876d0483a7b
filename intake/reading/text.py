"""CSV as people have it: five encodings, four delimiters, quotes that are not closed."""

import codecs
import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from .limits import MAX_LINE, MAX_RECORD_LINES
from .table import Refused, Row

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
DELIMITERS = ",;\t|"
_BROKEN = "\ufffd"
_NON_ASCII = re.compile(r"[^\x00-\x7f]")
_CONTROL_BYTES = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_SEP_LINE = re.compile(r'^"?sep=([,;\t|])"?\s*$', re.IGNORECASE)
_CHUNK = 2**20


def detect_encoding(path: Path) -> str:
    """The encoding that reads this file best; Refused when none does, or when it is no text at all."""
    with path.open("rb") as stream:
        head = stream.read(65536)
    for bom, name in BOMS:
        if head.startswith(bom):
            return name
    wide = _wide_without_bom(head)
    if wide:
        return wide
    if len(_CONTROL_BYTES.findall(head)) > max(2, len(head) // 100):
        raise Refused("file_not_a_table", found="binary")
    good, bad, _sample = _try(path, "utf-8")
    if not bad or good >= 3 * bad:
        return "utf-8"
    good, bad, sample = _try(path, "gb18030")
    if good >= 3 * bad and _looks_chinese(sample):
        return "gb18030"
    # A western file: single accented letters among plain ones, which GB18030 would glue to their neighbours.
    high = sum(byte > 127 for byte in head)
    if high * 5 < len(head):
        return "cp1252"
    raise Refused("file_encoding")


def _wide_without_bom(head: bytes) -> str:
    even, odd = head[0::2].count(0), head[1::2].count(0)
    floor = max(1, len(head) // 40)
    if odd >= floor and even * 20 <= odd:
        return "utf-16-le"
    if even >= floor and odd * 20 <= even:
        return "utf-16-be"
    return ""


def _try(path: Path, encoding: str) -> tuple[int, int, str]:
    """How many characters beyond ASCII the encoding reads and how many it cannot, with some of them."""
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    good = bad = 0
    sample = ""
    with path.open("rb") as stream:
        while True:
            piece = stream.read(_CHUNK)
            found = "".join(_NON_ASCII.findall(decoder.decode(piece, not piece)))
            broken = found.count(_BROKEN)
            bad += broken
            good += len(found) - broken
            if len(sample) < 20_000:
                sample += found[:20_000]
            if not piece:
                return good, bad, sample


def _looks_chinese(sample: str) -> bool:
    """Real Chinese text stays almost wholly within GB2312; what was glued together does not."""
    count = Counter(sample.replace(_BROKEN, ""))
    common = 0
    for char, times in count.items():
        try:
            char.encode("gb2312")
        except UnicodeEncodeError:
            continue
        common += times
    return common * 10 >= 6 * count.total()


def detect_delimiter(path: Path, encoding: str) -> str:
    """The delimiter under which the first rows have the most columns, and the same number of them."""
    with path.open(encoding=encoding, errors="replace", newline="") as stream:
        lines = list(islice(stream, 60))
    announced = _SEP_LINE.match(lines[0]) if lines else None
    if announced:
        return announced[1]
    best, best_score = ",", 0.0
    for delimiter in DELIMITERS:
        widths = [len(row.values) for row in _records(lines, delimiter) if len(row.values) > 1]
        if widths:
            width, times = Counter(widths).most_common(1)[0]
            score = width * times / len(widths) * min(1.0, len(widths) / len(lines))
            if score > best_score:
                best, best_score = delimiter, score
    return best


def rows(path: Path, encoding: str, delimiter: str) -> Iterator[Row]:
    """Every row that has a value, with the number of the line on which it begins."""
    with path.open(encoding=encoding, errors="replace", newline="") as stream:
        for row in _records(stream, delimiter):
            if row.line == 1 and _SEP_LINE.match(delimiter.join(row.values)):
                continue
            if row.problem or any(value.strip() for value in row.values):
                yield row


class _NotClosed(Exception):
    pass


class _Lines:
    """Feeds lines to the csv module, remembers those of the record at hand, and can take them back."""

    def __init__(self, source: Iterable[str]) -> None:
        self._source = iter(source)
        self._back: list[str] = []
        self.taken: list[str] = []
        self.line = 0

    def begin(self) -> int:
        self.line += len(self.taken)
        self.taken = []
        return self.line + 1

    def give_back(self, kept: int) -> None:
        self._back = self.taken[kept:] + self._back
        del self.taken[kept:]

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        if len(self.taken) >= MAX_RECORD_LINES:
            raise _NotClosed
        line = self._back.pop(0) if self._back else next(self._source)
        self.taken.append(line)
        if len(line) > MAX_LINE:
            raise _NotClosed
        return line


def _records(source: Iterable[str], delimiter: str) -> Iterator[Row]:
    lines = _Lines(source)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        start = lines.begin()
        try:
            yield Row(start, next(reader))
            continue
        except StopIteration:
            return
        except _NotClosed:
            row = None
        except csv.Error as error:
            # Over several lines it is rather a quote that was never closed and met the next one.
            sloppy = "expected after" in str(error) and len(lines.taken) == 1
            row = _leniently(start, lines, delimiter) if sloppy else None
        yield row or _lost(start, lines)
        reader = csv.reader(lines, delimiter=delimiter, strict=True)


def _leniently(start: int, lines: _Lines, delimiter: str) -> Row | None:
    """`"A" Ltd,…` is read as it is meant."""
    lines.give_back(0)
    try:
        return Row(start, next(csv.reader(lines, delimiter=delimiter)))
    except (_NotClosed, csv.Error):
        return None


def _lost(start: int, lines: _Lines) -> Row:
    """A quote that never ends costs its own line and no other."""
    first = lines.taken[0]
    lines.give_back(1)
    problem = "line_too_long" if len(first) > MAX_LINE else "unclosed_quote"
    return Row(start, [first.rstrip("\r\n")[:200]], problem)
