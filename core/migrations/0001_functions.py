"""The functions and extensions that every other migration builds on."""

from django.contrib.postgres.operations import BtreeGinExtension, TrigramExtension, UnaccentExtension
from django.db import migrations

UUID7 = """
CREATE FUNCTION core_uuid7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
    -- 48 bits of milliseconds, version 7, 12 bits of their fraction, variant, 62 random bits
    SELECT (
        lpad(to_hex(floor(t.us / 1000)::bigint), 12, '0')
        || '7' || lpad(to_hex((mod(t.us, 1000) * 4096 / 1000)::int), 3, '0')
        || substr('89ab', 1 + (get_byte(t.random, 0) & 3), 1)
        || substr(encode(t.random, 'hex'), 18)
    )::uuid
    FROM (SELECT floor(extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS us,
                 uuid_send(gen_random_uuid()) AS random) AS t
$$;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        TrigramExtension(),
        BtreeGinExtension(),
        UnaccentExtension(),
        migrations.RunSQL(UUID7, "DROP FUNCTION core_uuid7()"),
    ]
