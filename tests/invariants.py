"""What must be true of the whole trunk at every moment, as one SQL statement: each row of its answer is one breach.

A constraint of the database guards one row; these look across rows, at leads with their holdings, events, notices,
opportunities and orders. Every race, every step of the state machine and every test that used the database asks them.
The laws of the desk, the hand-over and the week stand in invariants_week.py, those of quotes, contracts and money in
invariants_money.py, those of reaching people in invariants_reach.py.
"""

from __future__ import annotations

from django.db import connection

from leads.models import Lead
from tests import testdb
from tests.invariants_money import MONEY, moves
from tests.invariants_pool import POOL
from tests.invariants_reach import REACH
from tests.invariants_week import WEEK

MANY = 300

# After merging, a person's history lies with one contact and one lead; events stay where they were written (R1.6).
BEFORE = """
WITH RECURSIVE person(id, now) AS (
    SELECT id, id FROM contacts_contact WHERE merged_into_id IS NULL
    UNION ALL SELECT c.id, p.now FROM contacts_contact c JOIN person p ON c.merged_into_id = p.id
), home(id, now) AS (
    SELECT l.id, s.id FROM leads_lead l JOIN person p ON p.id = l.contact_id
    JOIN leads_lead s ON s.contact_id = p.now AND s.state <> 'merged'
), joined(id) AS (SELECT DISTINCT now FROM home WHERE id <> now)
"""

NEXT = "('renewal', 'repurchase')"
OPEN = "('confirmed', 'experience', 'negotiation')"
SIGNED = "('signed', 'in_force', 'ended', 'terminated')"
FREE = "('new', 'pooled', 'invalid', 'merged')"

