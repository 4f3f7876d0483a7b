"""Search finds one and two characters beyond ASCII by an index: core_grams and what it serves."""

import django.contrib.postgres.indexes
from django.db import migrations

import core.search

FUNCTION = """
CREATE FUNCTION core_grams(words text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE found text[] := '{}'; letters text[]; pair text;
BEGIN
    IF octet_length(words) = length(words) THEN RETURN found; END IF;
    letters := string_to_array(upper(words), NULL);
    FOR n IN 1 .. cardinality(letters) LOOP
        IF octet_length(letters[n]) > 1 THEN found := found || letters[n]; END IF;
        pair := letters[n] || letters[n + 1];
        IF octet_length(pair) > 2 THEN found := found || pair; END IF;
    END LOOP;
    RETURN found;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("contacts", "0002_desk_and_week"), ("core", "0001_functions")]
    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION core_grams(text)"),
        migrations.AddIndex(
            model_name="company",
            index=django.contrib.postgres.indexes.GinIndex(
                core.search.Grams("name"), name="company_name_grams"
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=django.contrib.postgres.indexes.GinIndex(
                core.search.Grams("name"), name="contact_name_grams"
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=django.contrib.postgres.indexes.GinIndex(
                core.search.Grams("company_name"), name="contact_company_name_grams"
            ),
        ),
        migrations.AddIndex(
            model_name="contactpoint",
            index=django.contrib.postgres.indexes.GinIndex(
                core.search.Grams("value"), name="point_value_grams"
            ),
        ),
    ]
