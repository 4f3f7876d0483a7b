"""The group robot of WeCom: one post tells a whole team. It reaches colleagues, never customers."""

from __future__ import annotations

import json
from urllib.parse import quote

from django.utils.translation import gettext_lazy as _

from outreach.channels import wire
from outreach.channels.base import Later, MayHaveLeft, NotSent, Outgoing, Plain, Sent, Setting
from outreach.channels.wecom.language import LANGUAGE

MOST = 2048  # bytes of a text
# What the robot says, and what it means.
BUSY, TOO_OFTEN = {-1}, {45009, 45033}
NO_ROBOT = {93000, 93004, 93008, 40001, 40013, 40014, 41001, 42001, 48002, 60011, 301002}


class WecomRobot(Plain):
    """Posts a text into a group."""

    kind = "wechat"
    code = "wecom"
    label = _("WeCom group robot")
    about = _("Tells a group of colleagues. Customers are written to by a person.")
    settings = (
        Setting(
            "key", _("Key of the robot"), secret=True, help=_("What stands behind “key=” in its address.")
        ),
        Setting("endpoint", _("Address"), required=False, default="https://qyapi.weixin.qq.com"),
        LANGUAGE,
    )

    def send(self, message: Outgoing) -> Sent:
        """Post it. Raises NotSent, Later, MayHaveLeft."""
        url = f"{self.values['endpoint'].rstrip('/')}/cgi-bin/webhook/send?key={quote(self.values['key'], safe='')}"
        text = f"{message.subject}\n{message.text}" if message.subject else message.text
        body = {"msgtype": "text", "text": {"content": shortened(text)}}
        answer = wire.post(
            url, json.dumps(body, ensure_ascii=False).encode(), {"Content-Type": "application/json"}
        )
        wire.judge(answer)
        said = answer.json()
        code = said.get("errcode")
        if not isinstance(code, int):
            raise MayHaveLeft("WeCom: ?")
        why = f"WeCom {code}: {str(said.get('errmsg', ''))[:120]}"
        if code in TOO_OFTEN:
            raise Later(why, after=60)
        if code in BUSY or code in NO_ROBOT:
            raise Later(why, down=True)
        if code:
            raise NotSent(why)
        return Sent()


def shortened(text: str) -> str:
    """The text within what a robot takes, cut between two signs."""
    raw = text.encode()
    return text if len(raw) <= MOST else raw[: MOST - 3].decode(errors="ignore") + "…"
