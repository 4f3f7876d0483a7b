"""The database refuses a pair of stages that is no move."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION opportunities_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.stage NOT IN ('won', 'lost') THEN RETURN NEW; END IF;
        RAISE EXCEPTION 'an opportunity does not begin as %', NEW.stage USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.stage = NEW.stage
       OR (OLD.stage NOT IN ('won', 'lost') AND NEW.stage IN ('confirmed', 'experience', 'negotiation', 'won', 'lost'))
       OR (OLD.stage = 'lost' AND NEW.stage IN ('confirmed', 'experience', 'negotiation'))
    THEN RETURN NEW; END IF;
    RAISE EXCEPTION 'an opportunity does not move from % to %', OLD.stage, NEW.stage USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER opportunity_begins BEFORE INSERT ON opportunities_opportunity
    FOR EACH ROW EXECUTE FUNCTION opportunities_moves();
CREATE TRIGGER opportunity_moves BEFORE UPDATE OF stage ON opportunities_opportunity
    FOR EACH ROW EXECUTE FUNCTION opportunities_moves();
"""
BACK = """
DROP TRIGGER opportunity_moves ON opportunities_opportunity;
DROP TRIGGER opportunity_begins ON opportunities_opportunity;
DROP FUNCTION opportunities_moves();
"""


class Migration(migrations.Migration):
    dependencies = [("opportunities", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACK)]