# name → a query whose rows are breaches: one column, the record's id.
RULES: dict[str, str] = {
    "R6.1 an SQL has an owner, a due time after its acceptance, and no time to be judged": """
        SELECT id FROM leads_lead WHERE state = 'sql'
        AND (owner_id IS NULL OR due_at IS NULL OR accepted_at IS NULL OR due_at <= accepted_at OR judge_by IS NOT NULL)
    """,
    "R10.1 who lies in the pool has a reason, a segment, a time, and neither owner nor due time": """
        SELECT id FROM leads_lead WHERE (state = 'pooled') <> (pooled_at IS NOT NULL)
        OR (state = 'pooled') <> (pool_reason <> '') OR (state = 'pooled') <> (pool_segment <> '')
        OR (state = 'pooled' AND (owner_id IS NOT NULL OR due_at IS NOT NULL OR call_back_at IS NOT NULL))
    """,
    "a free lead has no owner, team, due time or time to be judged": f"""
        SELECT id FROM leads_lead WHERE state IN {FREE}
        AND (owner_id IS NOT NULL OR team_id IS NOT NULL OR due_at IS NOT NULL OR judge_by IS NOT NULL)
    """,
    "R3.1 an MQL has a time to be judged exactly when somebody has it": """
        SELECT id FROM leads_lead WHERE state = 'mql' AND (owner_id IS NULL) <> (judge_by IS NULL)
    """,
    "R1.3 one lead a contact": """
        SELECT min(id::text)::uuid FROM leads_lead WHERE state <> 'merged' GROUP BY contact_id HAVING count(*) > 1
    """,
    "R1.1 who can be worked on can be reached": """
        SELECT l.id FROM leads_lead l WHERE l.state NOT IN ('invalid', 'merged')
        AND NOT EXISTS (SELECT 1 FROM contacts_contactpoint p WHERE p.contact_id = l.contact_id)
    """,
    "R1.4 every lead came by an arrival": """
        SELECT l.id FROM leads_lead l JOIN person p ON p.id = l.contact_id
        WHERE NOT EXISTS (SELECT 1 FROM outreach_arrival a WHERE a.contact_id = p.now)
    """,
    "R1.4 every arrival is on the timeline": """
        SELECT coalesce(a.now, e.now)
        FROM (SELECT p.now, count(*) AS n FROM outreach_arrival a JOIN person p ON p.id = a.contact_id GROUP BY 1) a
        FULL JOIN (SELECT p.now, count(*) AS n FROM core_event e JOIN person p ON p.id = e.contact_id
                   WHERE e.verb IN ('captured', 'arrived') GROUP BY 1) e
        USING (now) WHERE a.n IS DISTINCT FROM e.n
    """,
    "a lead is captured once": """
        SELECT l.id FROM leads_lead l
        WHERE (SELECT count(*) FROM core_event e WHERE e.subject_id = l.id AND e.verb = 'captured') <> 1
    """,
    "R1.2 of the living ways of a kind exactly one is the first choice": """
        SELECT contact_id FROM contacts_contactpoint GROUP BY contact_id, kind
        HAVING count(*) FILTER (WHERE first_choice) > 1 OR bool_or(first_choice AND dead_at IS NOT NULL)
        OR (count(*) FILTER (WHERE dead_at IS NULL) > 0 AND count(*) FILTER (WHERE first_choice) = 0)
    """,
    "R10.7 who owns an MQL or SQL holds it, in this stage and run, under its due time": """
        SELECT l.id FROM leads_lead l WHERE l.state IN ('mql', 'sql') AND l.owner_id IS NOT NULL
        AND (SELECT count(*) FROM leads_holding h WHERE h.lead_id = l.id AND h.to_at IS NULL AND h.user_id = l.owner_id
             AND h.stage = l.state AND h.run = l.run AND h.due_at = coalesce(l.due_at, l.judge_by)) <> 1
    """,
    "R10.7 nobody holds what nobody owns or what is an opportunity": """
        SELECT l.id FROM leads_lead l JOIN leads_holding h ON h.lead_id = l.id AND h.to_at IS NULL
        WHERE l.state NOT IN ('mql', 'sql') OR l.owner_id IS NULL
    """,
    "R10.7 holdings of a lead follow each other": """
        SELECT id FROM (
            SELECT id, from_at, to_at, lead(from_at) OVER (PARTITION BY lead_id ORDER BY from_at, id) AS following
            FROM leads_holding WHERE lead_id NOT IN (SELECT id FROM joined)) h
        WHERE to_at < from_at OR following < to_at OR (to_at IS NULL AND following IS NOT NULL)
    """,
    "R10.7 an ended holding says how, an open one does not": """
        SELECT id FROM leads_holding WHERE (to_at IS NULL) <> (ended = '')
    """,
    "R6.2 what expired has one event at its due time": """
        SELECT coalesce(h.lead_id, e.subject_id)
        FROM (SELECT lead_id, to_at, count(*) AS n FROM leads_holding WHERE ended = 'expired' GROUP BY 1, 2) h
        FULL JOIN (SELECT o.now AS subject_id, e.at, count(*) AS n FROM core_event e JOIN home o ON o.id = e.subject_id
                   WHERE e.verb = 'expired' GROUP BY 1, 2) e
        ON e.subject_id = h.lead_id AND e.at = h.to_at
        WHERE h.n IS DISTINCT FROM e.n OR (h.n <> 1 AND h.lead_id NOT IN (SELECT id FROM joined))
    """,
    "R6.2 an expired holding ended when it was due": """
        SELECT id FROM leads_holding WHERE ended = 'expired' AND to_at <> due_at
    """,
    "R6.2 who lost a lead to the week is told, once": """
        SELECT h.id FROM leads_holding h WHERE h.ended = 'expired'
        AND (SELECT count(*) FROM accounts_notice n JOIN home o ON o.id = n.subject_id AND o.now = h.lead_id
             WHERE n.kind = 'expired' AND n.user_id = h.user_id AND n.at = h.to_at) <> 1
    """,
    "R6.3 a warning is given once": """
        SELECT min(id::text)::uuid FROM accounts_notice WHERE data ? 'once'
        GROUP BY user_id, kind, subject_id, data->>'once' HAVING count(*) > 1
    """,
    "R10.3 a claim is one holding and one event": """
        SELECT coalesce(h.lead_id, e.subject_id)
        FROM (SELECT lead_id, user_id, from_at FROM leads_holding WHERE began = 'claimed') h
        FULL JOIN (SELECT o.now AS subject_id, by_id, at FROM core_event e JOIN home o ON o.id = e.subject_id
                   WHERE verb = 'claimed') e
        ON e.subject_id = h.lead_id AND e.by_id = h.user_id AND e.at = h.from_at
        WHERE h.lead_id IS NULL OR e.subject_id IS NULL
    """,
    "R10.3 nobody claims more in a day of the firm than allowed": """
        SELECT user_id FROM leads_holding WHERE began = 'claimed'
        GROUP BY user_id, (from_at AT TIME ZONE 'Asia/Shanghai')::date
        HAVING count(*) > coalesce((SELECT value::text::int FROM core_rulevalue WHERE key = 'claims_a_day'), 10)
    """,
    "R10.3 nobody claims what he let go within the cool-down": """
        SELECT c.id FROM leads_holding c JOIN leads_holding h
        ON h.lead_id = c.lead_id AND h.user_id = c.user_id AND h.id <> c.id AND h.ended IN ('expired', 'released')
        WHERE c.began = 'claimed' AND c.lead_id NOT IN (SELECT id FROM joined)
        AND h.to_at <= c.from_at AND h.to_at > c.from_at - make_interval(
            days => coalesce((SELECT value::text::int FROM core_rulevalue WHERE key = 'cooldown_days'), 30))
    """,
    "R10.3 claimable is only what once was an SQL": """
        SELECT l.id FROM leads_lead l WHERE l.claimable AND (l.state <> 'pooled'
        OR NOT EXISTS (SELECT 1 FROM leads_holding h WHERE h.lead_id = l.id AND h.stage = 'sql'))
    """,
    "R4.3 an MQL is accepted once: one event for each holding that began so": """
        SELECT l.id FROM leads_lead l
        WHERE (SELECT count(*) FROM core_event e JOIN home o ON o.id = e.subject_id
               WHERE o.now = l.id AND e.verb = 'accepted')
           <> (SELECT count(*) FROM leads_holding h WHERE h.lead_id = l.id AND h.began = 'accepted')
    """,
    "R1.3 each return to the trunk is a run": """
        SELECT l.id FROM leads_lead l WHERE l.run <> 1 + (
            SELECT count(*) FROM core_event e WHERE e.subject_id = l.id
            AND (e.verb IN ('reactivated', 'claimed') OR (e.verb = 'qualified' AND e.from_state = 'pooled')))
    """,
    "R15.4 the timeline of a lead is a chain that ends where it is": """
        SELECT s.subject_id FROM (
            SELECT subject_id, from_state, to_state,
                   lag(to_state) OVER w AS before, lead(to_state) OVER w IS NULL AS last
            FROM core_event WHERE subject_type = 'lead' WINDOW w AS (PARTITION BY subject_id ORDER BY at, id)) s
        LEFT JOIN leads_lead l ON l.id = s.subject_id
        WHERE l.id IS NULL OR (s.before IS NOT NULL AND s.from_state <> s.before) OR (s.last AND s.to_state <> l.state)
    """,
    "R15.4 the moves of an opportunity are a chain that ends where it is": moves(
        "opportunity", "opportunities_opportunity", "stage"
    ),
    "R5.2 a converted lead has an open or won opportunity of this run, or its company is a customer (R8.7)": f"""
        SELECT l.id FROM leads_lead l WHERE l.state = 'converted' AND NOT EXISTS (
            SELECT 1 FROM opportunities_opportunity o WHERE o.lead_id = l.id AND o.kind = 'new_business'
            AND o.run = l.run AND (o.stage IN {OPEN} OR o.stage = 'won'))
        AND NOT EXISTS (
            SELECT 1 FROM contacts_contact c JOIN contacts_company f ON f.id = c.company_id
            WHERE c.id = l.contact_id AND f.customer_since IS NOT NULL)
    """,
    "R5.2 an open new-business opportunity has its lead, its run, its person and its owner": f"""
        SELECT o.id FROM opportunities_opportunity o JOIN leads_lead l ON l.id = o.lead_id
        WHERE o.kind = 'new_business' AND o.stage IN {OPEN} AND (l.state <> 'converted' OR l.run <> o.run
        OR l.owner_id IS DISTINCT FROM o.owner_id OR l.contact_id IS DISTINCT FROM o.contact_id)
    """,
    "R5.2 a conversion is one event and one opportunity": """
        SELECT l.id FROM leads_lead l
        WHERE (SELECT count(*) FROM core_event e JOIN home h ON h.id = e.subject_id
               WHERE h.now = l.id AND e.verb = 'converted')
           <> (SELECT count(*) FROM opportunities_opportunity o WHERE o.lead_id = l.id AND o.kind = 'new_business')
    """,
    "R5.1 an opportunity names a product": """
        SELECT o.id FROM opportunities_opportunity o
        WHERE NOT EXISTS (SELECT 1 FROM opportunities_opportunityproduct p WHERE p.opportunity_id = o.id)
    """,
    "R8.7 what is lost has a reason, what is closed a time": """
        SELECT id FROM opportunities_opportunity WHERE (stage = 'lost') <> (lost_reason <> '')
        OR (stage IN ('won', 'lost')) <> (closed_at IS NOT NULL)
    """,
    "R8.8 won is what has a signed order, and nothing else": f"""
        SELECT o.id FROM opportunities_opportunity o WHERE (o.stage = 'won') <> EXISTS (
            SELECT 1 FROM orders_order r WHERE r.opportunity_id = o.id AND r.state IN {SIGNED})
    """,
    "R9.1 a signed order has its day, its first day, and the opportunity's amount": f"""
        SELECT r.id FROM orders_order r JOIN opportunities_opportunity o ON o.id = r.opportunity_id
        WHERE r.state IN {SIGNED} AND (r.signed_on IS NULL OR r.starts_on IS NULL OR o.amount <> r.total
        OR (r.ends_on IS NULL) <> (r.term_months IS NULL AND r.term_days IS NULL))
    """,
    "R9.4 after the signature there is one next chance": f"""
        SELECT r.id FROM orders_order r WHERE r.state IN {SIGNED} AND (
            SELECT count(*) FROM opportunities_opportunity o WHERE o.signed_before_id = r.opportunity_id
            AND o.kind IN {NEXT} AND o.company_id = r.company_id) <> 1
    """,
    "R13.1 whose order is signed is a customer with an owner": f"""
        SELECT c.id FROM contacts_company c JOIN orders_order r ON r.company_id = c.id AND r.state IN {SIGNED}
        WHERE c.customer_since IS NULL OR c.owner_id IS NULL
    """,
    "R9.1 numbers of contracts of a year have no gap and no double": """
        SELECT min(id::text)::uuid FROM orders_order GROUP BY split_part(number, '-', 1)
        HAVING count(*) <> max(split_part(number, '-', 2)::int) OR count(DISTINCT number) <> count(*)
    """,
}

STATEMENT = BEFORE + "\nUNION ALL\n".join(
    f"SELECT $${name}$$ AS rule, broken::text FROM ({query.strip()}) AS found(broken)"
    for name, query in (RULES | WEEK | MONEY | REACH | POOL).items()
)


def broken(*, again: bool = False) -> list[tuple[str, str]]:
    """Every breach as (rule, id of the record); empty when all is well. Who asks again and again plans it once."""
    with connection.cursor() as cursor:
        if not again:
            cursor.execute(STATEMENT)
            return cursor.fetchall()
        cursor.execute("SELECT 1 FROM pg_prepared_statements WHERE name = 'trunk_laws'")
        if cursor.fetchone() is None:
            cursor.execute(f"PREPARE trunk_laws AS {STATEMENT}")
        cursor.execute("EXECUTE trunk_laws")
        return cursor.fetchall()


def check(*, again: bool = False) -> None:
    """Fail with the first breaches of each rule."""
    if not again and not connection.in_atomic_block and Lead.objects.count() > MANY:
        testdb.analyze()
    found = broken(again=again)
    assert not found, "\n".join(f"{rule}: {pk}" for rule, pk in found[:20])
