"""Events cannot be changed or deleted, by anybody (R15.4): a trigger, beside the rights of the role."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION core_event_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'events cannot be changed or deleted (R15.4)' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER event_stays BEFORE UPDATE OR DELETE ON core_event
    FOR EACH ROW EXECUTE FUNCTION core_event_stays();
CREATE TRIGGER events_stay BEFORE TRUNCATE ON core_event
    FOR EACH STATEMENT EXECUTE FUNCTION core_event_stays();
"""
BACK = """
DROP TRIGGER event_stays ON core_event;
DROP TRIGGER events_stay ON core_event;
DROP FUNCTION core_event_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0002_initial")]
    operations = [migrations.RunSQL(FORWARD, BACK)]
