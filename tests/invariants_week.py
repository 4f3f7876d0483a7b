"""What must be true of the desk, the hand-over, the week and its extensions; a part of the statement of invariants.py.

Like there: name → a query whose rows are breaches. `home` says which lead stands for a lead after merging, `joined`
which ones another was merged into, `person` the same of contacts.
"""

from __future__ import annotations

A_LEAD = "coalesce((SELECT value::text::int FROM core_rulevalue WHERE key = 'extensions_a_lead'), 2)"
A_REP = "coalesce((SELECT value::text::int FROM core_rulevalue WHERE key = 'extensions_a_rep'), 10)"
GONE = "(SELECT id FROM accounts_user WHERE NOT is_active OR left_at IS NOT NULL)"


def _as_many(verb: str, holdings: str) -> str:
    """Leads with other numbers of these events than of these holdings."""
    return f"""
        SELECT coalesce(e.now, h.lead_id)
        FROM (SELECT o.now, count(*) AS n FROM core_event e JOIN home o ON o.id = e.subject_id
              WHERE {verb} GROUP BY 1) e
        FULL JOIN (SELECT lead_id, count(*) AS n FROM leads_holding WHERE {holdings} GROUP BY 1) h
        ON h.lead_id = e.now WHERE e.n IS DISTINCT FROM h.n AND coalesce(e.now, h.lead_id) NOT IN (SELECT id FROM joined)
    """


