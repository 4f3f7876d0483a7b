"""Q20: files that must be refused, or reported by row, while the worker lives. Made here, by code."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable
from functools import cache

from intake.reading.limits import SHEET_UNPACKED

TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/></Types>'
)
WORKBOOK = (
    '<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">{properties}<sheets>'
    '<sheet name="S" sheetId="1" r:id="rId1"{hidden}/></sheets></workbook>'
)
OPEN = "http://schemas.openxmlformats.org"
LINKS = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
OFFICE = f"{OPEN}/officeDocument/2006/relationships"
ROOT = (
    f'{LINKS}<Relationship Id="r" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)
RELATIONS = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Target="worksheets/sheet1.xml" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"/></Relationships>'
)
SHEET = (
    '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    "{dimension}<sheetData>{rows}</sheetData></worksheet>"
)


def cell(reference: str, text: str) -> str:
    return f'<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c>'


def workbook(
    rows: str | bytes = "", *, dimension: str = "", properties: str = "", hidden: str = "", **more: bytes
) -> bytes:
    """A hand-made XLSX; `more` are further parts, `_` in their names standing for `/`."""
    out = io.BytesIO()
    sheet = SHEET.format(dimension=dimension, rows="§").encode().split("§".encode())
    body = rows if isinstance(rows, bytes) else rows.encode()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("[Content_Types].xml", TYPES)
        archive.writestr("_rels/.rels", ROOT)
        archive.writestr("xl/workbook.xml", WORKBOOK.format(properties=properties, hidden=hidden))
        archive.writestr("xl/_rels/workbook.xml.rels", RELATIONS)
        archive.writestr("xl/worksheets/sheet1.xml", sheet[0] + body + sheet[1])
        for name, content in more.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return out.getvalue()


HEAD = f'<row r="1">{cell("A1", "姓名")}{cell("B1", "手机")}</row>'


def xfd_bomb() -> bytes:
    return workbook(
        HEAD + f'<row r="1048576">{cell("XFD1048576", "x")}</row>',
        dimension='<dimension ref="A1:XFD1048576"/>',
    )


def claimed_dimension() -> bytes:
    return workbook(
        HEAD + f'<row r="2">{cell("B2", "13800138000")}</row>', dimension='<dimension ref="A1:XFD1048576"/>'
    )


def tall_and_wide() -> bytes:
    return workbook(HEAD + f'<row r="1048576">{cell("GQ1048576", "x")}</row>')


def columns(count: int) -> bytes:
    return ",".join(f"c{n}" for n in range(count)).encode() + b"\n" + b",".join([b"1"] * count)


def wide_sheet(count: int = 10_000) -> bytes:
    from xlsxwriter.utility import xl_col_to_name

    return workbook(
        '<row r="1">' + "".join(cell(f"{xl_col_to_name(n)}1", f"c{n}") for n in range(count)) + "</row>"
    )


@cache
def zip_bomb() -> bytes:
    return workbook(b"<row>" + b" " * (SHEET_UNPACKED + 2**20) + b"</row>")


def string_bomb() -> bytes:
    return workbook(HEAD, xl__sharedStrings_dot_xml=b"<sst>" + b"A" * (SHEET_UNPACKED + 2**20) + b"</sst>")


def lying_bomb() -> bytes:
    """A part whose head claims ten bytes and which unpacks to 300 MB."""
    good = bytearray(zip_bomb())
    size = zipfile.ZipFile(io.BytesIO(bytes(good))).getinfo("xl/worksheets/sheet1.xml").file_size
    return bytes(good.replace(size.to_bytes(4, "little"), (10).to_bytes(4, "little")))


def empty_rows(count: int) -> bytes:
    return workbook(HEAD.encode() + b"".join(b'<row r="%d"/>' % n for n in range(2, count)))


def empty_cells(count: int) -> bytes:
    return workbook(
        HEAD.encode() + b"".join(b'<row r="%d"><c r="A%d" s="1"/></row>' % (n, n) for n in range(2, count))
    )


def billion_laughs() -> bytes:
    laughs = "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 12))
    text = f"<?xml version='1.0'?><!DOCTYPE w [<!ENTITY a0 'ha'>{laughs}]><w>&a11;</w>"
    return _with_part("xl/workbook.xml", text.encode())


def _with_part(name: str, content: bytes) -> bytes:
    source = zipfile.ZipFile(io.BytesIO(workbook(HEAD)))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in source.namelist():
            archive.writestr(part, content if part == name else source.read(part))
    return out.getvalue()


def external_entity() -> bytes:
    return _with_part(
        "xl/worksheets/sheet1.xml",
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><worksheet>&e;</worksheet>',
    )


def encrypted_parts() -> bytes:
    """Every part marked as encrypted, as a zip with a password is."""
    content = bytearray(workbook(HEAD))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(signature)
        while at >= 0:
            content[at + offset] |= 1
            at = content.find(signature, at + 4)
    return bytes(content)


def archive_of(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return out.getvalue()


def many_parts() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(3_000):
            archive.writestr(f"p{number}", b"")
    return out.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 1000
BIG = "姓名,手机\n".encode()

#: name → (content, the code of the whole file's refusal)
REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", "file_empty"),
    "only a BOM": (lambda: b"\xef\xbb\xbf", "file_empty"),
    "only white space": (lambda: b" \r\n\t\n" * 100, "file_empty"),
    "only NULs": (lambda: b"\x00" * 5000, "file_empty"),
    "empty rows of a CSV": (lambda: b",,,\r\n" * 5000, "file_empty"),
    "old Excel": (lambda: OLE, "file_old_excel"),
    "a password": (lambda: OLE + "EncryptedPackage".encode("utf-16-le"), "file_password"),
    "a zip with a password": (encrypted_parts, "file_password"),
    "PDF named CSV": (lambda: b"%PDF-1.7\n" + b"x" * 100, "file_not_a_table"),
    "PNG named XLSX": (lambda: b"\x89PNG\r\n\x1a\n" + b"\x00" * 100, "file_not_a_table"),
    "JPEG": (lambda: b"\xff\xd8\xff\xe0" + b"\x00" * 100, "file_not_a_table"),
    "GIF": (lambda: b"GIF89a" + b"\x00" * 100, "file_not_a_table"),
    "gzip": (lambda: b"\x1f\x8b" + b"\x00" * 100, "file_not_a_table"),
    "RAR": (lambda: b"Rar!\x1a\x07" + b"\x00" * 100, "file_not_a_table"),
    "7-Zip": (lambda: b"7z\xbc\xaf\x27\x1c" + b"\x00" * 100, "file_not_a_table"),
    "RTF": (lambda: b"{\\rtf1 hello}", "file_not_a_table"),
    "a program": (lambda: b"\x7fELF" + bytes(range(256)) * 20, "file_not_a_table"),
    "a page saved as XLS": (lambda: b"<html><table><tr><td>1</td></tr></table></html>", "file_not_a_table"),
    "a page with a doctype": (lambda: b"\xef\xbb\xbf<!DOCTYPE html><html></html>", "file_not_a_table"),
    "XML": (lambda: b"<?xml version='1.0'?><Workbook/>", "file_not_a_table"),
    "random bytes": (lambda: zlib.compress(bytes(range(256)) * 9) * 200, "file_not_a_table"),
    "a database": (lambda: b"SQLite format 3\x00" + b"\x00\x01" * 500, "file_not_a_table"),
    "Word": (lambda: archive_of(word__document_dot_xml=b"<w/>"), "file_not_a_table"),
    "a zip of a CSV": (lambda: archive_of(leads_dot_csv=b"name,phone\n"), "file_not_a_table"),
    "an empty zip": (lambda: archive_of(), "file_broken"),
    "half a workbook": (lambda: workbook(HEAD)[:300], "file_broken"),
    "a workbook with a flipped byte": (
        lambda: workbook(HEAD).replace(b"sheet1", b"sheet2", 1),
        "file_broken",
    ),
    "OpenDocument": (
        lambda: archive_of(
            mimetype=b"application/vnd.oasis.opendocument.spreadsheet", content_dot_xml=b"<x/>"
        ),
        "file_other_sheet",
    ),
    "binary workbook": (lambda: archive_of(xl__workbook_dot_bin=b"\x00"), "file_binary_excel"),
    "no sheet": (lambda: workbook(""), "file_no_sheet"),
    "only a hidden sheet": (lambda: workbook(HEAD, hidden=' state="hidden"'), "file_no_sheet"),
    "only formats": (lambda: workbook('<row r="1"><c r="A1" s="1"/></row>'), "file_no_sheet"),
    "a cell at XFD1048576": (xfd_bomb, "file_too_many_columns"),
    "tall and wide": (tall_and_wide, "file_too_many_rows"),
    "10,000 columns of a CSV": (lambda: columns(10_000), "file_too_many_columns"),
    "10,000 columns of a sheet": (wide_sheet, "file_too_many_columns"),
    "a zip bomb": (zip_bomb, "file_unpacks_too_large"),
    "a bomb of strings": (string_bomb, "file_unpacks_too_large"),
    "a bomb that lies about its size": (lying_bomb, "file_broken"),
    "3,000 parts": (many_parts, "file_unpacks_too_large"),
    "a billion laughs": (billion_laughs, "file_broken"),
    "an external entity": (external_entity, "file_broken"),
    "65 MB": (lambda: BIG + b"x,1\n" * (65 * 2**18), "file_too_large"),
    "no way to reach anybody": (lambda: "姓名,备注\n张三,x\n".encode(), "file_no_way_to_reach"),
    "random latin bytes": (lambda: b"\x81\x20\xff\xfe\x80" * 900 + b"\n", "file_encoding"),
}
