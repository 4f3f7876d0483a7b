"""What must be true of how people are reached (R11): sent once, counted once, never against their word.

Joined to tests/invariants.py; each query answers the rows that break the law.
"""

from __future__ import annotations

# What is decided by the machine, and so must keep every law of calm; people by hand go through the same gate, but a
# conversation that a person has is logged when it is over.
MACHINE = "('cadence', 'campaign')"
ZONE = "coalesce(nullif(c.timezone, ''), 'Asia/Shanghai')"

# Two who became one may each have been reached on the same day before anybody knew.
ALONE = "NOT EXISTS (SELECT 1 FROM contacts_contact g WHERE g.merged_into_id = t.contact_id)"

REACH: dict[str, str] = {
    "R11.3 what was sent and not asked for is one touch, done": """
        SELECT m.id FROM outreach_message m WHERE m.state = 'sent' AND NOT m.asked_for AND m.contact_id IS NOT NULL
        AND (SELECT count(*) FROM outreach_touch t WHERE t.message_id = m.id AND t.done) <> 1
    """,
    "R11.3 what was asked for, failed or was withdrawn is no touch": """
        SELECT m.id FROM outreach_message m JOIN outreach_touch t ON t.message_id = m.id
        WHERE m.asked_for OR m.state IN ('failed', 'recalled')
    """,
    "R11.3 what waits has a planned touch, what may have left a done one": """
        SELECT m.id FROM outreach_message m LEFT JOIN outreach_touch t ON t.message_id = m.id
        WHERE NOT m.asked_for AND m.contact_id IS NOT NULL AND (
            (m.state IN ('queued', 'to_do') AND m.taken_at IS NULL AND t.done IS DISTINCT FROM false)
            OR (m.state IN ('sending', 'unknown') AND t.done IS DISTINCT FROM true))
    """,
    "R11.3 nobody gets more than the cap in a day of their own": f"""
        SELECT min(t.id::text)::uuid FROM outreach_touch t JOIN contacts_contact c ON c.id = t.contact_id
        WHERE t.done AND t.message_id IS NOT NULL AND t.function IN {MACHINE} AND {ALONE}
        GROUP BY t.contact_id, (t.at AT TIME ZONE {ZONE})::date
        HAVING count(*) > coalesce((SELECT value::text::int FROM core_rulevalue WHERE key = 'touches_a_day'), 1)
    """,
    "R11.3 nobody gets more than the cap in any seven days": f"""
        SELECT t.id FROM outreach_touch t WHERE t.done AND t.message_id IS NOT NULL AND t.function IN {MACHINE} AND {ALONE}
        AND (SELECT count(*) FROM outreach_touch o WHERE o.contact_id = t.contact_id AND o.done
             AND o.message_id IS NOT NULL AND o.function IN {MACHINE} AND o.at <= t.at AND o.at > t.at - interval '7 days')
            > coalesce((SELECT value::text::int FROM core_rulevalue WHERE key = 'touches_a_week'), 2)
    """,
    "R11.3 nobody is reached at night": f"""
        SELECT t.id FROM outreach_touch t JOIN contacts_contact c ON c.id = t.contact_id
        CROSS JOIN (SELECT string_to_array(coalesce(
            (SELECT value #>> '{{}}' FROM core_rulevalue WHERE key = 'touch_hours'), '09:00-21:00'), '-') AS span) h
        WHERE t.done AND t.message_id IS NOT NULL AND t.function IN {MACHINE} AND t.channel NOT IN ('phone', 'wechat')
        AND ((t.at AT TIME ZONE {ZONE})::time < h.span[1]::time
             OR (t.at AT TIME ZONE {ZONE})::time >= h.span[2]::time)
    """,
    "R11.2 nothing is sent after the person forbade it": """
        SELECT m.id FROM outreach_message m
        JOIN LATERAL (
            SELECT k.given, k.at FROM outreach_consent k WHERE k.contact_id = m.contact_id AND k.at < m.taken_at
            AND k.way <> 'form' AND k.what IN ('all', CASE m.channel WHEN 'phone' THEN 'call' ELSE m.channel END)
            ORDER BY k.at DESC, k.id DESC LIMIT 1) last ON NOT last.given
        WHERE m.state IN ('sent', 'unknown', 'sending') AND m.channel NOT IN ('phone', 'wechat', 'webhook')
        AND NOT EXISTS (SELECT 1 FROM contacts_contact g WHERE g.merged_into_id = m.contact_id)
    """,
    "R11.2 nothing waits for who is forgotten": """
        SELECT m.id FROM outreach_message m JOIN contacts_contact c ON c.id = m.contact_id
        WHERE m.state IN ('queued', 'to_do') AND c.erased_at IS NOT NULL
    """,
    "R1.6 what a person allowed lies with who stays": """
        SELECT k.contact_id FROM outreach_consent k JOIN contacts_contact c ON c.id = k.contact_id
        WHERE c.merged_into_id IS NOT NULL
    """,
    "R11.4 what may have left was taken by somebody": """
        SELECT id FROM outreach_message WHERE state IN ('sending', 'unknown') AND taken_at IS NULL
    """,
    "R11.1 what a person has to do is a call or a WeChat message": """
        SELECT id FROM outreach_message WHERE (state = 'to_do' AND channel NOT IN ('phone', 'wechat'))
        OR (state IN ('queued', 'sending') AND channel IN ('phone', 'wechat'))
    """,
    "R15.4 what was sent and not asked for is on the timeline, once": """
        SELECT m.id FROM outreach_message m WHERE m.state = 'sent' AND NOT m.asked_for AND m.contact_id IS NOT NULL
        AND (SELECT count(*) FROM core_event e WHERE e.subject_id = m.id AND e.verb = 'message_sent') <> 1
    """,
    "R10.2 one reaction an hour of a kind to a message": """
        SELECT r.id FROM outreach_reaction r JOIN outreach_reaction o ON o.message_id = r.message_id AND o.kind = r.kind
        AND o.id <> r.id AND o.at <= r.at AND o.at > r.at - interval '1 hour' AND r.kind IN ('open', 'click', 'call_me')
    """,
}