WEEK: dict[str, str] = {
    "R2.2 only a lead on the desk is in somebody's hands": """
        SELECT s.lead_id FROM calling_lease s JOIN leads_lead l ON l.id = s.lead_id WHERE l.state <> 'new'
    """,
    "R2.2 a lead that did not answer waits on the desk only": """
        SELECT id FROM leads_lead WHERE state <> 'new' AND call_after IS NOT NULL
    """,
    "R3.2 only an MQL that somebody has is to be called and judged": """
        SELECT id FROM leads_lead WHERE (call_by IS NOT NULL OR judge_by IS NOT NULL)
        AND (state <> 'mql' OR owner_id IS NULL OR call_by IS NULL OR judge_by IS NULL OR call_by < handed_at)
    """,
    "R3.1 each hand-over to a person is one holding and one event": _as_many(
        "e.verb = 'handed_over' AND e.data->>'rep' IS NOT NULL", "stage = 'mql'"
    ),
    "R3.2 what was taken is one holding and one event": _as_many("e.verb = 'taken'", "began = 'taken'"),
    "R3.2 what passed on unjudged has one event at the time it was to be judged": """
        SELECT h.id FROM leads_holding h WHERE h.ended = 'passed_on' AND h.detail = 'not_judged' AND (
            h.to_at <> h.due_at OR (SELECT count(*) FROM core_event e JOIN home o ON o.id = e.subject_id
            WHERE o.now = h.lead_id AND e.verb = 'passed_on' AND e.at = h.to_at
            AND e.data->>'from' = h.user_id::text) <> 1)
    """,
    "R3.2 by the rules nobody gets an MQL again that passed him by": """
        SELECT h.id FROM leads_holding h JOIN core_event e ON e.subject_id = h.lead_id AND e.at = h.from_at
        AND e.verb = 'handed_over' AND e.by_id IS NULL AND e.data->>'rep' = h.user_id::text
        JOIN leads_holding p ON p.lead_id = h.lead_id AND p.user_id = h.user_id AND p.run = h.run
        AND p.ended = 'passed_on' AND p.to_at < h.from_at WHERE h.stage = 'mql'
    """,
    "R4.1 what was returned is one holding and one event": _as_many(
        "e.verb = 'returned'", "ended = 'returned'"
    ),
    "R4.2 a settled dispute has one event, and nobody settled the own": """
        SELECT d.id FROM leads_dispute d WHERE d.settled_by_id = d.by_id OR (d.verdict IN ('legal', 'illegal')) <> (
            (SELECT count(*) FROM core_event e WHERE e.verb = 'settled' AND e.data->>'dispute' = d.id::text) = 1)
    """,
    "R4.1 an objection waits only while the MQL is that rep's": """
        SELECT d.id FROM leads_dispute d LEFT JOIN leads_holding h ON h.id = d.holding_id AND h.to_at IS NULL
        WHERE d.kind = 'objection' AND d.verdict = 'open' AND h.stage IS DISTINCT FROM 'mql'
    """,
    "R4.1 an objection that was settled as illegal ended that holding": """
        SELECT h.id FROM leads_holding h WHERE h.ended = 'returned' AND h.detail = 'settled' AND NOT EXISTS (
            SELECT 1 FROM leads_dispute d WHERE d.holding_id = h.id AND d.verdict = 'illegal' AND d.settled_at = h.to_at)
    """,
    "R6.2 no SQL was held past its due time": """
        SELECT id FROM leads_holding WHERE stage = 'sql' AND (due_at IS NULL OR to_at > due_at)
    """,
    "R6.2 whoever did something with an SQL did it before its due time": """
        SELECT e.id FROM core_event e JOIN home o ON o.id = e.subject_id
        WHERE e.subject_type = 'lead' AND e.from_state = 'sql' AND e.by_id IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM leads_holding h WHERE h.lead_id = o.now AND h.stage = 'sql' AND h.from_at <= e.at
            AND coalesce(h.to_at, e.at) >= e.at AND e.at < h.due_at)
    """,
    "R6.5 what was given back is one holding and one event": _as_many(
        "e.verb = 'released' AND coalesce(e.data->>'detail', '') <> 'left'", "ended = 'released'"
    ),
    "R7.1 nobody decides the own request; what was decided has somebody who did": """
        SELECT id FROM leads_extension WHERE decided_by_id = rep_id
        OR (state IN ('approved', 'rejected')) <> (decided_by_id IS NOT NULL)
    """,
    "R7.1 a request is one event, and so is its decision": """
        SELECT x.id FROM leads_extension x
        WHERE (SELECT count(*) FROM core_event e JOIN home o ON o.id = e.subject_id
               WHERE o.now = x.lead_id AND e.verb = 'extension_asked' AND e.data->>'extension' = x.id::text) <> 1
        OR (SELECT count(*) FROM core_event e JOIN home o ON o.id = e.subject_id
            WHERE o.now = x.lead_id AND e.verb IN ('extension_approved', 'extension_rejected')
            AND e.data->>'extension' = x.id::text AND e.verb = 'extension_' || x.state)
           <> (x.state IN ('approved', 'rejected'))::int
    """,
    "R7.2 no holding has more extensions than allowed, given on or not": f"""
        SELECT min(x.id::text)::uuid FROM leads_extension x JOIN leads_holding h ON h.id = x.holding_id
        WHERE x.state = 'approved' AND x.lead_id NOT IN (SELECT id FROM joined)
        GROUP BY x.lead_id, h.run HAVING count(*) > {A_LEAD}
    """,
    "R7.2 an SQL has had as many extensions as were approved in its run": """
        SELECT l.id FROM leads_lead l WHERE l.state = 'sql' AND l.id NOT IN (SELECT id FROM joined)
        AND l.extensions_used <> (SELECT count(*) FROM leads_extension x JOIN leads_holding h ON h.id = x.holding_id
                                  WHERE x.lead_id = l.id AND x.state = 'approved' AND h.run = l.run)
    """,
    "R7.2 an approval is of the week that ran, and adds to it": """
        SELECT id FROM leads_extension WHERE (state = 'approved') <> (due_after IS NOT NULL)
        OR due_after <= due_before OR asked_at >= due_before
        OR (state <> 'lapsed' AND decided_at >= due_before) OR decided_at > due_before OR decided_at < asked_at
    """,
    "R7.3 nobody has more leads on extension than allowed, but for what a leaver left": f"""
        SELECT l.owner_id FROM leads_lead l WHERE l.state = 'sql' AND l.id NOT IN (SELECT id FROM joined)
        AND l.due_at > (SELECT max(at) FROM core_event)
        AND (l.extensions_used > 0
             OR EXISTS (SELECT 1 FROM leads_extension x WHERE x.lead_id = l.id AND x.state = 'pending'))
        AND NOT EXISTS (SELECT 1 FROM leads_holding h WHERE h.lead_id = l.id AND h.ended = 'left')
        GROUP BY l.owner_id HAVING count(*) > {A_REP}
    """,
    "R7.4 a request waits only for an SQL that its asker holds, under the due time it was asked for": """
        SELECT x.id FROM leads_extension x JOIN leads_lead l ON l.id = x.lead_id
        JOIN leads_holding h ON h.id = x.holding_id
        WHERE x.state = 'pending' AND (l.state <> 'sql' OR l.owner_id <> x.rep_id OR h.to_at IS NOT NULL
        OR h.lead_id <> l.id OR l.due_at <> x.due_before)
    """,
    "R1.6 nothing hangs on who was merged away": """
        SELECT l.id FROM leads_lead l LEFT JOIN contacts_contact c ON c.id = l.contact_id WHERE l.state = 'merged' AND (
            c.merged_into_id IS NULL
            OR EXISTS (SELECT 1 FROM leads_holding x WHERE x.lead_id = l.id)
            OR EXISTS (SELECT 1 FROM leads_extension x WHERE x.lead_id = l.id)
            OR EXISTS (SELECT 1 FROM leads_dispute x WHERE x.lead_id = l.id)
            OR EXISTS (SELECT 1 FROM leads_note x WHERE x.lead_id = l.id)
            OR EXISTS (SELECT 1 FROM calling_call x WHERE x.lead_id = l.id)
            OR EXISTS (SELECT 1 FROM calling_lease x WHERE x.lead_id = l.id)
            OR EXISTS (SELECT 1 FROM opportunities_opportunity x WHERE x.lead_id = l.id)
            OR EXISTS (SELECT 1 FROM contacts_contactpoint x WHERE x.contact_id = l.contact_id)
            OR EXISTS (SELECT 1 FROM outreach_arrival x WHERE x.contact_id = l.contact_id))
    """,
    "R1.6 whoever was merged is somebody who was not": """
        SELECT id FROM contacts_contact WHERE id NOT IN (SELECT id FROM person)
        UNION ALL SELECT id FROM leads_lead WHERE id NOT IN (SELECT id FROM home)
    """,
    "R15.3 who left has nothing open": f"""
        SELECT id FROM leads_lead WHERE owner_id IN {GONE}
        UNION ALL SELECT id FROM leads_holding WHERE to_at IS NULL AND user_id IN {GONE}
        UNION ALL SELECT id FROM leads_extension WHERE state = 'pending' AND rep_id IN {GONE}
        UNION ALL SELECT lead_id FROM calling_lease WHERE user_id IN {GONE}
        UNION ALL SELECT id FROM opportunities_opportunity WHERE stage NOT IN ('won', 'lost') AND owner_id IN {GONE}
        UNION ALL SELECT id FROM orders_order WHERE state IN ('draft', 'in_approval', 'approved') AND owner_id IN {GONE}
        UNION ALL SELECT id FROM contacts_company WHERE owner_id IN {GONE}
        UNION ALL SELECT id FROM accounts_apikey WHERE revoked_at IS NULL AND user_id IN {GONE}
    """,
    "R15.3 who left can neither log in nor get hand-overs": """
        SELECT id FROM accounts_user WHERE left_at IS NOT NULL AND (is_active OR on_duty)
    """,
}
