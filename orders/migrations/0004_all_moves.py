"""All states of a contract: approval, in force, ended, terminated (R9.1, R9.2)."""

from django.db import migrations

FORWARD = """
CREATE OR REPLACE FUNCTION orders_order_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state = 'draft' THEN RETURN NEW; END IF;
        RAISE EXCEPTION 'an order begins as a draft, not as %', NEW.state USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.state = NEW.state OR (OLD.state, NEW.state) IN (
        ('draft', 'in_approval'), ('draft', 'approved'), ('draft', 'cancelled'),
        ('in_approval', 'approved'), ('in_approval', 'draft'), ('in_approval', 'cancelled'),
        ('approved', 'signed'), ('approved', 'draft'), ('approved', 'cancelled'),
        ('signed', 'in_force'), ('signed', 'terminated'),
        ('in_force', 'ended'), ('in_force', 'terminated')
    ) THEN RETURN NEW; END IF;
    RAISE EXCEPTION 'an order does not move from % to %', OLD.state, NEW.state USING ERRCODE = 'check_violation';
END $$;
"""
BACK = """
CREATE OR REPLACE FUNCTION orders_order_moves() RETURNS trigger LANGUAGE plpgsql AS $$
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
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0003_quotes_and_money")]
    operations = [migrations.RunSQL(FORWARD, BACK)]
