"""Why a file or a row is refused; the codes never change, the words are translated when they are shown."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

FILE_REASONS = {
    "file_empty": _("There are no rows in this file."),
    "file_too_large": _("The file is larger than %(limit)s MB. Split it into parts."),
    "file_too_many_rows": _("The file has more than %(limit)s rows. Split it into parts."),
    "file_too_many_columns": _("The file has %(found)s columns; at most %(limit)s can be read."),
    "file_unpacks_too_large": _("Unpacked, this workbook is far larger than it looks. It is not read."),
    "file_needs_too_much": _("This workbook needs too much memory. Save the sheet as CSV and try again."),
    "file_too_slow": _("This workbook takes too long to read. Save the sheet as CSV and try again."),
    "file_password": _("The workbook is protected by a password. Remove the password and try again."),
    "file_old_excel": _("This is an old Excel workbook (.xls). Save it as .xlsx or CSV."),
    "file_binary_excel": _("This is a binary Excel workbook (.xlsb). Save it as .xlsx or CSV."),
    "file_other_sheet": _("This is a spreadsheet of another program. Save it as .xlsx or CSV."),
    "file_not_a_table": _("This is not a table (%(found)s). Use a CSV or XLSX file."),
    "file_broken": _("The workbook is damaged and cannot be opened. Save it anew and try again."),
    "file_encoding": _("The text is neither UTF-8 nor GB18030. Save the file as CSV UTF-8."),
    "file_no_sheet": _("The workbook has no visible sheet with values."),
    "file_no_way_to_reach": _("No column with a phone, an e-mail or a WeChat id is chosen."),
    "mapping_unknown_heading": _("The file has no column “%(heading)s”."),
    "mapping_unknown_field": _("“%(field)s” is not a field of a lead."),
    "file_gone": _("The file of this import is no longer there. Start it again."),
}

ROW_REASONS = {
    "no_way_to_reach": _("No phone, e-mail or WeChat id."),
    "unclosed_quote": _("A quotation mark is opened and not closed."),
    "line_too_long": _("The line is too long to be a row of a table."),
    "too_many_values": _("The row has %(found)s values for %(columns)s columns."),
    "unreadable": _("There are characters that cannot be read."),
    "control_character": _("There is a control character in it."),
    "too_long": _("Longer than %(limit)s characters."),
    "shortened_number": _("The spreadsheet has shortened the number; its last digits are lost."),
    "formula_error": _("A formula that failed, not a value."),
    "date_invalid": _("Not a date. Write it like 2026-03-31."),
    "date_ambiguous": _("Day and month cannot be told apart. Write it like 2026-03-31."),
    "date_future": _("The date lies in the future."),
    "date_past": _("The date lies before 1990."),
    "amount_invalid": _("Not an amount of money."),
    "amount_negative": _("An amount cannot be negative."),
    "amount_too_large": _("The amount is too large."),
    "channel_invalid": _("A channel is letters, digits and underscores."),
    "medium_unknown": _("Not one of the known media."),
    "not_taken": _("The row could not be stored."),
}


def words(code: str, params: Mapping[str, Any] | None = None, fallback: str = "") -> str:
    """The reason in the reader's language; a code that is not ours is answered with `fallback`."""
    text = FILE_REASONS.get(code) or ROW_REASONS.get(code)
    return str(text) % dict(params or {}) if text else (fallback or code)
