"""The database refuses a pair of an order's states that is no move (R9.1)."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION orders_order_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state = 'draft' THEN RETURN NEW; END IF;
        RAISE EXCEPTION 'an order begins as a draft, not as %', NEW.state USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.state = NEW.state OR (OLD.state, NEW.state) IN (
        ('draft', 'approved'), ('draft', 'cancelled'),
        ('in_approval', 'cancelled'),
        ('approved', 'signed'), ('approved', 'cancelled')
    ) THEN RETURN NEW; END IF;
    RAISE EXCEPTION 'an order does not move from % to %', OLD.state, NEW.state USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER order_begins BEFORE INSERT ON orders_order FOR EACH ROW EXECUTE FUNCTION orders_order_moves();
CREATE TRIGGER order_moves BEFORE UPDATE OF state ON orders_order
    FOR EACH ROW EXECUTE FUNCTION orders_order_moves();
"""
BACK = """
DROP TRIGGER order_moves ON orders_order;
DROP TRIGGER order_begins ON orders_order;
DROP FUNCTION orders_order_moves();
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACK)]
