"""P2, P1: lists by API and page among many leads, against the same rows fetched and serialised by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial

from bench.database import analyze
from bench.measure import Figure, each, p95, spread

ROUNDS = 60
BY_HAND = """
SELECT l.id, l.state, c.name, c.company_name, p.value, u.login, l.due_at, l.created_at, l.channel, l.version
FROM leads_lead l JOIN contacts_contact c ON c.id = l.contact_id LEFT JOIN accounts_user u ON u.id = l.owner_id
LEFT JOIN LATERAL (SELECT value FROM contacts_contactpoint p WHERE p.contact_id = c.id AND p.first_choice LIMIT 1) p ON true
WHERE l.state <> 'merged' ORDER BY l.created_at DESC, l.id DESC LIMIT 50
"""


def run(size: int) -> Iterator[Figure]:
    """The API's list of 50 and the pages of leads and pool among so many leads."""
    from django.db import connection
    from django.test import Client

    from accounts.services import make_key
    from tests.races import scene

    firm = scene.firm(reps=16)
    scene.captured(firm.max, size)
    scene.pooled(firm, size // 10)
    scene.mqls(firm, [firm.rita] * 30)
    analyze()
    key = make_key(firm.max, scope="read")
    program = Client(headers={"Authorization": f"Bearer {key}"})

    def by_hand() -> None:
        with connection.cursor() as cursor:
            cursor.execute(BY_HAND)
            names = [column.name for column in cursor.description]
            json.dumps([dict(zip(names, row, strict=True)) for row in cursor.fetchall()], default=str)

    def get(client: Client, url: str) -> None:
        answer = client.get(url)
        assert answer.status_code == 200, (url, answer.status_code, answer.content[:300])

    plain = each([by_hand] * ROUNDS)
    listed = each([partial(get, program, "/api/v1/leads/?page_size=50")] * ROUNDS)
    yield Figure(
        f"API list of 50 among {size:,} leads",
        spread(listed),
        f"SQL + json: {spread(plain)}",
        p95(listed) / p95(plain),
    )
    for login, path in (
        (firm.max, "/leads/"),
        (firm.rita, "/leads/"),
        (firm.rita, "/pool/"),
        (firm.rita, "/"),
    ):
        client = Client()
        client.force_login(login)
        get(client, path)
        yield Figure(f"page {path} of {login.hats[0]}", spread(each([partial(get, client, path)] * ROUNDS)))
