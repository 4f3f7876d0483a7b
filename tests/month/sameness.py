"""What the database holds, without what differs between two runs of the same: ids become the names of what they mean."""

from __future__ import annotations

import re

from django.db import connection

from tests.content import tables

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# Messages are numbered by a sequence, and their links are made of that; every other number is compared.
LINK = re.compile(r"/c/[0-9A-Za-z]+")
BY_SEQUENCE = {"outreach_message": ("number",)}
# Real time, and what is made by chance.
BY_CHANCE = ("recorded_at", "password", "joined_at", "last_seen_at", "last_login")
NOT_BUSINESS = {"core_idempotencyrecord", "core_heartbeat", "accounts_apikey"}
# Of each kind the id and a name that two runs share.
NAMES = """
SELECT id::text, login FROM accounts_user
UNION ALL SELECT id::text, name FROM accounts_team
UNION ALL SELECT id::text, name FROM catalogue_product
UNION ALL SELECT id::text, 'company ' || name FROM contacts_company
UNION ALL SELECT c.id::text, 'person ' || min(p.kind || p.value) FROM contacts_contact c
          LEFT JOIN contacts_contactpoint p ON p.contact_id = c.id GROUP BY c.id
UNION ALL SELECT l.id::text, 'lead ' || min(p.kind || p.value) FROM leads_lead l
          LEFT JOIN contacts_contactpoint p ON p.contact_id = l.contact_id GROUP BY l.id
UNION ALL SELECT id::text, 'holding ' || from_at FROM leads_holding
UNION ALL SELECT id::text, 'extension ' || asked_at FROM leads_extension
UNION ALL SELECT id::text, 'dispute ' || at FROM leads_dispute
UNION ALL SELECT id::text, 'call ' || at FROM calling_call
UNION ALL SELECT id::text, 'opportunity ' || created_at FROM opportunities_opportunity
UNION ALL SELECT id::text, 'order ' || number FROM orders_order
"""


def content_lines() -> list[str]:
    """Every row of our business tables as text, ids named, in an order that does not depend on them."""
    with connection.cursor() as cursor:
        cursor.execute(NAMES)
        names = dict(cursor.fetchall())
        lines = []
        for table in tables():
            if table in NOT_BUSINESS:
                continue
            less = " ".join(f"- '{column}'" for column in (*BY_CHANCE, *BY_SEQUENCE.get(table, ())))
            cursor.execute(f"SELECT (to_jsonb(t) {less})::text FROM {table} t")
            for (text,) in cursor.fetchall():
                named = UUID.sub(lambda found: names.get(found[0], "id"), text)
                lines.append(f"{table} " + LINK.sub("/c/link", named))
    return sorted(lines)
