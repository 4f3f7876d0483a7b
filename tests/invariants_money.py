"""What must be true of quotes, contracts, orders, their money and the mail about them; a part of invariants.py's statement.

Like there: name → a query whose rows are breaches. No sum is taken over from the product: each is reckoned here anew.
"""

from __future__ import annotations

SIGNED = "('signed', 'in_force', 'ended', 'terminated')"
UNSIGNED = "('draft', 'in_approval', 'approved')"
DAY = "AT TIME ZONE 'Asia/Shanghai'"  # the firm's midnight of a day, the firm's day of an instant


def _adds_up(table: str, lines: str, head: str) -> str:
    """Lines to the cent; less the discount on all; the tax in it or on it. The division is checked without dividing."""
    return f"""
        SELECT t.id FROM {table} t CROSS JOIN LATERAL (
            SELECT coalesce(sum(x.total), 0) AS lines,
                   coalesce(bool_or(x.total <> round(
                       x.quantity::numeric * x.periods * x.unit_price * (100 - x.discount) / 100, 2)), false) AS wrong
            FROM {lines} x WHERE x.{head} = t.id) s
        CROSS JOIN LATERAL (SELECT s.lines - round(s.lines * t.discount / 100, 2) AS left) r
        WHERE s.wrong OR t.net + t.tax <> t.total OR CASE WHEN t.with_tax
            THEN t.total <> r.left OR abs(t.net * (100 + t.tax_rate) - r.left * 100) > (100 + t.tax_rate) * 0.005
            ELSE t.net <> r.left OR t.tax <> round(r.left * t.tax_rate / 100, 2) END
    """


def moves(subject: str, table: str, state: str) -> str:
    """The moves of a record follow each other, end where it is, and none is told before what led to it."""
    return f"""
        SELECT s.subject_id FROM (
            SELECT subject_id, from_state, to_state,
                   lag(to_state) OVER w AS before, lead(to_state) OVER w IS NULL AS last
            FROM core_event WHERE subject_type = '{subject}' AND from_state <> to_state
            WINDOW w AS (PARTITION BY subject_id ORDER BY at, id)) s
        LEFT JOIN {table} t ON t.id = s.subject_id
        WHERE t.id IS NULL OR s.from_state <> coalesce(s.before, '') OR (s.last AND s.to_state <> t.{state})
    """


def _told(verb: str, where: str) -> str:
    """The events of this verb about the order `r` (as many as this condition holds of its payments, say)."""
    return f"(SELECT count(*) FROM core_event e WHERE e.subject_id = r.id AND e.verb = '{verb}'{where})"


