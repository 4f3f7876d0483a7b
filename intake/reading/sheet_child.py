"""Runs alone (`python -I sheet_child.py FILE`): looks at what the sheet claims, then reads it under limits.

Rows go to standard output as JSON lines, the sheet's name or the refusal to standard error. A cell at
XFD1048576 makes the reading library ask for hundreds of gigabytes and abort; so the references are counted
first, and what slips through dies here, not in the worker.
"""

import json
import re
import resource
import runpy
import sys
import zipfile
import zlib
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

LIMIT = runpy.run_path(str(Path(__file__).with_name("limits.py")))
PIECE = 2**20
CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*)>")
REF = re.compile(rb"\br=[\"']([A-Z]{1,3})([0-9]{1,7})[\"']")


class Refusal(Exception):
    def __init__(self, code, **params):
        super().__init__(code)
        self.answer = {"code": code, **params}


def confine():
    memory, cpu = LIMIT["SHEET_MEMORY"], LIMIT["SHEET_CPU_SECONDS"]
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT["SHEET_OUTPUT"], LIMIT["SHEET_OUTPUT"]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def pieces(archive, name, budget):
    """The unpacked bytes of one part, never more than the budget whatever its head claims."""
    with archive.open(name) as stream:
        while piece := stream.read(PIECE):
            budget[0] -= len(piece)
            if budget[0] < 0:
                raise Refusal("file_unpacks_too_large")
            yield piece


def parse(archive, name, budget):
    content = b"".join(pieces(archive, name, budget))
    if len(content) > 4 * PIECE or b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise Refusal("file_broken")
    return ElementTree.fromstring(content)  # noqa: S314


def look_inside(archive, budget):
    """Refuses what is no workbook or packs too much; gives [(sheet name, part, visible)] in order."""
    names = set(archive.namelist())
    if len(names) > LIMIT["SHEET_PARTS"]:
        raise Refusal("file_unpacks_too_large")
    if any(part.flag_bits & 1 for part in archive.infolist()):
        raise Refusal("file_password")
    if "xl/workbook.bin" in names:
        raise Refusal("file_binary_excel")
    if "mimetype" in names and b"opendocument" in archive.open("mimetype").read(200):
        raise Refusal("file_other_sheet")
    if "xl/workbook.xml" not in names:
        found = "Word" if "word/document.xml" in names else "ZIP"
        raise Refusal("file_not_a_table", found=found)
    if sum(part.file_size for part in archive.infolist()) > 4 * LIMIT["SHEET_UNPACKED"]:
        raise Refusal("file_unpacks_too_large")
    targets = {
        relation.get("Id"): relation.get("Target", "")
        for relation in parse(archive, "xl/_rels/workbook.xml.rels", budget)
    }
    sheets = []
    for sheet in parse(archive, "xl/workbook.xml", budget).findall(".//{*}sheet"):
        link = next((value for key, value in sheet.items() if key.endswith("}id")), "")
        target = targets.get(link, "")
        part = target.lstrip("/") if target.startswith("/") else "xl/" + target
        if part in names and "worksheets/" in part:
            sheets.append((sheet.get("name"), part, sheet.get("state", "visible") == "visible"))
    for name in ("xl/sharedStrings.xml", "xl/styles.xml"):
        if name in names:
            for _piece in pieces(archive, name, budget):
                pass
    return sheets


def column_number(letters):
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def claims(archive, part, budget):
    """(cells with content, lowest row, highest row, highest column) by the references in the sheet."""
    cells, low, high, wide, tail = 0, 2**31, 0, 0, b""
    widths = {}
    for piece in pieces(archive, part, budget):
        text = tail + piece
        if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
            raise Refusal("file_broken")
        cut = text.rfind(b"<")
        tail = text[cut:] if cut >= 0 else b""
        for match in CELL.finditer(text, 0, cut if cut >= 0 else len(text)):
            attributes = match[1]
            if attributes.endswith(b"/"):
                continue
            cells += 1
            reference = REF.search(attributes)
            if reference:
                letters, row = reference[1], int(reference[2])
                if letters not in widths:
                    widths[letters] = column_number(letters)
                wide = max(wide, widths[letters])
                low, high = min(low, row), max(high, row)
        if len(tail) > 8 * PIECE:
            raise Refusal("file_unpacks_too_large")
    return cells, min(low, high), high, wide


def refuse_claims(low, high, wide):
    if wide > LIMIT["MAX_COLUMNS"]:
        raise Refusal("file_too_many_columns", found=wide, limit=LIMIT["MAX_COLUMNS"])
    if (high - low + 1) * wide > LIMIT["SHEET_AREA"] or high > 2 * 2**20:
        raise Refusal("file_too_many_rows", limit=LIMIT["MAX_ROWS"])


def as_text(value):
    """A cell as a person reads it: whole numbers without point or exponent, dates in ISO form."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return format(Decimal(format(value, ".15g")), "f")
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    if isinstance(value, (date, time)):
        return value.isoformat()
    return str(value)


def write_rows(path, name, out):
    import python_calamine

    try:
        sheet = python_calamine.CalamineWorkbook.from_path(path).get_sheet_by_name(name)
    except python_calamine.PasswordError:
        raise Refusal("file_password") from None
    except python_calamine.CalamineError:
        raise Refusal("file_broken") from None
    written = 0
    left = [""] * (sheet.start[1] if sheet.start else 0)
    for number, values in enumerate(sheet.iter_rows(), 1):
        texts = [as_text(value) for value in values]
        while texts and not texts[-1].strip():
            texts.pop()
        if texts:
            written += 1
            if written > LIMIT["MAX_ROWS"] + 1:
                raise Refusal("file_too_many_rows", limit=LIMIT["MAX_ROWS"])
            out.write(json.dumps([number, left + texts], ensure_ascii=True) + "\n")
    return written


def work(path):
    budget = [LIMIT["SHEET_UNPACKED"]]
    try:
        with zipfile.ZipFile(path) as archive:
            chosen = None
            for name, part, visible in look_inside(archive, budget):
                if not visible:
                    continue
                cells, low, high, wide = claims(archive, part, budget)
                if cells:
                    refuse_claims(low, high, wide)
                    chosen = name
                    break
    except (zipfile.BadZipFile, zipfile.LargeZipFile, KeyError, EOFError, NotImplementedError):
        raise Refusal("file_broken") from None
    except (ElementTree.ParseError, OSError, ValueError, zlib.error):
        raise Refusal("file_broken") from None
    if chosen is None or not write_rows(path, chosen, sys.stdout):
        raise Refusal("file_no_sheet")
    return chosen


def main():
    confine()
    try:
        answer, code = {"sheet": work(sys.argv[1])}, 0
    except Refusal as refusal:
        answer, code = refusal.answer, 3
    except MemoryError:
        answer, code = {"code": "file_needs_too_much"}, 3
    sys.stdout.flush()
    sys.stderr.write(json.dumps(answer))
    return code


if __name__ == "__main__":
    sys.exit(main())
