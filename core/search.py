"""Finding a part of a text in any script, by an index whatever its length (ui.md, Leads).

PostgreSQL's trigrams serve three characters and more; a Chinese name has two. `core_grams(text)` answers the single
characters and pairs of a text in which one is beyond ASCII, upper-cased; a GIN index over it finds them.
"""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import CharField, Func, TextField
from django.db.models.lookups import IContains


class Grams(Func):
    """The single characters and pairs of a column that hold something beyond ASCII."""

    function = "core_grams"
    output_field = ArrayField(TextField())


class Holds(IContains):
    """`name__holds=text`: the very rows of `icontains`; what is beyond ASCII is looked up by its pairs first."""

    lookup_name = "holds"

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        column, values = compiler.compile(self.lhs)
        pattern, needle = self.process_rhs(compiler, connection)
        sql, params = f"UPPER({column}::text) LIKE UPPER({pattern})", [*values, *needle]
        if not str(self.rhs).isascii():
            sql = f"(core_grams({column}) @> core_grams(%s) AND {sql})"
            params = [*values, str(self.rhs), *params]
        return sql, params


CharField.register_lookup(Holds)
TextField.register_lookup(Holds)