MONEY: dict[str, str] = {
    "R9.5 a quote adds up: lines, discount, tax": _adds_up(
        "opportunities_quote", "opportunities_quoteline", "quote_id"
    ),
    "R9.3 a contract adds up: lines, discount, tax": _adds_up("orders_order", "orders_orderline", "order_id"),
    "R9.5 numbers of quotes of a year have no gap and no double": """
        SELECT min(id::text)::uuid FROM opportunities_quote GROUP BY split_part(number, '-', 2)
        HAVING count(DISTINCT number) <> max(split_part(number, '-', 3)::int)
    """,
    "R9.5 revisions of a quote follow each other, and only the last one stands": """
        SELECT min(id::text)::uuid FROM opportunities_quote GROUP BY number
        HAVING count(*) <> max(revision) OR count(DISTINCT opportunity_id) <> 1
        OR count(*) FILTER (WHERE state <> 'revised') <> 1
        OR max(revision) FILTER (WHERE state <> 'revised') <> max(revision)
    """,
    "R9.5 a quote is accepted exactly while a contract of it stands": """
        SELECT q.id FROM opportunities_quote q WHERE (q.state = 'accepted') <> EXISTS (
            SELECT 1 FROM orders_order r WHERE r.quote_id = q.id AND r.state <> 'cancelled')
    """,
    "R9.5 what was accepted is the contract, until somebody changes it": """
        SELECT r.id FROM orders_order r JOIN opportunities_quote q ON q.id = r.quote_id
        WHERE (r.opportunity_id, r.currency) <> (q.opportunity_id, q.currency)
        OR ((r.total, r.net, r.tax, r.listed) <> (q.total, q.net, q.tax, q.listed) AND NOT EXISTS (
            SELECT 1 FROM core_event e WHERE e.subject_id = r.id AND e.verb = 'order_changed'))
    """,
    "R9.5 each sending of a quote is one message in the outbox": """
        SELECT q.id FROM opportunities_quote q WHERE (q.sent_at IS NOT NULL AND q.sent_to = '')
        OR (SELECT count(*) FROM outreach_message m WHERE m.about_id = q.id AND m.kind = 'quote')
        <> (SELECT count(*) FROM core_event e WHERE e.subject_id = q.opportunity_id AND e.verb = 'quote_sent'
            AND e.data->>'quote' = q.id::text)
        OR (q.sent_at IS NOT NULL) <> EXISTS (
            SELECT 1 FROM outreach_message m WHERE m.about_id = q.id AND m.kind = 'quote')
    """,
    "R11.4 what was taken was tried, and what is sent has a time": """
        SELECT id FROM outreach_message WHERE (tries = 0 AND taken_at IS NOT NULL)
        OR (state = 'sent') <> (sent_at IS NOT NULL) OR (state IN ('sending', 'sent', 'unknown') AND tries = 0)
    """,
    "R9.4 a signature is thanked for at most once, and nothing else is": f"""
        SELECT m.about_id FROM outreach_message m LEFT JOIN orders_order r ON r.id = m.about_id AND r.state IN {SIGNED}
        WHERE m.kind = 'thank_you' GROUP BY m.about_id HAVING count(*) > 1 OR count(r.id) <> count(*)
    """,
    "R15.4 the moves of a contract are a chain that ends where it is": moves(
        "order", "orders_order", "state"
    ),
    "R9.1 signed once, and only what is signed was": f"""
        SELECT r.id FROM orders_order r WHERE {_told("signed", "")} <> (r.state IN {SIGNED})::int
        OR (r.state NOT IN {SIGNED} AND r.signed_on IS NOT NULL)
    """,
    "R9.1 in force from its first day, ended after its last": f"""
        SELECT r.id FROM orders_order r WHERE
        (r.state = 'in_force' AND {_told("in_force", f" AND e.at >= r.starts_on::timestamp {DAY}")} <> 1)
        OR (r.state = 'ended' AND ({_told("ended", " AND e.at = r.closed_at")} <> 1 OR r.ends_on IS NULL
            OR r.closed_at < (r.ends_on + 1)::timestamp {DAY}))
        OR (r.ends_on < r.starts_on)
    """,
    "R9.1 terminated between the signature and the day on which it was said": f"""
        SELECT r.id FROM orders_order r WHERE (r.state = 'terminated') <> (r.terminated_on IS NOT NULL)
        OR (r.state = 'terminated' AND (r.terminated_on < r.signed_on OR r.terminated_on > (r.closed_at {DAY})::date))
    """,
    "R9.1 what is over has its time": """
        SELECT id FROM orders_order
        WHERE (state IN ('ended', 'cancelled', 'terminated')) <> (closed_at IS NOT NULL)
    """,
    "R9.2 a question has one answer, or still waits, or was given up": f"""
        SELECT r.id FROM orders_order r WHERE {_told("submitted", "")}
        <> {_told("approved", " AND e.from_state = 'in_approval'")} + {_told("rejected", "")}
         + (r.state = 'in_approval')::int + {_told("cancelled", " AND e.from_state = 'in_approval'")}
    """,
    "R9.2 nobody's own word lets a contract through": """
        SELECT r.id FROM orders_order r JOIN core_event e ON e.subject_id = r.id AND e.verb IN ('approved', 'rejected')
        AND NOT e.data ? 'standard' WHERE e.by_id = (
            SELECT s.by_id FROM core_event s WHERE s.subject_id = r.id AND s.verb = 'submitted'
            AND (s.at, s.id) < (e.at, e.id) ORDER BY s.at DESC, s.id DESC LIMIT 1)
    """,
    "R9.3 never more went back than came in, and only for what is signed": f"""
        SELECT p.order_id FROM orders_payment p JOIN orders_order r ON r.id = p.order_id
        GROUP BY p.order_id HAVING bool_or(r.state NOT IN {SIGNED})
        OR sum(CASE p.kind WHEN 'receipt' THEN p.amount ELSE -p.amount END) < 0
    """,
    "R9.3 each payment is one event of its amount": """
        SELECT coalesce(p.order_id, e.subject_id) FROM orders_payment p
        FULL JOIN (SELECT subject_id, data->>'payment' AS payment, data->>'amount' AS amount,
                          CASE verb WHEN 'paid' THEN 'receipt' ELSE 'refund' END AS kind
                   FROM core_event WHERE verb IN ('paid', 'refunded')) e
        ON e.payment = p.id::text AND e.subject_id = p.order_id AND e.kind = p.kind AND e.amount::numeric = p.amount
        WHERE p.id IS NULL OR e.payment IS NULL
    """,
    "R9.3 a bank's receipt is booked once, with what the bank says": """
        SELECT w.id FROM orders_bankrow w JOIN orders_payment p ON p.id = w.payment_id
        WHERE (w.amount, w.paid_on, w.reference, w.order_id) IS DISTINCT FROM (p.amount, p.paid_on, p.reference, p.order_id)
    """,
    "R9.3 the parts of a schedule add up to the total": """
        SELECT i.order_id FROM orders_instalment i JOIN orders_order r ON r.id = i.order_id
        GROUP BY i.order_id, r.total HAVING sum(i.amount) <> r.total
    """,
    "R9.4 what is scheduled has its day, follows a signature, and was scheduled once": f"""
        SELECT o.id FROM opportunities_opportunity o WHERE
        (o.stage = 'scheduled' AND (o.active_on IS NULL OR o.signed_before_id IS NULL))
        OR (o.signed_before_id IS NOT NULL) <> ((SELECT count(*) FROM core_event e
            WHERE e.subject_id = o.id AND e.verb = 'scheduled') = 1)
        OR (o.signed_before_id IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM orders_order r WHERE r.opportunity_id = o.signed_before_id AND r.state IN {SIGNED}))
    """,
    "R9.4 it becomes active once, on its day": f"""
        SELECT o.id FROM opportunities_opportunity o JOIN core_event e ON e.subject_id = o.id AND e.verb = 'activated'
        GROUP BY o.id, o.active_on, o.created_at HAVING count(*) > 1
        OR min(e.at) <> greatest(o.active_on::timestamp {DAY}, o.created_at)
    """,
    "R9.4 of what was terminated nothing waits or is open any more": """
        SELECT o.id FROM opportunities_opportunity o JOIN orders_order r ON r.opportunity_id = o.signed_before_id
        WHERE o.stage NOT IN ('won', 'lost') AND r.state = 'terminated'
    """,
    "R8.7 no contract waits for what is lost": f"""
        SELECT r.id FROM orders_order r JOIN opportunities_opportunity o ON o.id = r.opportunity_id
        WHERE r.state IN {UNSIGNED} AND o.stage IN ('lost', 'won')
    """,
}
