"""The database refuses the impossible: a pair of states that is no move, a lead whom nobody can reach (R1.1)."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION leads_lead_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state IN ('new', 'pooled') THEN RETURN NEW; END IF;
        RAISE EXCEPTION 'a lead begins as new or pooled, not as %', NEW.state USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.state = NEW.state OR (OLD.state, NEW.state) IN (
        ('new', 'mql'), ('new', 'pooled'), ('new', 'invalid'), ('new', 'merged'),
        ('mql', 'sql'), ('mql', 'pooled'), ('mql', 'invalid'), ('mql', 'merged'),
        ('sql', 'converted'), ('sql', 'pooled'), ('sql', 'invalid'), ('sql', 'merged'),
        ('converted', 'pooled'), ('converted', 'invalid'), ('converted', 'merged'),
        ('pooled', 'new'), ('pooled', 'mql'), ('pooled', 'sql'), ('pooled', 'converted'), ('pooled', 'invalid'),
        ('pooled', 'merged'),
        ('invalid', 'new'), ('invalid', 'merged'),
        ('merged', 'invalid')
    ) THEN RETURN NEW; END IF;
    RAISE EXCEPTION 'a lead does not move from % to %', OLD.state, NEW.state USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER lead_begins BEFORE INSERT ON leads_lead FOR EACH ROW EXECUTE FUNCTION leads_lead_moves();
CREATE TRIGGER lead_moves BEFORE UPDATE OF state ON leads_lead FOR EACH ROW EXECUTE FUNCTION leads_lead_moves();

CREATE FUNCTION leads_lead_reachable() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE who uuid;
BEGIN
    IF TG_TABLE_NAME = 'leads_lead' THEN who := NEW.contact_id; ELSE who := OLD.contact_id; END IF;
    IF EXISTS (SELECT 1 FROM leads_lead WHERE contact_id = who AND state NOT IN ('invalid', 'merged'))
       AND NOT EXISTS (SELECT 1 FROM contacts_contactpoint WHERE contact_id = who) THEN
        RAISE EXCEPTION 'a lead needs a phone, an e-mail or a WeChat id (R1.1)' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER lead_reachable AFTER INSERT ON leads_lead
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION leads_lead_reachable();
CREATE CONSTRAINT TRIGGER point_needed AFTER DELETE OR UPDATE OF contact_id ON contacts_contactpoint
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION leads_lead_reachable();
"""
BACK = """
DROP TRIGGER point_needed ON contacts_contactpoint;
DROP TRIGGER lead_reachable ON leads_lead;
DROP FUNCTION leads_lead_reachable();
DROP TRIGGER lead_moves ON leads_lead;
DROP TRIGGER lead_begins ON leads_lead;
DROP FUNCTION leads_lead_moves();
"""


class Migration(migrations.Migration):
    dependencies = [("leads", "0001_initial"), ("contacts", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACK)]
