"""Files into rows of text: CSV in the encodings people have, XLSX in a child process that may die."""

from .table import Refused, Row, Table, open_table

__all__ = ["Refused", "Row", "Table", "open_table"]
