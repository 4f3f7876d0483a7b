"""What was lost by mistake before its day waits for that day again (R8.7, R9.4)."""

from django.db import migrations

MOVES = """
CREATE OR REPLACE FUNCTION opportunities_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.stage NOT IN ('won', 'lost') THEN RETURN NEW; END IF;
        RAISE EXCEPTION 'an opportunity does not begin as %%', NEW.stage USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.stage = NEW.stage
       OR (OLD.stage NOT IN ('won', 'lost') AND NEW.stage IN ('confirmed', 'experience', 'negotiation', 'won', 'lost'))
       OR (OLD.stage = 'lost' AND NEW.stage IN (%s))
    THEN RETURN NEW; END IF;
    RAISE EXCEPTION 'an opportunity does not move from %% to %%', OLD.stage, NEW.stage USING ERRCODE = 'check_violation';
END $$;
"""
OPEN = "'confirmed', 'experience', 'negotiation'"


class Migration(migrations.Migration):
    dependencies = [("opportunities", "0004_furthest_of_scheduled")]
    operations = [migrations.RunSQL(MOVES % f"'scheduled', {OPEN}", MOVES % OPEN)]
