"""The laws of the pool's cadences (R10.1, R10.5, R11.4); see invariants.py."""

POOL: dict[str, str] = {
    "R10.5 a running entry is of a lead that lies in the pool, in its segment": """
        SELECT e.id FROM pool_entry e JOIN leads_lead l ON l.id = e.lead_id
        WHERE e.state = 'running' AND (l.state <> 'pooled' OR l.pool_segment <> e.segment)
    """,
    "R10.1 an entry begins after its lead came into the pool, and ends after it began": """
        SELECT e.id FROM pool_entry e JOIN leads_lead l ON l.id = e.lead_id
        WHERE e.ended_at < e.started_at OR (e.state = 'running' AND e.started_at < l.pooled_at)
    """,
    "R10.5 nothing waits to be sent of an entry that left the pool or was stopped": """
        SELECT m.id FROM outreach_message m JOIN pool_entry e ON e.id = m.about_id AND m.about_type = 'entry'
        WHERE m.state IN ('queued', 'to_do') AND e.ended_why IN ('left_pool', 'stopped')
    """,
    "R11.4 a message of a cadence names what it is sent once for": """
        SELECT id FROM outreach_message WHERE kind = 'cadence'
        AND (once IS NULL OR step_id IS NULL OR source_id IS NULL OR function <> 'cadence' OR asked_for)
    """,
    "R11.3 what waits or was sent of a cadence is a touch, what was withdrawn or failed is none": """
        SELECT m.id FROM outreach_message m LEFT JOIN outreach_touch t ON t.message_id = m.id WHERE m.kind = 'cadence'
        AND (t.id IS NULL) <> (m.state IN ('recalled', 'failed')) AND m.contact_id IS NOT NULL
    """,
}
